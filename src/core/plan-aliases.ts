/** The alias half of a plan: what the directory asks for, new, unmanaged or ours; what it does not is in `plan-alias-surplus`. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change } from './change.ts';
import { isActive, sameGoto, type CurrentState } from './current.ts';
import type { DesiredAlias } from './desired-types.ts';
import { switchedOff } from './heritage.ts';
import { parseMark } from './mark.ts';
import type { Alias } from './model.ts';
import {
  aliasChange,
  finding,
  flagsOf,
  listOf,
  shortly,
  targetOf,
  type AliasContext,
} from './plan-alias-context.ts';
import { planManagedAlias } from './plan-alias-managed.ts';
import { planSurplus } from './plan-alias-surplus.ts';
import { planLists } from './plan-lists.ts';
import { comingDomain, isProtected, type Notes, type PlanInput } from './plan-context.ts';
import { noteDrift } from './plan-managed.ts';
import { isStrayId } from './watch.ts';

function planCreate(alias: DesiredAlias, context: AliasContext): void {
  const { notes, current } = context;
  const subject = alias.address;
  if (current.mailboxes.has(alias.address)) {
    notes.lookups.addresses.add(alias.address);
    finding(notes, 'alias-is-mailbox', {
      subject,
      message: `wanted as an alias to ${targetOf(alias)}, but mailcow has a mailbox there`,
    });
    return;
  }
  const domain = domainOf(alias.address);
  const room = notes.room.get(domain);
  if (room !== undefined && room.aliases < 1) {
    notes.lookups.domains.add(domain);
    finding(notes, 'domain-aliases-full', {
      subject,
      message: `${domain} has no room for another alias: raise its number of aliases in mailcow`,
    });
    return;
  }
  if (room !== undefined) room.aliases -= 1;
  const vacated = context.vacating.get(alias.address);
  notes.changes.push(
    aliasChange(
      { kind: 'create', key: alias.address, directoryId: alias.directoryId, ...listOf(alias) },
      {
        after: { goto: alias.goto, active: alias.active ? 1 : 0, ...flagsOf(alias) },
        reason: `an address of ${targetOf(alias)} in the directory`,
        stage: stages.alias,
        needs: [
          ...(context.companions.get(alias.directoryId) ?? []),
          ...(vacated === undefined ? [] : [vacated]),
          ...comingDomain(alias.address, notes),
        ],
      },
    ),
  );
}

/** What the directory did not know was switched off by us: ours to switch on again. */
const switchedOffAsStray = ({ address, active }: Alias, { input }: AliasContext): { switchedOff?: true } =>
  input.ledger.aliases.get(address)?.lastActive === false && !isActive(active) ? { switchedOff: true } : {};

/** An alias that nobody manages stands where ours should come. */
function planUnmanaged(alias: DesiredAlias, existing: Alias, context: AliasContext): void {
  const { input, notes } = context;
  const mark = parseMark(existing.privateComment);
  const subject = alias.address;
  if (mark !== undefined && mark.owner !== input.settings.owner) {
    notes.lookups.addresses.add(subject);
    finding(notes, 'foreign-owner', {
      subject,
      message: `managed by another ldap-mailcow ("${mark.owner}"): it is never touched here`,
    });
    return;
  }
  const left = input.heritage?.aliases.get(subject);
  const isAsLeft = left?.goto !== undefined && sameGoto(existing.goto, left.goto);
  const fits = sameGoto(existing.goto, alias.goto);
  if (!fits && !isAsLeft) {
    notes.lookups.addresses.add(subject);
    finding(notes, 'foreign-alias', {
      subject,
      message: `exists in mailcow with another goto (${shortly(existing.goto)} instead of ${targetOf(alias)}): it is never overwritten; remove it there, or give it the same goto`,
    });
    return;
  }
  if (!input.settings.adopt) {
    notes.skips.push({ resource: 'alias', key: subject, reason: 'exists and LDAP_MAILCOW_ADOPT=false' });
    return;
  }
  notes.changes.push(
    aliasChange(
      {
        kind: 'adopt',
        key: subject,
        directoryId: alias.directoryId,
        ...listOf(alias),
        ...switchedOff(left, existing),
        ...switchedOffAsStray(existing, context),
      },
      {
        reason: fits
          ? 'exists already with the same goto; it is marked, nothing else'
          : 'is as the older tool left it; it is marked, nothing else',
        stage: stages.alias,
      },
    ),
  );
}

function planDesired(alias: DesiredAlias, context: AliasContext): void {
  const { input, notes, current } = context;
  if (input.absent?.has(alias.directoryId) === true) return;
  if (notes.blocked.has(alias.directoryId)) {
    const reason = `the mailbox it leads to (${targetOf(alias)}) cannot be made or changed now`;
    notes.skips.push({ resource: 'alias', key: alias.address, reason });
    return;
  }
  const existing = current.aliases.get(alias.address);
  const known = input.ledger.aliases.get(alias.address);
  if (
    existing === undefined &&
    known?.directoryId === alias.directoryId &&
    input.settings.reportDrift === true
  ) {
    noteDrift(alias.address, 'the alias was removed', notes);
    return;
  }
  if (isProtected(alias.address, input.settings)) {
    notes.skips.push({ resource: 'alias', key: alias.address, reason: 'the address is protected' });
    return;
  }
  if (existing === undefined) {
    planCreate(alias, context);
    return;
  }
  const row = known;
  // Left by a rename of this very plan: it comes to be ours with it.
  if (row === undefined && existing !== input.current.aliases.get(alias.address)) return;
  if (row === undefined || isStrayId(row.directoryId)) planUnmanaged(alias, existing, context);
  else planManagedAlias(alias, existing, { ...context, row });
}

/** Mailbox changes that decide over the aliases of the same person: held or failed, they take them along. */
function companionsOf(changes: readonly Change[]): ReadonlyMap<string, readonly string[]> {
  const companions = new Map<string, string[]>();
  for (const change of changes) {
    if (change.resource !== 'mailbox' || change.kind === 'update') continue;
    if (change.kind === 'adopt' && change.formerId === undefined) continue;
    const ids = companions.get(change.directoryId);
    if (ids === undefined) companions.set(change.directoryId, [changeId(change)]);
    else ids.push(changeId(change));
  }
  return companions;
}

/** The renames of mailboxes, by the address that they leave. */
const vacatingOf = (changes: readonly Change[]): AliasContext['vacating'] =>
  new Map(
    changes
      .filter(({ resource, kind }) => resource === 'mailbox' && kind === 'rename')
      .map((change) => [change.key, changeId(change)]),
  );

/** What the directory asks for, sorted: the last places of a domain must not go to whom it names first. */
function wantedAliases(context: AliasContext): readonly DesiredAlias[] {
  const { input } = context;
  const { syncAliases, syncLists } = input.settings;
  const isSynced = ({ directoryId }: DesiredAlias): boolean =>
    input.groupIds.has(directoryId) ? syncLists : syncAliases;
  const lists = syncLists ? planLists(context) : [];
  const wanted = [...[...input.desired.aliases.values()].filter(isSynced), ...lists];
  return wanted.sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The alias half, on mailcow as the renames of the mailbox half will leave it. */
export function planAliases(input: PlanInput, notes: Notes, current: CurrentState): void {
  const { syncAliases, syncLists } = input.settings;
  const { aliases, lists } = input.desired;
  const removed = new Set(
    notes.changes.filter((change) => change.resource === 'alias').map((change) => change.key),
  );
  const { changes } = notes;
  const shared = {
    input,
    notes,
    current,
    claimed: new Set([...input.desired.mailboxes.values()].map(({ address }) => address)),
    companions: companionsOf(changes),
    vacating: vacatingOf(changes),
  };
  const wanted = wantedAliases(shared);
  // Lists that are mailboxes have been switched on and off meanwhile.
  const context = { ...shared, companions: companionsOf(changes) };
  for (const alias of wanted) planDesired(alias, context);
  for (const row of input.ledger.aliases.values()) {
    if (isStrayId(row.directoryId)) continue;
    const isOurs = input.groupIds.has(row.directoryId) ? syncLists : syncAliases;
    const isWanted = aliases.has(row.key) || lists.has(row.key) || removed.has(row.key);
    if (isOurs && !isWanted) planSurplus(row, context);
  }
}
