/**
 * What the program imapsync (2.178, as mailcow has it) does, as far as tests need it: the rules are those of
 * facts/imapsync.md, of its documentation, and of logs in public issues of imapsync/imapsync. What is not imitated throws.
 */
import type { ImapFlow } from 'imapflow';
import { setTimeout as wait } from 'node:timers/promises';
import { openHosts, type Host } from './connect.ts';
import { Ending, exitOf, mostErrors, renderExit, type ExitName } from './exits.ts';
import { listPairs } from './folders.ts';
import { renderErrors, renderFolder, renderMoment, renderStatistics } from './log.ts';
import { parseOptions, type Options } from './options.ts';
import { writePidfile } from './pidfile.ts';
import { createJournal, noTally, type Journal, type Session } from './session.ts';
import { syncFolder } from './transfer.ts';

export type Place = { readonly host: string; readonly port: number };

export type Surroundings = {
  readonly password1: string;
  readonly password2: string;
  /** Where host2 really is. */
  readonly local: Place & { readonly security: Options['security1'] };
  /** Where a host1 of this name really is. */
  readonly resolve: (host: string, port: number) => Place;
  /** The clock of mailcow. */
  readonly now: () => Date;
  /** After each copied message. */
  readonly paceMs: number;
  readonly pid: number;
  /** Cuts the run as a kill does. */
  readonly killed: AbortSignal;
};

/** Runs one command line to its end and gives its output; throws when it was killed. */
export async function imapsync(command: readonly string[], around: Surroundings): Promise<string> {
  const options = parseOptions(command);
  if (typeof options === 'string') return options;
  const journal = createJournal();
  const opened: ImapFlow[] = [];
  const cut = (): void => {
    for (const client of opened) client.close();
  };
  around.killed.addEventListener('abort', cut);
  try {
    await runWithPidfile({ options, around, journal, opened, command });
    return journal.text();
  } finally {
    around.killed.removeEventListener('abort', cut);
    cut();
  }
}

type Run = {
  readonly options: Options;
  readonly around: Surroundings;
  readonly journal: Journal;
  readonly opened: ImapFlow[];
  readonly command: readonly string[];
};

async function runWithPidfile(run: Run): Promise<void> {
  const { options, around, journal, command } = run;
  const { pid } = around;
  journal.say('Here is imapsync 2.178 on host dovecot-mailcow, a linux system');
  journal.say(`Transfer started at ${renderMoment(around.now())}`);
  journal.say(`PID is ${pid} my PPID is 1`);
  journal.say('Command line used, run by /usr/bin/perl:');
  journal.say(`/usr/local/bin/imapsync ${command.join(' ')}`);
  const exit = await endingOf(run, async () => {
    const pidfile = writePidfile({ path: options.pidfile, pid, say: journal.say });
    try {
      await syncAll(run, pidfile.check);
    } finally {
      // A kill leaves the files where they are.
      if (!around.killed.aborted) pidfile.remove();
    }
  });
  for (const line of renderErrors(journal.errors)) journal.say(line);
  journal.say(renderExit({ exit, errors: journal.errors.length, pid }));
  if (options.pidfile !== undefined) journal.say(`Removing pidfile ${options.pidfile}`);
}

async function endingOf({ around, journal, opened }: Run, work: () => Promise<void>): Promise<ExitName> {
  try {
    await work();
    return exitOf(journal.errors);
  } catch (error) {
    around.killed.throwIfAborted();
    if (error instanceof Ending) return error.exit;
    if (opened.every((client) => client.usable)) throw error;
    journal.say('Lost connection, giving up');
    return 'EXIT_CONNECTION_FAILURE';
  }
}

function hostsOf({ options, around }: Run): readonly [Host, Host] {
  const { host1, port1, user1, host2, user2, security1, isVerified1 } = options;
  const { local } = around;
  return [
    {
      ...{ side: 1, name: host1, namedPort: port1, ...around.resolve(host1, port1), user: user1 },
      ...{ password: around.password1, security: security1, isVerified: isVerified1 },
    },
    {
      ...{ side: 2, name: host2, namedPort: local.port, host: local.host, port: local.port, user: user2 },
      ...{ password: around.password2, security: local.security, isVerified: false },
    },
  ];
}

async function syncAll(run: Run, check: () => void): Promise<void> {
  const { options, around, journal, opened } = run;
  const begun = { real: Date.now(), shown: around.now() };
  const [host1, host2] = await openHosts(hostsOf(run), { journal, opened: (client) => opened.push(client) });
  const seconds = (): number => (Date.now() - begun.real) / 1_000;
  const session: Session = {
    ...{ host1, host2, options, journal, tally: noTally(), now: around.now, seconds },
    check: () => {
      check();
      if (journal.errors.length >= mostErrors) throw new Ending(exitOf(journal.errors));
    },
    pause: () =>
      around.paceMs > 0 ? wait(around.paceMs, undefined, { signal: around.killed }) : Promise.resolve(),
  };
  try {
    await syncFolders(session);
  } finally {
    const shown = { started: begun.shown, ended: around.now(), seconds: seconds() };
    for (const line of renderStatistics({ ...session.tally, ...shown, errors: journal.errors.length })) {
      journal.say(line);
    }
  }
}

async function syncFolders(session: Session): Promise<void> {
  const { journal, tally } = session;
  const pairs = await listPairs(session);
  tally.folders = pairs.length;
  journal.say(`++++ Looping on each one of ${pairs.length} folders to sync`);
  for (const [index, pair] of pairs.entries()) {
    session.check();
    journal.say(renderFolder({ number: index + 1, of: pairs.length, from: pair.from.path, to: pair.to }));
    await syncFolder(session, pair);
  }
  journal.say('++++ End looping on each folder');
}
