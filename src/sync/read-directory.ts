/** The directory, read and judged: what it says, what that proves, and who is absent. */
import { judgeAbsence, type Circumstances } from '../core/grace.ts';
import type { Heritage } from '../core/heritage.ts';
import { resolveMapping, type Mapping } from '../core/mapping.ts';
import { isStrayId } from '../core/watch.ts';
import type { Facts } from '../ports-state.ts';
import { isClockTrusted } from './clock.ts';
import { declaredAt } from './holds.ts';
import { judgeReading, type Known } from './judge.ts';
import type { Memory } from './memory.ts';
import { takeLogins, type TakenLogins } from './migration-logins.ts';
import { takePasswords, type Taken } from './passwords.ts';
import type { Prepared, PrepareOptions } from './prepare.ts';
import type { SyncContext } from './settings.ts';

/** An older tool that knew of aliases alone knew of somebody all the same. */
const peopleIn = ({ mailboxes, aliases }: Heritage): number =>
  Math.max([...mailboxes.values()].filter(({ active }) => active).length, aliases.size > 0 ? 1 : 0);

/** How many there were: by what was counted last, or, before anything was, by whatever we remember. */
function knownPopulation(facts: Facts, { snapshot, ledger }: Memory, heritage: Heritage): Known {
  const entries = [...snapshot.values()];
  const owned = [...ledger.mailboxes.values()].filter(({ directoryId }) => !isStrayId(directoryId)).length;
  const count = (kind: 'person' | 'group'): number => entries.filter((entry) => entry.kind === kind).length;
  return {
    people: facts.peopleSeen ?? Math.max(count('person'), owned, peopleIn(heritage)),
    groups: facts.groupsSeen ?? count('group'),
    members: facts.membersSeen ?? 0,
  };
}

export type Read = Pick<Prepared, 'reading' | 'judgement' | 'grace'> & {
  readonly mapping: Mapping;
  readonly taken: Taken;
  /** Of a migration. */
  readonly takenLogins: TakenLogins;
  readonly heritage: Heritage;
  /** The snapshot before this reading. */
  readonly remembered: Memory['snapshot'];
  readonly circumstances: Circumstances;
};

/** Reads the directory once and judges it; throws what the directory throws. */
export async function readAndJudge(context: SyncContext, options: PrepareOptions): Promise<Read> {
  const { memory, facts, now } = options;
  const { settings } = context;
  const taken = takePasswords(await context.directory.read(facts.quietKey), {
    attribute: settings.passwordAttribute,
    facts,
  });
  const { reading } = taken;
  const takenLogins = takeLogins(context.readMigrationLogins, { ...facts, ...taken.facts });
  const mapping = resolveMapping(settings.mapping, reading.dialect);
  const { scope, readGroups } = settings;
  const remembered = new Map(memory.snapshot);
  const heritage = context.state.heritage();
  const known = knownPopulation(facts, memory, heritage);
  const declared = declaredAt(context.state, now);
  const judgement = judgeReading({ reading, facts, mapping, scope, readGroups, known, now, declared });
  const uptime = context.uptime?.();
  const circumstances: Circumstances = {
    complete: judgement.complete,
    scopeChanged: judgement.scopeChanged,
    now,
    ...(uptime && { uptime }),
    clockTrusted: isClockTrusted(facts, now, uptime),
    settings: { readings: settings.graceReadings, spacingMs: settings.graceSpacingMs },
  };
  const grace = judgeAbsence({ ...circumstances, snapshot: remembered, reading });
  options.remember?.(grace);
  return { reading, taken, takenLogins, mapping, judgement, grace, remembered, heritage, circumstances };
}
