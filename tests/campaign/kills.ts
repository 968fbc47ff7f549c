/** kill -9 of the real program, at a moment that is counted in calls and not in seconds. */
import { startChild } from './program.ts';
import type { World } from './world.ts';

/** Around which call, and where: `unsent` mailcow never gets it, `during` mailcow carries it out all the same. */
const moments = ['unsent', 'during', 'unanswered', 'answered'] as const;

/** Starts a sync and kills it at its nth call; ends well when there are not so many. */
export async function killSync(world: World): Promise<void> {
  const { now, dice, watcher, front, tell, count } = world;
  const moment = dice.pick(moments) ?? 'during';
  const onlyWrites = dice.chance(0.8);
  let left = onlyWrites ? dice.below(3) : dice.below(12);
  const child = startChild(world, ['sync']);
  const state = { killed: false };
  const kill = (): void => {
    state.killed = true;
    watcher.senderDied();
    child.process.kill('SIGKILL');
  };
  const isIt = (isWrite: boolean): boolean => !state.killed && (isWrite || !onlyWrites) && left-- === 0;
  let target: unknown;
  now.onArrival = (call) => {
    if (state.killed) return 'swallow';
    if (!isIt(call.isWrite)) return 'forward';
    target = call;
    if (moment === 'unsent' || moment === 'during') kill();
    return moment === 'unsent' ? 'swallow' : 'forward';
  };
  now.onDone = (call) => {
    if (call === target && moment === 'unanswered') kill();
  };
  now.onAnswered = (call) => {
    if (call === target && moment === 'answered') setTimeout(kill, dice.below(4));
  };
  const { code } = await child.ended;
  now.onArrival = undefined;
  now.onDone = undefined;
  now.onAnswered = undefined;
  // What is under way goes on, sometimes into the next sync.
  if (dice.chance(0.7)) await front.idle();
  count('syncs');
  count('child processes');
  if (state.killed) count('kills');
  if (code !== undefined && [0, 3, 4].includes(code)) watcher.readings.confirm();
  tell(
    state.killed ? `sync killed, ${moment}` : `sync was to be killed, but ended with ${code ?? 'nothing'}`,
  );
}
