/** What happens to tasks behind the back of who looks after them: other programs, mailcow's UI, the engine, the clock. */
import { describe, expect, test } from '@jest/globals';
import { attendWorld, logOf, type AttendWorld } from './attend-world.ts';

const inbox = { mode: 'inbox' as const };
const older = { deleteRemote: true, older: 30 };
const record = (world: AttendWorld) => world.records.tasks()[0];

describe('the log of a run with another login than the task has now', () => {
  test('marks nothing: the round of the engine began before the edit', async () => {
    const world = attendWorld();
    world.addTask({ ...inbox, ...older });
    await world.look();
    world.endRun(logOf([[4, 14]]).replace('user [anna]', 'user [bert]'));
    await world.look();
    expect(world.asked.filter((line) => !line.startsWith('delete'))).toEqual([]);
    expect(world.lines).toContainEqual(expect.stringMatching(/^warn: .*not of the login/));
    expect(record(world)?.phase).toBe('idle');
  });

  test('marks nothing: somebody changed the login in mailcow while it ran', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.jobs.set(7, { ...world.job(), user: 'bert' });
    world.endRun(logOf([[4, 14]]));
    await world.look();
    expect(world.asked).toEqual([]);
  });

  test('marks nothing: it does not say whose it is', async () => {
    const world = attendWorld();
    world.addTask(inbox);
    await world.look();
    world.endRun(logOf([[4, 14]]).replace(/^Host1.*\n/, ''));
    await world.look();
    expect(world.asked).toEqual([]);
  });
});
