/**
 * A thousand syncs in one process, as a daemon makes them; prints the heap after each hundred, in MiB. Run with
 * --expose-gc, by soak.test.ts.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMailcow } from '../../src/mailcow/mailcow.ts';
import { openState } from '../../src/state/state.ts';
import { person } from '../support/builders.ts';
import { openWorld } from '../support/builders-sync.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';

const folder = await mkdtemp(join(tmpdir(), 'soak-'));
const server = await startMailcow();
const mailcow = openMailcow({ baseUrl: server.url, apiKey: server.apiKey });
const world = openWorld(mailcow, { state: openState(join(folder, 'state.sqlite3')) });
const people = Array.from({ length: 60 }, (_, index) => person(`p${index}`, { aliases: [`a${index}`] }));
const heap: number[] = [];
for (let sync = 0; sync < 1000; sync++) {
  // Every tenth sync somebody has another name, every fiftieth reads everything.
  const [first, ...others] = people;
  const renamed = person(first?.id ?? '', { name: `Name ${Math.floor(sync / 10)}`, aliases: ['a0'] });
  await world.sync([renamed, ...others], { audit: sync % 50 === 0 });
  world.lines.length = 0;
  if (sync % 100 !== 99) continue;
  globalThis.gc?.();
  // The stand-in keeps a log of all writes: that is its, not ours.
  heap.push(Math.round((process.memoryUsage().heapUsed / 1024 / 1024) * 10) / 10);
}
world.state.close();
mailcow.close();
await server.close();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify(heap)}\n`);
