/** The alias half of a plan: what the directory asks for; what it does not is in `plan-alias-surplus`. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change, type Fields, type Stage } from './change.ts';
import { isActive, sameGoto, type CurrentState } from './current.ts';
import type { DesiredAlias } from './desired-types.ts';
import { switchedOff } from './heritage.ts';
import type { LedgerEntry } from './ledger.ts';
import { parseMark } from './mark.ts';
import type { Alias } from './model.ts';
import {
  aliasChange,
  finding,
  listOf,
  ordinaryFlags,
  shortly,
  targetOf,
  type AliasContext,
} from './plan-alias-context.ts';
import { planSurplus } from './plan-alias-surplus.ts';
import { planLists } from './plan-lists.ts';
import { comingDomain, isProtected, type Notes, type PlanInput } from './plan-context.ts';
import { noteDrift } from './plan-managed.ts';

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

const stageOf: Readonly<Record<'update' | 'deactivate' | 'reactivate', Stage>> = {
  update: stages.alias,
  reactivate: stages.alias,
  deactivate: stages.deactivateAlias,
};

type Difference = {
  readonly kind: 'update' | 'deactivate' | 'reactivate';
  readonly before: Fields;
  readonly after: Fields;
};

const flagNames = ['internal', 'senderAllowed'] as const;

/** The flags that the directory says something about. */
const flagsOf = (alias: DesiredAlias): Fields =>
  Object.fromEntries(
    flagNames.filter((name) => alias[name] !== undefined).map((name) => [name, alias[name]]),
  );

function differingFlags(alias: DesiredAlias, existing: Alias): readonly [Fields, Fields] {
  const names = flagNames.filter((name) => alias[name] !== undefined && alias[name] !== existing[name]);
  return [
    Object.fromEntries(names.map((name) => [name, existing[name]])),
    Object.fromEntries(names.map((name) => [name, alias[name]])),
  ];
}

/** goto and active together are one update; what an administrator switched off stays off. */
function differenceOf(
  alias: DesiredAlias,
  existing: Alias,
  mayReactivate: boolean,
): Difference | 'by-hand' | undefined {
  const moved = !sameGoto(existing.goto, alias.goto);
  const toggled = isActive(existing.active) !== alias.active;
  const blocked = toggled && alias.active && !mayReactivate;
  if (!moved && blocked) return 'by-hand';
  const toggles = toggled && !blocked;
  const [flagsBefore, flags] = differingFlags(alias, existing);
  const changed = moved || Object.keys(flags).length > 0;
  if (!changed && !toggles) return undefined;
  const [gotoBefore, goto] = moved ? [{ goto: existing.goto }, { goto: alias.goto }] : [{}, {}];
  const [activeBefore, active] = toggles
    ? [{ active: existing.active }, { active: alias.active ? 1 : 0 }]
    : [{}, {}];
  return {
    kind: changed ? 'update' : alias.active ? 'reactivate' : 'deactivate',
    before: { ...gotoBefore, ...activeBefore, ...flagsBefore },
    after: { ...goto, ...active, ...flags },
  };
}

/** We left it as the directory wants it: whatever differs was changed in mailcow. */
function isDrift(alias: DesiredAlias, existing: Alias, row: LedgerEntry): boolean {
  const { goto } = row.applied ?? {};
  const moved = goto !== undefined && sameGoto(goto, alias.goto) && !sameGoto(existing.goto, alias.goto);
  const toggled = !alias.active && isActive(existing.active) && row.lastActive === false;
  return moved || toggled;
}

/** The same, without the flags that are no longer as we left them. */
function withoutDriftedFlags(
  alias: DesiredAlias,
  existing: Alias,
  { notes, row }: Pick<AliasContext, 'notes'> & { readonly row: LedgerEntry },
): DesiredAlias {
  const { applied = {} } = row;
  const drifted = flagNames.filter(
    (name) => alias[name] !== undefined && applied[name] === alias[name] && existing[name] !== alias[name],
  );
  if (drifted.length === 0) return alias;
  noteDrift(alias.address, `${drifted.join(', ')} changed`, notes);
  const left = Object.entries(alias).filter(([name]) => !drifted.some((flag) => flag === name));
  return Object.fromEntries(left) as DesiredAlias;
}

/** Everything is as it should be, except whose it is. */
function planRemark(alias: DesiredAlias, { notes, companions }: AliasContext): void {
  const { address, directoryId } = alias;
  notes.changes.push(
    aliasChange(
      { kind: 'adopt', key: address, directoryId, ...listOf(alias) },
      {
        reason: `belongs to ${targetOf(alias)} in the directory now; its mark follows`,
        stage: stages.alias,
        needs: companions.get(directoryId) ?? [],
      },
    ),
  );
}

/** An alias that passes from a person to a group, or back, leaves the flags of the former kind behind. */
function asItsKind(alias: DesiredAlias, row: LedgerEntry, { groupIds }: PlanInput): DesiredAlias {
  const isList = alias.list !== undefined;
  if (row.directoryId === alias.directoryId || groupIds.has(row.directoryId) === isList) return alias;
  return { ...ordinaryFlags({ isList }), ...alias };
}

function planManaged(
  wanted: DesiredAlias,
  existing: Alias,
  context: AliasContext & { row: LedgerEntry },
): void {
  const { notes, row } = context;
  const sameOwner = row.directoryId === wanted.directoryId;
  const report = context.input.settings.reportDrift === true && sameOwner;
  const alias = report
    ? withoutDriftedFlags(wanted, existing, context)
    : asItsKind(wanted, row, context.input);
  if (report && isDrift(alias, existing, row)) {
    noteDrift(alias.address, `changed (it leads to ${shortly(existing.goto)})`, notes);
    return;
  }
  const difference = differenceOf(alias, existing, row.lastActive === false);
  if (difference === undefined) {
    // A take-over marks them itself.
    const comesAlong = context.input.successors.get(row.directoryId) === alias.directoryId;
    if (!sameOwner && !comesAlong) planRemark(alias, context);
    return;
  }
  if (difference === 'by-hand') {
    finding(notes, 'changed-by-hand', {
      subject: alias.address,
      message:
        'deactivated in mailcow by hand, so it is not reactivated; activate it there if it should work',
    });
    return;
  }
  const { kind, before, after } = difference;
  notes.changes.push(
    aliasChange(
      { kind, key: alias.address, directoryId: alias.directoryId, ...listOf(alias) },
      {
        before,
        after,
        reason: reasonOf(kind, alias, sameOwner),
        stage: stageOf[kind],
        needs: context.companions.get(alias.directoryId) ?? [],
      },
    ),
  );
}

function reasonOf(
  kind: 'update' | 'deactivate' | 'reactivate',
  alias: DesiredAlias,
  sameOwner: boolean,
): string {
  const target = targetOf(alias);
  if (kind === 'deactivate') return `${target} is disabled`;
  if (kind === 'reactivate') return `${target} is enabled`;
  return sameOwner ? `leads to ${target} now` : `belongs to ${target} in the directory now`;
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
  if (row === undefined) planUnmanaged(alias, existing, context);
  else planManaged(alias, existing, { ...context, row });
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
  const ofPeople = syncAliases ? [...input.desired.aliases.values()] : [];
  const wanted = [...ofPeople, ...(syncLists ? planLists(context) : [])];
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
  const context = {
    input,
    notes,
    current,
    claimed: new Set([...input.desired.mailboxes.values()].map(({ address }) => address)),
    companions: companionsOf(changes),
    vacating: vacatingOf(changes),
  };
  for (const alias of wantedAliases(context)) planDesired(alias, context);
  for (const row of input.ledger.aliases.values()) {
    const isOurs = input.groupIds.has(row.directoryId) ? syncLists : syncAliases;
    const isWanted = aliases.has(row.key) || lists.has(row.key) || removed.has(row.key);
    if (isOurs && !isWanted) planSurplus(row, context);
  }
}
