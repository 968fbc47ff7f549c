/** The mailbox half of a plan: create, adopt, rename, update, reactivate, deactivate. */
import { domainOf } from './address.ts';
import { changeId, stages, type Change, type Fields } from './change.ts';
import { domainFor, isActive, withRenames, type CurrentState, type RenameEffect } from './current.ts';
import type { DesiredMailbox } from './desired.ts';
import type { LedgerEntry } from './ledger.ts';
import { markOfTags } from './mark.ts';
import type { Mailbox } from './model.ts';
import {
  isProtected,
  KEEP_TAG,
  mailboxesById,
  type Notes,
  type OwnedMailbox,
  type PlanInput,
} from './plan-context.ts';
import { planRenames } from './plan-renames.ts';

const changed = (
  base: Omit<Change, 'needs' | 'before' | 'after'>,
  fields: { readonly before?: Fields; readonly after?: Fields; readonly needs?: readonly string[] },
): Change => ({
  ...base,
  before: fields.before ?? {},
  after: fields.after ?? {},
  needs: fields.needs ?? [],
});

const note = (notes: Notes, code: string, subject: string): ((message: string) => void) => {
  return (message) => {
    notes.findings.push({ code, subject, message });
  };
};

/** The quota of a new mailbox: the entry's, the operator's, the domain's default; sent always (omitted = unlimited). */
const newQuota = (person: DesiredMailbox, input: PlanInput): number =>
  person.quotaMiB ??
  input.settings.newQuotaMiB ??
  domainFor(input.current, person.address)?.defaultQuotaMiB ??
  0;

/** Refuses here what mailcow would refuse: each refused write costs it a table rebuild. */
function fits(person: DesiredMailbox, quotaMiB: number, notes: Notes): boolean {
  const room = notes.room.get(domainOf(person.address));
  if (room === undefined) return true;
  const domain = domainOf(person.address);
  if (room.mailboxes < 1) {
    notes.lookups.domains.add(domain);
    note(
      notes,
      'domain-mailboxes-full',
      person.address,
    )(`${domain} has no room for another mailbox: raise its number of mailboxes in mailcow`);
    return false;
  }
  return quotaFits(person, { more: quotaMiB, total: quotaMiB }, notes);
}

function quotaFits(
  person: DesiredMailbox,
  quota: { readonly more: number; readonly total: number },
  notes: Notes,
): boolean {
  const domain = domainOf(person.address);
  const room = notes.room.get(domain);
  if (room === undefined) return true;
  if (quota.total > room.maxMailboxMiB) {
    notes.lookups.domains.add(domain);
    note(
      notes,
      'quota-exceeds-domain-maximum',
      person.address,
    )(
      `${quota.total} MiB wanted, ${domain} allows ${room.maxMailboxMiB} MiB a mailbox: raise it in mailcow or lower the quota`,
    );
    return false;
  }
  if (quota.more > room.quotaMiB) {
    notes.lookups.domains.add(domain);
    note(
      notes,
      'domain-quota-full',
      person.address,
    )(
      `${quota.more} MiB more wanted, ${domain} has ${Math.max(0, room.quotaMiB)} MiB left: raise the domain's quota in mailcow`,
    );
    return false;
  }
  return true;
}

function planCreate(
  person: DesiredMailbox,
  notes: Notes,
  context: { readonly input: PlanInput; readonly needs: readonly string[]; readonly movedFrom?: string },
): void {
  const quotaMiB = newQuota(person, context.input);
  if (!fits(person, quotaMiB, notes)) {
    notes.blocked.add(person.id);
    return;
  }
  const room = notes.room.get(domainOf(person.address));
  if (room !== undefined) {
    room.mailboxes -= 1;
    room.quotaMiB -= quotaMiB;
  }
  const active = person.enabled ? 1 : context.input.settings.inactiveState;
  const tls: Fields = {
    ...(person.tlsEnforceIn === undefined ? {} : { tlsEnforceIn: person.tlsEnforceIn }),
    ...(person.tlsEnforceOut === undefined ? {} : { tlsEnforceOut: person.tlsEnforceOut }),
  };
  const reason = person.enabled
    ? `${person.dn} is in the directory`
    : `${person.dn} is in the directory, disabled`;
  notes.changes.push(
    changed(
      {
        kind: 'create',
        resource: 'mailbox',
        key: person.address,
        directoryId: person.id,
        reason,
        stage: stages.mailbox,
        ...(context.movedFrom === undefined ? {} : { movedFrom: context.movedFrom }),
      },
      { after: { name: person.name, quotaMiB, active, ...tls }, needs: context.needs },
    ),
  );
}

/** Differing fields of a managed mailbox; activity is judged apart. */
function differingFields(person: DesiredMailbox, mailbox: Mailbox, notes: Notes): [Fields, Fields] {
  const before: { -readonly [K in keyof Fields]: Fields[K] } = {};
  const after: { -readonly [K in keyof Fields]: Fields[K] } = {};
  if (person.name !== mailbox.name) {
    before.name = mailbox.name;
    after.name = person.name;
  }
  const quota = person.quotaMiB;
  const more = quota === undefined ? 0 : quota - mailbox.quotaMiB;
  if (quota !== undefined && more !== 0 && quotaFits(person, { more, total: quota }, notes)) {
    before.quotaMiB = mailbox.quotaMiB;
    after.quotaMiB = quota;
  }
  if (person.tlsEnforceIn !== undefined && person.tlsEnforceIn !== mailbox.tlsEnforceIn) {
    before.tlsEnforceIn = mailbox.tlsEnforceIn;
    after.tlsEnforceIn = person.tlsEnforceIn;
  }
  if (person.tlsEnforceOut !== undefined && person.tlsEnforceOut !== mailbox.tlsEnforceOut) {
    before.tlsEnforceOut = mailbox.tlsEnforceOut;
    after.tlsEnforceOut = person.tlsEnforceOut;
  }
  return [before, after];
}

type Managed = {
  readonly person: DesiredMailbox;
  readonly mailbox: Mailbox;
  readonly row: LedgerEntry;
  readonly needs: readonly string[];
};

/** Fields that already were as the directory wants them when we left: somebody changed them in mailcow. */
const driftedFields = (after: Fields, row: LedgerEntry): readonly (keyof Fields)[] => {
  const { applied = {} } = row;
  return (Object.keys(after) as (keyof Fields)[]).filter(
    (name) => (name === 'name' || name === 'quotaMiB') && applied[name] === after[name],
  );
};

const without = (fields: Fields, names: readonly (keyof Fields)[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name as keyof Fields)));

const drift = (address: string, what: string, notes: Notes): void => {
  note(notes, 'drift', address)(`${what} in mailcow; left so, because LDAP_MAILCOW_DRIFT=report`);
};

function planFields({ person, mailbox, row, needs }: Managed, context: PlanContext): void {
  const { notes, input } = context;
  const [before, after] = differingFields(person, mailbox, notes);
  const drifted = driftedFields(after, row);
  const left = input.settings.reportDrift === true ? drifted : [];
  if (left.length > 0) drift(mailbox.address, `${left.join(', ')} changed`, notes);
  const wanted = without(after, left);
  const names = Object.keys(wanted);
  if (names.length === 0) return;
  const reason =
    drifted.length === 0
      ? `${names.join(', ')} of ${person.dn} differ`
      : `${names.join(', ')} of ${person.dn} differ; ${drifted.join(', ')} changed in mailcow`;
  notes.changes.push(
    changed(
      {
        kind: 'update',
        resource: 'mailbox',
        key: mailbox.address,
        directoryId: person.id,
        reason,
        stage: stages.mailbox,
      },
      { before: without(before, left), after: wanted, needs },
    ),
  );
}

const byHand = (address: string, notes: Notes): void => {
  note(
    notes,
    'changed-by-hand',
    address,
  )(
    'deactivated in mailcow by hand, so it is not reactivated; activate it there if the person should have it',
  );
};

function planDisabled({ person, mailbox, row, needs }: Managed, context: PlanContext): void {
  const { notes, input } = context;
  const again = row.lastActive === false;
  if (again && input.settings.reportDrift === true) {
    drift(mailbox.address, `reactivated although ${person.dn} is disabled`, notes);
    return;
  }
  notes.changes.push(
    changed(
      {
        kind: 'deactivate',
        resource: 'mailbox',
        key: mailbox.address,
        directoryId: person.id,
        reason: `${person.dn} is disabled${again ? '; it was reactivated in mailcow' : ''}`,
        stage: stages.deactivateMailbox,
      },
      { before: { active: mailbox.active }, after: { active: input.settings.inactiveState }, needs },
    ),
  );
}

function planActivity(managed: Managed, context: PlanContext): void {
  const { person, mailbox, row, needs } = managed;
  if (person.enabled === isActive(mailbox.active)) return;
  if (!person.enabled) {
    planDisabled(managed, context);
    return;
  }
  if (row.lastActive !== false) {
    byHand(mailbox.address, context.notes);
    return;
  }
  context.notes.changes.push(
    changed(
      {
        kind: 'reactivate',
        resource: 'mailbox',
        key: mailbox.address,
        directoryId: person.id,
        reason: `${person.dn} is enabled again`,
        stage: stages.mailbox,
      },
      { before: { active: mailbox.active }, after: { active: 1 }, needs },
    ),
  );
}

type PlanContext = { readonly input: PlanInput; readonly notes: Notes };

/** Somebody else's mark, a protected address, or an administrator's tag: hands off. */
function handsOff(mailbox: Mailbox, input: PlanInput): string | undefined {
  if (isProtected(mailbox.address, input.settings)) return 'the address is protected';
  if (mailbox.tags.includes(KEEP_TAG)) return `the mailbox has the tag ${KEEP_TAG}`;
  return undefined;
}

const formerOwner = (person: DesiredMailbox, notes: Notes): void => {
  notes.blocked.add(person.id);
  notes.lookups.addresses.add(person.address);
  note(
    notes,
    'address-has-former-owner',
    person.address,
  )(
    `${person.dn} has a new directory id, but the mailbox belongs to another one: nobody's mail is handed on by itself; delete or rename the old mailbox, or give the person another address`,
  );
};

function planAdopt(person: DesiredMailbox, mailbox: Mailbox, context: AdoptContext): void {
  const { input, notes, formerId } = context;
  const reason =
    formerId === undefined
      ? `the mailbox of ${person.dn} exists already; it is marked, nothing else`
      : `${person.dn} was created anew in the directory; its mailbox follows the new id`;
  if (!input.settings.adopt && formerId === undefined) {
    notes.blocked.add(person.id);
    notes.skips.push({
      resource: 'mailbox',
      key: mailbox.address,
      reason: 'exists and LDAP_MAILCOW_ADOPT=false',
    });
    return;
  }
  notes.changes.push(
    changed(
      {
        kind: 'adopt',
        resource: 'mailbox',
        key: mailbox.address,
        directoryId: person.id,
        reason,
        stage: stages.mailbox,
        ...(formerId === undefined ? {} : { formerId }),
      },
      {},
    ),
  );
}

type AdoptContext = { readonly input: PlanInput; readonly notes: Notes; readonly formerId?: string };

/** A mailbox stands at the address of a person who has none yet. */
function planExisting(person: DesiredMailbox, mailbox: Mailbox, context: AdoptContext): void {
  const { input, notes } = context;
  const keep = handsOff(mailbox, input);
  if (keep !== undefined) {
    notes.skips.push({ resource: 'mailbox', key: mailbox.address, reason: keep });
    return;
  }
  const owner = input.ledger.mailboxes.get(mailbox.address)?.directoryId;
  const mark = markOfTags(mailbox.tags, input.settings.owner);
  if (mark !== undefined && mark.owner !== input.settings.owner) {
    notes.blocked.add(person.id);
    notes.lookups.addresses.add(person.address);
    note(
      notes,
      'foreign-owner',
      mailbox.address,
    )(`managed by another ldap-mailcow ("${mark.owner}"): it is never touched here`);
    return;
  }
  const formerId = owner ?? mark?.directoryId;
  if (formerId === undefined || formerId === person.id) planAdopt(person, mailbox, { input, notes });
  else if (input.successors.get(formerId) === person.id)
    planAdopt(person, mailbox, { input, notes, formerId });
  else formerOwner(person, notes);
}

/** An alias stands where a mailbox should come: removed first when it is ours and nobody keeps it. */
function freeFromAlias(
  person: DesiredMailbox,
  input: PlanInput,
  notes: Notes,
): readonly string[] | undefined {
  const alias = input.current.aliases.get(person.address);
  if (alias === undefined) return [];
  const row = input.ledger.aliases.get(person.address);
  if (row === undefined || isProtected(person.address, input.settings)) {
    notes.blocked.add(person.id);
    notes.lookups.addresses.add(person.address);
    note(
      notes,
      'address-taken',
      person.address,
    )(
      `wanted as the mailbox of ${person.dn}, but it is an alias to ${alias.goto.join(', ')} that is not managed: remove it in mailcow, or change the address`,
    );
    return undefined;
  }
  const removal = changed(
    {
      kind: 'remove',
      resource: 'alias',
      key: alias.address,
      directoryId: row.directoryId,
      reason: `${person.dn} has it as its mailbox address now; it pointed to ${alias.goto.join(', ')}`,
      stage: stages.freeAddress,
    },
    {},
  );
  notes.changes.push(removal);
  return [changeId(removal)];
}

function planNewcomer(person: DesiredMailbox, context: NewcomerContext): void {
  const { input, notes, current, renames } = context;
  const existing = current.mailboxes.get(person.address);
  if (existing !== undefined) {
    planExisting(person, existing, { input, notes });
    return;
  }
  if (current.halfDeleted?.has(person.address) === true) {
    notes.blocked.add(person.id);
    note(
      notes,
      'half-deleted-mailbox',
      person.address,
    )(
      'its deletion stopped half-way in mailcow, so it can be neither used nor made anew: delete it again in mailcow',
    );
    return;
  }
  if (isProtected(person.address, input.settings)) {
    notes.blocked.add(person.id);
    notes.skips.push({ resource: 'mailbox', key: person.address, reason: 'the address is protected' });
    return;
  }
  const freed = freeFromAlias(person, input, notes);
  if (freed === undefined) return;
  const vacated = renames.filter((rename) => rename.key === person.address).map(changeId);
  const { movedFrom } = context;
  planCreate(person, notes, {
    input,
    needs: [...freed, ...vacated],
    ...(movedFrom === undefined ? {} : { movedFrom }),
  });
}

type NewcomerContext = {
  readonly input: PlanInput;
  readonly notes: Notes;
  readonly current: CurrentState;
  readonly renames: readonly Change[];
  readonly movedFrom?: string;
};

/** A changed domain: mailcow cannot rename across domains, so a new mailbox comes and the old one stays. */
function planMove(person: DesiredMailbox, row: LedgerEntry, context: NewcomerContext): void {
  note(
    context.notes,
    'mailbox-moved-domain',
    row.key,
  )(
    `${person.dn} is now ${person.address}: mailcow cannot rename across domains, so the mailbox ${row.key} stays with its mail; bring it over with an IMAP sync job from ${row.key} to ${person.address}, then delete it`,
  );
  planNewcomer(person, { ...context, movedFrom: row.key });
}

const movedFinding = (row: LedgerEntry, notes: Notes): void => {
  note(
    notes,
    'mailbox-moved-domain',
    row.key,
  )(
    `its person is now ${row.movedTo ?? 'elsewhere'}: bring its mail over with an IMAP sync job, then delete it; it is left alone`,
  );
};

/** Only what we deactivated, after as many distinct days as configured, and not after a jump of the clock. */
function mayDelete(row: LedgerEntry, input: PlanInput): boolean {
  const { deleteAfterDays } = input.settings;
  if (deleteAfterDays === undefined || row.lastActive !== false || input.clockTrusted === false) return false;
  return (input.missingDays?.(row.directoryId) ?? 0) >= deleteAfterDays;
}

function planDelete(row: LedgerEntry, mailbox: Mailbox, context: PlanContext): void {
  const { input, notes } = context;
  if (!mayDelete(row, input) || handsOff(mailbox, input) !== undefined) return;
  const since = input.missingSince(row.directoryId);
  const days = input.missingDays?.(row.directoryId) ?? 0;
  notes.changes.push(
    changed(
      {
        kind: 'delete',
        resource: 'mailbox',
        key: row.key,
        directoryId: row.directoryId,
        reason: `missing on ${days} days${since === undefined ? '' : ` since ${since}`}; LDAP_MAILCOW_DELETE_AFTER_DAYS=${input.settings.deleteAfterDays ?? ''}`,
        stage: stages.delete,
      },
      {},
    ),
  );
}

function planOrphan(row: LedgerEntry, input: PlanInput, notes: Notes): void {
  const mailbox = input.current.mailboxes.get(row.key);
  if (mailbox === undefined) return;
  if (!isActive(mailbox.active)) {
    planDelete(row, mailbox, { input, notes });
    return;
  }
  const keep = handsOff(mailbox, input);
  if (keep !== undefined || !input.settings.disableDeleted) {
    const reason = keep ?? 'no longer in the directory, but LDAP_MAILCOW_DISABLE_DELETED_USERS=false';
    notes.skips.push({ resource: 'mailbox', key: row.key, reason });
    return;
  }
  const since = input.missingSince(row.directoryId);
  notes.changes.push(
    changed(
      {
        kind: 'deactivate',
        resource: 'mailbox',
        key: row.key,
        directoryId: row.directoryId,
        reason: `no longer in the directory${since === undefined ? '' : ` since ${since}`}`,
        stage: stages.deactivateMailbox,
      },
      { before: { active: mailbox.active }, after: { active: input.settings.inactiveState } },
    ),
  );
}

function planManaged(managed: Managed, input: PlanInput, notes: Notes): void {
  const keep = handsOff(managed.mailbox, input);
  if (keep !== undefined) {
    notes.skips.push({ resource: 'mailbox', key: managed.mailbox.address, reason: keep });
    return;
  }
  planFields(managed, { input, notes });
  planActivity(managed, { input, notes });
}

/** The mailbox half; returns mailcow's state as the alias half must see it. */
export function planMailboxes(input: PlanInput, notes: Notes): CurrentState {
  if (!input.settings.syncMailboxes) return input.current;
  const owned = mailboxesById(input.ledger, input.desired);
  const renames = planRenames(input, owned, notes);
  const effects: readonly RenameEffect[] = renames.map((change) => ({
    from: change.key,
    to: change.after.address ?? change.key,
    keepAlias: change.keepAlias ?? false,
  }));
  const current = withRenames(input.current, effects);
  const renameOf = new Map(renames.map((change) => [change.directoryId, change]));
  const claimed = new Set<string>();
  for (const person of input.desired.mailboxes.values()) {
    claimed.add(person.address);
    planPerson(person, { input, notes, current, renames }, { owned, renameOf });
  }
  for (const { live, moved } of owned.values()) {
    for (const row of moved) movedFinding(row, notes);
    if (live === undefined || input.claimants.has(live.directoryId) || claimed.has(live.key)) continue;
    planOrphan(live, input, notes);
  }
  return current;
}

function planPerson(
  person: DesiredMailbox,
  context: NewcomerContext,
  owners: {
    readonly owned: ReadonlyMap<string, OwnedMailbox>;
    readonly renameOf: ReadonlyMap<string, Change>;
  },
): void {
  const { input, notes, current } = context;
  const row = owners.owned.get(person.id)?.live;
  if (row === undefined) {
    planNewcomer(person, context);
    return;
  }
  if (notes.blocked.has(person.id)) return;
  const rename = owners.renameOf.get(person.id);
  const at = rename === undefined ? row.key : person.address;
  const mailbox = current.mailboxes.get(at);
  const differentDomain = domainOf(row.key) !== domainOf(person.address);
  if (mailbox !== undefined && !differentDomain) {
    planManaged(
      { person, mailbox, row, needs: rename === undefined ? [] : [changeId(rename)] },
      input,
      notes,
    );
    return;
  }
  if (mailbox !== undefined) {
    planMove(person, row, context);
    return;
  }
  if (input.settings.reportDrift === true && row.key === person.address) {
    notes.blocked.add(person.id);
    drift(person.address, 'the mailbox was deleted', notes);
    return;
  }
  planNewcomer(person, context);
}
