/** mailcow's imapsync_runner.pl against the tables of the stand-in (facts/imapsync.md section 2.3). */
import { setTimeout as wait } from 'node:timers/promises';
import type { SyncJobRow } from '../mailcow/rows.ts';
import { touched, type Store } from '../mailcow/store.ts';
import { commandOf } from './command.ts';
import { dueJobs } from './due.ts';
import { readExit } from './exits.ts';
import { imapsync, type Place } from './imapsync.ts';
import type { Options } from './options.ts';

export type RunnerOptions = {
  /** The tables of the stand-in, `standIn.store.tables`. */
  readonly store: Store;
  /** mailcow's own Dovecot, and who may open every mailbox of it. */
  readonly local: Place & {
    readonly security?: Options['security1'];
    readonly masterUser: string;
    readonly masterPassword: string;
  };
  /** Between two rounds; left out, only `runOnce` makes rounds. mailcow has a minute. */
  readonly roundMs?: number;
  /**
   * How long a minute of `mins_interval` is. Without it 60 s on the store's clock; with it real time, counted from what
   * this runner itself ended.
   */
  readonly minuteMs?: number;
  /** Where a host of a job really is; left out, where it says. */
  readonly resolve?: (host: string, port: number) => Place;
  /** After each copied message. */
  readonly pace?: number;
};

/** The jobs of one round in the order in which they ran. */
export type Round = { readonly jobs: readonly number[] };

export type Runner = {
  /** Ends after the job that is under way; throws what a round that nobody waited for threw. */
  readonly stop: () => Promise<void>;
  /** Stops in the middle of everything as a restart of the container does: nothing more is written. */
  readonly crash: () => Promise<void>;
  /** Those that are over, the empty ones too. */
  readonly rounds: () => readonly Round[];
  /** One round after the one that is under way. */
  readonly runOnce: () => Promise<Round>;
};

type State = {
  readonly options: RunnerOptions;
  readonly rounds: Round[];
  /** Real moments of the ends by job, with what was written as `last_run`. */
  readonly ends: Map<number, { readonly lastRun: string | null; readonly at: number }>;
  readonly stopping: AbortController;
  readonly killing: AbortController;
};

let nextPid = 20_000;

/** Starts it: as at each start of the real one, no job is marked as running. */
export function startRunner(options: RunnerOptions): Runner {
  const state: State = {
    ...{ options, rounds: [], ends: new Map() },
    ...{ stopping: new AbortController(), killing: new AbortController() },
  };
  resetRunning(options.store);
  let last: Promise<unknown> = Promise.resolve();
  const runOnce = (): Promise<Round> => {
    const round = last.then(() => runRound(state));
    last = round.catch(() => undefined);
    return round;
  };
  const loop = options.roundMs === undefined ? Promise.resolve() : repeat(state, options.roundMs, runOnce);
  let failure: unknown;
  const looping = loop.catch((error: unknown) => {
    failure = error;
  });
  const end = async (): Promise<void> => {
    state.stopping.abort();
    await looping;
    await last;
  };
  return {
    stop: async () => {
      await end();
      if (failure !== undefined) throw failure as Error;
    },
    crash: async () => {
      state.killing.abort();
      await end();
    },
    rounds: () => [...state.rounds],
    runOnce,
  };
}

async function repeat({ stopping }: State, everyMs: number, runOnce: () => Promise<Round>): Promise<void> {
  while (!stopping.signal.aborted) {
    await runOnce();
    // A test that failed before its end must not keep the process.
    await wait(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
  }
}

function resetRunning(store: Store): void {
  for (const { id } of store.syncJobs.values()) change(store, id, { isRunning: 0 });
}

/** A job that is gone takes no change. */
function change(store: Store, id: number, fields: Partial<SyncJobRow>): void {
  const row = store.syncJobs.get(id);
  if (row) store.syncJobs.set(id, touched(store, { from: row, to: { ...row, ...fields } }));
}

/** The list is made once: what happens to a job after that changes nothing in this round. */
async function runRound(state: State): Promise<Round> {
  const { stopping, options } = state;
  const jobs: number[] = [];
  resetRunning(options.store);
  for (const job of dueJobs(options.store.syncJobs.values(), timingOf(state))) {
    if (stopping.signal.aborted) break;
    if (await runJob(state, job)) jobs.push(job.id);
  }
  state.rounds.push({ jobs });
  return { jobs };
}

function timingOf({ options, ends }: State): Parameters<typeof dueJobs>[1] {
  const { store, minuteMs } = options;
  const byClock = (job: SyncJobRow): number => momentOf(store.now()) - momentOf(job.lastRun ?? '');
  if (minuteMs === undefined) return { elapsedMs: byClock, minuteMs: 60_000 };
  const elapsedMs = (job: SyncJobRow): number => {
    const end = ends.get(job.id);
    return end?.lastRun === job.lastRun ? Date.now() - end.at : byClock(job);
  };
  return { elapsedMs, minuteMs };
}

const momentOf = (sqlTime: string): number => Date.parse(`${sqlTime.replace(' ', 'T')}Z`);

/** False: killed, nothing was written. */
async function runJob(state: State, job: SyncJobRow): Promise<boolean> {
  const { options, ends, killing } = state;
  const { store } = options;
  change(store, job.id, { isRunning: 1, success: null, exitStatus: null });
  const returnedText = await outputOf(state, job);
  if (killing.signal.aborted || returnedText === undefined) return false;
  change(store, job.id, { returnedText, ...readExit(returnedText) });
  const lastRun = store.now();
  ends.set(job.id, { lastRun, at: Date.now() });
  change(store, job.id, { lastRun, isRunning: 0 });
  return true;
}

/** The output of imapsync; undefined when it was killed. Throws for what is not imitated. */
async function outputOf({ options, killing }: State, job: SyncJobRow): Promise<string | undefined> {
  const { store, local, resolve, pace } = options;
  nextPid += 1;
  try {
    return await imapsync(commandOf(job, local.masterUser), {
      password1: job.password1,
      password2: local.masterPassword,
      local: { ...local, security: local.security ?? 'if-offered' },
      resolve: resolve ?? ((host, port) => ({ host, port })),
      now: () => new Date(momentOf(store.now())),
      paceMs: pace ?? 0,
      pid: nextPid,
      killed: killing.signal,
    });
  } catch (error) {
    if (killing.signal.aborted) return undefined;
    throw error;
  }
}
