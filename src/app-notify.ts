/** Where a webhook and a heartbeat meet what a sync has come to. */
import { hostname } from 'node:os';
import type { Config } from './config/schema.ts';
import type { Change } from './core/change.ts';
import type { HeldGroup, Situation } from './notify/events.ts';
import { openNotifier, type Notifier } from './notify/notifier.ts';
import type { Log } from './ports.ts';
import type { Figures, Holds, State } from './ports-state.ts';
import { approveCommand } from './sync/holds.ts';

/** How a sync ended: its outcome, or `refused`. */
export type Ended = { readonly run: string; readonly result: string; readonly error?: unknown };

export type Telling = {
  /** Returns at once; never throws. */
  readonly syncEnded: (ended: Ended) => void;
  readonly close: Notifier['close'];
};

export type TellingOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly state: State;
  readonly version: string;
};

/** Those whose reading and plan were whole; a write that mailcow refused is a finding and no failure. */
const good: readonly string[] = ['done', 'held', 'changes-failed'];

const causes: Readonly<Record<string, string>> = {
  DirectoryUnreachable: 'the directory cannot be reached',
  DirectoryRefused: 'the directory refuses what is asked',
  DirectoryMalformed: 'the directory answers what is no LDAP',
  MailcowUnreachable: 'mailcow cannot be reached',
  MailcowRefused: 'mailcow refuses the key or the address',
  MailcowMalformed: 'mailcow answers what its API does not',
  StateError: 'the state file cannot be used',
  SqliteError: 'the state file cannot be used',
};

/** By the name of the error: its message may name somebody. */
function causeOf({ result, error }: Ended): string {
  if (result === 'incomplete') return 'the directory could not be read completely; the log says more';
  const cause = error instanceof Error ? causes[error.name] : undefined;
  return cause === undefined ? 'the log says why' : `${cause}; the log says more`;
}

const managedKind = ({ resource, list }: Change): string =>
  resource === 'mailbox' && list === true ? 'list' : resource;

function groupsOf(holds: Holds | undefined, managed: Figures['managed']): readonly HeldGroup[] {
  if (holds === undefined) return [];
  const counts = new Map<string, number>();
  for (const { change } of holds.held) {
    const kind = `${change.kind} ${managedKind(change)}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const totals: Readonly<Record<string, number>> = managed;
  return [...counts].sort().map(([kind, count]) => {
    const of = totals[kind.split(' ')[1] ?? ''];
    return { id: holds.id, kind, count, ...(of !== undefined && { of }), command: approveCommand(holds) };
  });
}

function situationOf(ended: Ended, state: State): Situation {
  return {
    run: ended.run,
    held: good.includes(ended.result) ? groupsOf(state.holds(), state.figures().managed) : undefined,
    failures: state.failuresInARow(),
    cause: causeOf(ended),
  };
}

/** Undefined: nobody is to be told. */
export function openTelling({ config, log, state, version }: TellingOptions): Telling | undefined {
  const { notifyUrl, heartbeatUrl } = config.monitoring;
  if (notifyUrl === undefined && heartbeatUrl === undefined) return undefined;
  const notifier = openNotifier({
    notifyUrl,
    heartbeatUrl,
    identity: { program: 'ldap-mailcow', version, host: hostname() },
    told: () => {
      const { notifiedHold = '', notifiedFailure = 0 } = state.facts();
      return { hold: notifiedHold, failures: notifiedFailure };
    },
    save: ({ hold, failures }) => {
      state.saveFacts({
        ...(hold !== undefined && { notifiedHold: hold }),
        ...(failures !== undefined && { notifiedFailure: failures }),
      });
    },
    log,
    now: () => new Date(),
  });
  const tell = (ended: Ended): void => {
    if (ended.result === 'stopped') return;
    notifier.tell(situationOf(ended, state));
    if (good.includes(ended.result)) notifier.beat();
  };
  return {
    syncEnded: (ended) => {
      try {
        tell(ended);
      } catch (error) {
        log.warn(
          `nobody could be told of this sync: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
    close: notifier.close,
  };
}
