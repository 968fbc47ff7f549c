/** The alias half of a plan: create, adopt, update, reactivate, deactivate, remove. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change, type Fields, type Stage } from './change.ts';
import { isActive, sameGoto, type CurrentState } from './current.ts';
import type { DesiredAlias } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { parseMark } from './mark.ts';
import type { Alias } from './model.ts';
import { isProtected, type Notes, type PlanInput } from './plan-context.ts';

type Context = {
  readonly input: PlanInput;
  readonly notes: Notes;
  /** mailcow as it will be after the renames of this plan. */
  readonly current: CurrentState;
  /** The mailbox change of each directory id that its aliases go along with. */
  readonly companions: ReadonlyMap<string, readonly string[]>;
};

type Details = {
  readonly before?: Fields;
  readonly after?: Fields;
  readonly reason: string;
  readonly stage: Stage;
  readonly needs?: readonly string[];
};

const aliasChange = (
  what: Pick<Change, 'kind' | 'key' | 'directoryId'>,
  { before = {}, after = {}, reason, stage, needs = [] }: Details,
): Change => ({ ...what, resource: 'alias', before, after, reason, stage, needs });

const finding = (notes: Notes, code: string, details: { subject: string; message: string }): void => {
  notes.findings.push({ code, ...details });
};

function planCreate(alias: DesiredAlias, context: Context): void {
  const { notes, current } = context;
  const subject = alias.address;
  if (current.mailboxes.has(alias.address)) {
    notes.lookups.addresses.add(alias.address);
    finding(notes, 'alias-is-mailbox', {
      subject,
      message: `wanted as an alias to ${alias.goto.join(', ')}, but mailcow has a mailbox there`,
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
      { kind: 'create', key: alias.address, directoryId: alias.directoryId },
      {
        after: { goto: alias.goto, active: alias.active ? 1 : 0 },
        reason: `an address of ${alias.goto.join(', ')} in the directory`,
        stage: stages.alias,
        needs: context.companions.get(alias.directoryId) ?? [],
      },
    ),
  );
}

/** An alias that nobody manages stands where ours should come. */
function planUnmanaged(alias: DesiredAlias, existing: Alias, context: Context): void {
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
      message: `exists in mailcow with another goto (${existing.goto.join(', ')} instead of ${alias.goto.join(', ')}): it is never overwritten; remove it there, or give it the same goto`,
    });
    return;
  }
  if (!input.settings.adopt) {
    notes.skips.push({ resource: 'alias', key: subject, reason: 'exists and LDAP_MAILCOW_ADOPT=false' });
    return;
  }
  notes.changes.push(
    aliasChange(
      { kind: 'adopt', key: subject, directoryId: alias.directoryId },
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
  if (!moved && !toggles) return undefined;
  const active = alias.active ? 1 : 0;
  return {
    kind: moved ? 'update' : alias.active ? 'reactivate' : 'deactivate',
    before: { ...(moved && { goto: existing.goto }), ...(toggles && { active: existing.active }) },
    after: { ...(moved && { goto: alias.goto }), ...(toggles && { active }) },
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

function planManaged(alias: DesiredAlias, existing: Alias, context: Context & { row: LedgerEntry }): void {
  const { notes, row } = context;
  const sameOwner = row.directoryId === alias.directoryId;
  const report = context.input.settings.reportDrift === true && sameOwner;
  if (report && isDrift(alias, existing, row)) {
    drift(alias.address, `changed (it leads to ${existing.goto.join(', ')})`, notes);
    return;
  }
  const difference = differenceOf(alias, existing, row.lastActive === false);
  if (difference === undefined) return;
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
      { kind, key: alias.address, directoryId: alias.directoryId },
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
  const target = alias.goto.join(', ');
  if (kind === 'deactivate') return `${target} is disabled`;
  if (kind === 'reactivate') return `${target} is enabled`;
  return sameOwner ? `leads to ${target} now` : `belongs to ${target} in the directory now`;
}

function planDesired(alias: DesiredAlias, context: Context): void {
  const { input, notes, current } = context;
  if (input.absent?.has(alias.directoryId) === true) return;
  if (notes.blocked.has(alias.directoryId)) {
    const reason = `the mailbox it leads to (${alias.goto.join(', ')}) cannot be made or changed now`;
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

/** Whether an alias that nobody asks for stays as it is all the same. */
function staysAnyway(row: LedgerEntry, { input, notes }: Context): boolean {
  const { desired, claimants } = input;
  const { directoryId: id, key } = row;
  if (desired.frozen.has(id) || desired.partial.has(id) || notes.blocked.has(id)) return true;
  if (desired.contested.has(key) || isProtected(key, input.settings)) return true;
  // A former address is nobody's to give up: it goes when somebody else gets it.
  if (row.origin === 'renamed' && claimants.has(id)) return true;
  // Still claimed, but wanted as a mailbox by somebody else: contested, so what exists stays (DESIGN.md 4.8).
  return desired.deniedClaims.get(key)?.has(id) === true;
}

/** The owner is gone: its alias goes the way of its mailbox. */
function planOrphan(row: LedgerEntry, existing: Alias, { input, notes, companions }: Context): void {
  const { disableDeleted, inactiveState } = input.settings;
  if (!isActive(existing.active) || inactiveState !== 0) return;
  if (!disableDeleted) {
    const reason = 'its owner is no longer in the directory, but LDAP_MAILCOW_DISABLE_DELETED_USERS=false';
    notes.skips.push({ resource: 'alias', key: row.key, reason });
    return;
  }
  notes.changes.push(
    aliasChange(
      { kind: 'deactivate', key: row.key, directoryId: row.directoryId },
      {
        before: { active: existing.active },
        after: { active: 0 },
        reason: `its owner is no longer in the directory; it points to ${existing.goto.join(', ')}`,
        stage: stages.deactivateAlias,
        needs: companions.get(row.directoryId) ?? [],
      },
    ),
  );
}

/** A managed alias that nobody asks for: removed when its owner gave it up, deactivated when the owner is gone. */
function planSurplus(row: LedgerEntry, context: Context): void {
  const { input, notes, current } = context;
  const existing = current.aliases.get(row.key);
  if (existing === undefined || staysAnyway(row, context)) return;
  if (!input.claimants.has(row.directoryId)) {
    planOrphan(row, existing, context);
    return;
  }
  const reason = `its owner gave it up in the directory; it pointed to ${existing.goto.join(', ')}`;
  const what = { kind: 'remove', key: row.key, directoryId: row.directoryId } as const;
  notes.changes.push(aliasChange(what, { reason, stage: stages.remove }));
}

/** Mailbox changes that decide over the aliases of the same person: held or failed, they take them along. */
function companionsOf(changes: readonly Change[]): ReadonlyMap<string, readonly string[]> {
  const companions = new Map<string, string[]>();
  for (const change of changes) {
    if (change.resource !== 'mailbox' || change.kind === 'update' || change.kind === 'adopt') continue;
    const ids = companions.get(change.directoryId);
    if (ids === undefined) companions.set(change.directoryId, [changeId(change)]);
    else ids.push(changeId(change));
  }
  return companions;
}

/** The alias half, on mailcow as the renames of the mailbox half will leave it. */
export function planAliases(input: PlanInput, notes: Notes, current: CurrentState): void {
  if (!input.settings.syncAliases) return;
  const removed = new Set(
    notes.changes.filter((change) => change.resource === 'alias').map((change) => change.key),
  );
  const context = { input, notes, current, companions: companionsOf(notes.changes) };
  const wanted = [...input.desired.aliases.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const alias of wanted) planDesired(alias, context);
  for (const row of input.ledger.aliases.values()) {
    if (input.desired.aliases.has(row.key) || removed.has(row.key)) continue;
    planSurplus(row, context);
  }
}
