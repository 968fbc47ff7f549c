/** One draft of a plan from what is in memory now: derived, compared, nothing guarded yet. */
import type { Draft } from '../core/plan.ts';
import { draftPlan } from '../core/plan.ts';
import { deriveDesired } from '../core/desired.ts';
import { domainsAskedFor } from '../core/desired-domains.ts';
import type { DeriveInput, Holding } from '../core/desired-types.ts';
import { isOurDomain } from '../core/domain-settings.ts';
import type { GraceResult } from '../core/grace.ts';
import { findSuccessors } from '../core/successors.ts';
import { knownTo, type Known } from '../core/known.ts';
import type { Heritage } from '../core/heritage.ts';
import type { GroupPolicyRule } from '../core/group-policy.ts';
import type { DirectoryEntry, MemberEntries } from '../core/model.ts';
import { trustedLedger, type Ledger } from '../core/ledger.ts';
import { parseEntryAddress } from '../core/person.ts';
import type { Mapping } from '../core/mapping.ts';
import type { Migrating, PlanSettings } from '../core/plan-context.ts';
import { isStrayId } from '../core/watch.ts';
import { holdingsOf } from './holdings.ts';
import type { Memory } from './memory.ts';

/** An owner known only by its mark has no DN until it shows up in the directory. */
export function isPlaceholder(entry: DirectoryEntry): boolean {
  return entry.dn === '';
}

/** Owners that no reading has shown yet (the SQLite file was lost) and that are not gone: in a grace of their own. */
function strangersOf(ledger: Ledger, grace: GraceResult): ReadonlySet<string> {
  const strangers = new Set<string>();
  for (const row of [...ledger.mailboxes.values(), ...ledger.aliases.values()]) {
    const seen = grace.snapshot.get(row.directoryId);
    if (isStrayId(row.directoryId)) continue;
    const unseen = seen === undefined || isPlaceholder(seen.entry);
    if (unseen && !grace.gone.has(row.directoryId)) strangers.add(row.directoryId);
  }
  return strangers;
}

export type DraftContext = {
  readonly memory: Memory;
  /** The snapshot before this reading: a plan must say the same twice. */
  readonly remembered?: Memory['snapshot'];
  readonly grace: GraceResult;
  readonly complete: boolean;
  readonly mapping: Mapping;
  readonly settings: PlanSettings;
  /** False after a jump of the clock. */
  readonly clockTrusted: boolean;
  readonly now?: Date;
  readonly members?: MemberEntries;
  /** What an older tool left. */
  readonly heritage?: Heritage;
  readonly groupPolicies?: readonly GroupPolicyRule[];
  /** Digests of hashes, by directory id. */
  readonly passwords?: ReadonlyMap<string, string>;
  /** Of passwords of a migration, by mailbox; undefined: no sync job is made or changed. */
  readonly syncDigestOf?: (address: string) => string | undefined;
  /** Ids of mailbox changes that were held, forbidden or put off: lists do not build upon them. */
  readonly dropped?: ReadonlySet<string>;
  /** Former ids whose take-over does not happen now: they keep their claims and their grace. */
  readonly notSucceeded?: ReadonlySet<string>;
};

/** Only who asks for the mailbox of a former id succeeds it; anybody else leaves it in its grace. */
function successorsOf(
  context: DraftContext,
  holdings: ReadonlyMap<string, Holding>,
): ReadonlyMap<string, string> {
  if (!context.complete) return new Map();
  const { grace, mapping } = context;
  const found = findSuccessors({
    result: grace,
    account: mapping.account,
    holdsMailbox: (id) => holdings.get(id)?.mailbox !== undefined,
  });
  return new Map(
    [...found].filter(([former, heir]) => lastAddress(heir, context) === holdings.get(former)?.mailbox),
  );
}

/** The address with which the snapshot last saw an id. */
export function lastAddress(
  id: string,
  { grace, mapping }: Pick<DraftContext, 'grace' | 'mapping'>,
): string | undefined {
  const seen = grace.snapshot.get(id);
  if (seen === undefined) return undefined;
  const parsed = parseEntryAddress(seen.entry, mapping.mail);
  return parsed.kind === 'address' ? parsed.address : undefined;
}

const DAY_MS = 24 * 60 * 60_000;

/** Distinct days with a reading without the id, and never more than the days that have passed since. */
function missingDays(id: string, { grace, now }: DraftContext): number {
  const seen = grace.snapshot.get(id);
  const { missingDays: days = 0, missingSince } = seen ?? {};
  if (now === undefined || missingSince === undefined) return days;
  return Math.min(days, Math.floor((now.getTime() - Date.parse(missingSince)) / DAY_MS));
}

/** Derives and compares; called again after every refresh of memory, so it keeps nothing. */
export function draftFrom(context: DraftContext): Draft {
  const { memory, notSucceeded = new Set() } = context;
  const ledger = trustedLedger(memory.ledger, memory.current, context.settings.owner);
  const { current } = memory;
  const holdings = holdingsOf({ ledger, current }, (id) => lastAddress(id, context));
  const successors = new Map(
    [...successorsOf(context, holdings)].filter(([former]) => !notSucceeded.has(former)),
  );
  const draft = draftWith(context, { ledger, holdings, successors });
  const takenOver = new Set(draft.changes.map((change) => change.formerId));
  const refused = [...successors.keys()].filter((former) => !takenOver.has(former));
  if (refused.length === 0) return draft;
  return draftFrom({ ...context, notSucceeded: new Set([...notSucceeded, ...refused]) });
}

/** Which domains there are or will be, which are ours, and which are left alone. */
function domainsFor(
  entries: readonly DirectoryEntry[],
  { memory, mapping, settings }: DraftContext,
): Pick<DeriveInput, 'domains' | 'managedDomains' | 'skippedDomains'> {
  const there = memory.current.domains;
  if (settings.domains === undefined) return { domains: new Set(there.keys()) };
  const asked = domainsAskedFor(entries, mapping);
  const foreign = [...there.values()].filter((domain) => !isOurDomain(domain, settings.owner));
  return {
    domains: new Set([...there.keys(), ...asked]),
    managedDomains: asked,
    ...(settings.domains.skipUnmanaged && { skippedDomains: new Set(foreign.map(({ name }) => name)) }),
  };
}

/** A directory that is empty tells nothing of what it does not name. A large one is only gone through where it matters. */
function knownOf({ grace, complete, mapping, members, settings }: DraftContext): { readonly known?: Known } {
  const { domains, deleteAfterDays } = settings;
  if (domains === undefined || (!domains.exclusive && deleteAfterDays === undefined)) return {};
  const isThere = grace.people.some(({ id }) => !grace.absent.has(id));
  if (complete && !isThere) return {};
  return { known: knownTo([...grace.people, ...grace.groups, ...(members?.entries ?? [])], mapping) };
}

/** What a migration is planned from. */
function migratingOf(
  people: readonly DirectoryEntry[],
  { settings, syncDigestOf: digestOf }: DraftContext,
): { readonly migrating?: Migrating } {
  if (settings.migration === undefined || digestOf === undefined) return {};
  return { migrating: { entries: new Map(people.map((entry) => [entry.id, entry])), digestOf } };
}

type Inherited = {
  readonly ledger: Ledger;
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly successors: ReadonlyMap<string, string>;
};

function draftWith(context: DraftContext, { ledger, holdings, successors }: Inherited): Draft {
  const { grace, mapping, settings } = context;
  const { current } = context.memory;
  const strangers = strangersOf(ledger, grace);
  const people = grace.people.filter((entry) => !successors.has(entry.id) && !isPlaceholder(entry));
  const groups = grace.groups.filter((entry) => !successors.has(entry.id) && !isPlaceholder(entry));
  const desired = deriveDesired({
    people,
    groups,
    ...(context.members && { members: context.members }),
    ...(context.groupPolicies && { groupPolicies: context.groupPolicies }),
    mapping,
    ...domainsFor([...people, ...groups], context),
    holdings,
    absent: grace.absent,
    strangers,
    inactiveReceives: settings.inactiveState !== 0,
    ...(!settings.syncMailboxes && { hasMailbox: (address: string) => current.mailboxes.has(address) }),
  });
  return draftPlan({
    desired,
    current,
    ledger,
    settings,
    complete: context.complete,
    ...(context.heritage && { heritage: context.heritage }),
    ...(context.passwords && { passwords: context.passwords }),
    ...migratingOf(people, context),
    // Who is succeeded keeps everything until the take-over has been written.
    claimants: new Set([
      ...[...people, ...groups].map((entry) => entry.id),
      ...strangers,
      ...successors.keys(),
    ]),
    absent: grace.absent,
    groupIds: new Set([...grace.snapshot].filter(([, { kind }]) => kind === 'group').map(([id]) => id)),
    ...(context.dropped && { dropped: context.dropped }),
    successors,
    missingSince: (id) => (context.remembered ?? context.memory.snapshot).get(id)?.missingSince,
    missingDays: (id) => missingDays(id, context),
    lastAddress: (id) => lastAddress(id, context),
    clockTrusted: context.clockTrusted,
    gone: grace.gone,
    ...knownOf(context),
  });
}
