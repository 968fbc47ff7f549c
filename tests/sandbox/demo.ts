/** `npm run demo`: entry of the process, nothing else. */
import { join } from 'node:path';
import { runDemo } from './demo/start.ts';

process.exit(await runDemo(join(import.meta.dirname, '..', '..')));
