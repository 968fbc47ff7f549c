/** `npm run sandbox`: entry of the process, nothing else. */
import { join } from 'node:path';
import { runSandbox } from './sandbox.ts';

const root = join(import.meta.dirname, '..', '..');
const typedIn = process.env['INIT_CWD'] ?? process.cwd();
process.exit(await runSandbox({ args: process.argv.slice(2), root, typedIn }));
