/** The alias half of a plan: what the directory asks for; what it does not is in `plan-alias-surplus`. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change, type Fields, type Stage } from './change.ts';
import { isActive, sameGoto, type CurrentState } from './current.ts';
import type { DesiredAlias } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { parseMark } from './mark.ts';
import type { Alias } from './model.ts';
import { aliasChange, finding, listOf, shortly, targetOf, type AliasContext } from './plan-alias-context.ts';
import { planSurplus } from './plan-alias-surplus.ts';
import { planLists } from './plan-lists.ts';
import { comingDomain, isProtected, type Notes, type PlanInput } from './plan-context.ts';

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
  notes.changes.push(
    aliasChange(
      { kind: 'create', key: alias.address, directoryId: alias.directoryId, ...listOf(alias) },
      {
        after: { goto: alias.goto, active: alias.active ? 1 : 0, ...flagsOf(alias) },
        reason: `an address of ${targetOf(alias)} in the directory`,
        stage: stages.alias,
        needs: [
          ...(context.companions.get(alias.directoryId) ?? []),
          ...vacating(alias.address, notes),
          ...comingDomain(alias.address, notes),
        ],
      },
    ),
  );
}

/** The rename by which a mailbox leaves an address. */
const vacating = (address: string, notes: Notes): readonly string[] =>
  notes.changes
    .filter(({ resource, kind, key }) => resource === 'mailbox' && kind === 'rename' && key === address)
    .map(changeId);

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
  if (!sameGoto(existing.goto, alias.goto)) {
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
      { kind: 'adopt', key: subject, directoryId: alias.directoryId, ...listOf(alias) },
      { reason: 'exists already with the same goto; it is marked, nothing else', stage: stages.alias },
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

const drift = (address: string, what: string, notes: Notes): void => {
  finding(notes, 'drift', {
    subject: address,
    message: `${what} in mailcow; left so, because LDAP_MAILCOW_DRIFT=report`,
  });
};

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

function planManaged(
  alias: DesiredAlias,
  existing: Alias,
  context: AliasContext & { row: LedgerEntry },
): void {
  const { notes, row } = context;
  const sameOwner = row.directoryId === alias.directoryId;
  const report = context.input.settings.reportDrift === true && sameOwner;
  if (report && isDrift(alias, existing, row)) {
    drift(alias.address, `changed (it leads to ${shortly(existing.goto)})`, notes);
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
    drift(alias.address, 'the alias was removed', notes);
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
  const context = { input, notes, current, companions: companionsOf(notes.changes) };
  for (const alias of wantedAliases(context)) planDesired(alias, context);
  for (const row of input.ledger.aliases.values()) {
    const isOurs = input.groupIds.has(row.directoryId) ? syncLists : syncAliases;
    const isWanted = aliases.has(row.key) || lists.has(row.key) || removed.has(row.key);
    if (isOurs && !isWanted) planSurplus(row, context);
  }
}
