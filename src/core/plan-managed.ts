/** Mailboxes of ours: fields that differ, and whether they should work. */
import { stages, type Fields } from './change.ts';
import { isActive } from './current.ts';
import type { DesiredMailbox } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { marksOf } from './mark.ts';
import type { Mailbox } from './model.ts';
import {
  handsOff,
  mailboxChange,
  note,
  type Notes,
  type PlanContext,
  type PlanInput,
} from './plan-context.ts';
import { isDriftedPassword, loginFields } from './plan-login.ts';
import { quotaFits, takeRoom } from './plan-room.ts';

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
    takeRoom(person.address, Math.max(0, more), notes);
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

/** A mailbox of ours and the person it belongs to. */
export type Managed = {
  readonly person: DesiredMailbox;
  readonly mailbox: Mailbox;
  readonly row: LedgerEntry;
  readonly needs: readonly string[];
};

/** Fields that already were as the directory wants them when we left: somebody changed them in mailcow. */
const driftedFields = (after: Fields, managed: Managed, input: PlanInput): readonly (keyof Fields)[] => {
  const { applied = {} } = managed.row;
  const isDrifted = (name: keyof Fields): boolean => {
    if (name === 'password') return isDriftedPassword(managed, input);
    return (name === 'name' || name === 'quotaMiB' || name === 'authSource') && applied[name] === after[name];
  };
  return (Object.keys(after) as (keyof Fields)[]).filter(isDrifted);
};

const without = (fields: Fields, names: readonly (keyof Fields)[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name as keyof Fields)));

/** Notes what was changed in mailcow and stays so. */
export function noteDrift(address: string, what: string, notes: Notes): void {
  note(notes, {
    code: 'drift',
    subject: address,
    message: `${what} in mailcow; left so, because LDAP_MAILCOW_DRIFT=report`,
  });
}

function planFields(managed: Managed, context: PlanContext): void {
  const { person, mailbox, row, needs } = managed;
  const { notes, input } = context;
  const fields = differingFields(person, mailbox, notes);
  const login = loginFields(managed, context);
  const before = { ...fields[0], ...login[0] };
  const after = { ...fields[1], ...login[1] };
  const { quotaMiB } = row.applied ?? {};
  if (person.quotaMiB === undefined && quotaMiB !== undefined && quotaMiB !== mailbox.quotaMiB) {
    const message = `its quota was set to ${mailbox.quotaMiB} MiB in mailcow by hand; it stays for as long as the directory gives none`;
    note(notes, { code: 'changed-by-hand', subject: mailbox.address, message });
  }
  const drifted = driftedFields(after, managed, input);
  const left = input.settings.reportDrift === true ? drifted : [];
  if (left.length > 0) noteDrift(mailbox.address, `${left.join(', ')} changed`, notes);
  const wanted = without(after, left);
  const names = Object.keys(wanted);
  if (names.length === 0) return;
  const reason =
    drifted.length === 0
      ? `differs from ${person.dn} in ${names.join(', ')}`
      : `differs from ${person.dn} in ${names.join(', ')}; ${drifted.join(', ')} changed in mailcow`;
  notes.changes.push(
    mailboxChange(
      {
        kind: 'update',
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
  note(notes, {
    code: 'changed-by-hand',
    subject: address,
    message:
      'deactivated in mailcow by hand, so it is not reactivated; activate it there if the person should have it',
  });
};

const whyOff = ({ dn, list }: DesiredMailbox): string =>
  list ? `${dn} has no member left with an active mailbox` : `${dn} is disabled`;

/** A list without members that still received would lead to those who were. */
const inactiveStateOf = ({ list }: DesiredMailbox, { settings }: PlanInput): number =>
  list ? 0 : settings.inactiveState;

function planDisabled({ person, mailbox, row, needs }: Managed, context: PlanContext): void {
  const { notes, input } = context;
  const again = row.lastActive === false;
  if (again && input.settings.reportDrift === true) {
    noteDrift(mailbox.address, `reactivated although ${whyOff(person)}`, notes);
    return;
  }
  notes.changes.push(
    mailboxChange(
      {
        kind: 'deactivate',
        key: mailbox.address,
        directoryId: person.id,
        reason: `${whyOff(person)}${again ? '; it was reactivated in mailcow' : ''}`,
        stage: stages.deactivateMailbox,
        ...(person.list && { list: true }),
      },
      { before: { active: mailbox.active }, after: { active: inactiveStateOf(person, input) }, needs },
    ),
  );
}

/** Whether a mailbox of ours should work; with what has to be done before it does. */
export function planActivity(managed: Managed, context: PlanContext): void {
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
    mailboxChange(
      {
        kind: 'reactivate',
        key: mailbox.address,
        directoryId: person.id,
        reason: person.list ? `${person.dn} has members` : `${person.dn} is enabled again`,
        // After its filter: it must not lead to those who were members.
        stage: person.list ? stages.filter : stages.mailbox,
        ...(person.list && { list: true }),
      },
      { before: { active: mailbox.active }, after: { active: 1 }, needs },
    ),
  );
}

/** A take-over that was cut short and then reversed leaves two marks of ours: that of the owner stays. */
function planMark({ person, mailbox, needs }: Managed, { input, notes }: PlanContext): void {
  const others = marksOf(mailbox.tags).filter(
    (mark) => mark.owner === input.settings.owner && mark.directoryId !== person.id,
  );
  const formerId = others[0]?.directoryId;
  if (formerId === undefined) return;
  const reason = `also bears the mark of another id, which ${person.dn} does not have: that mark goes`;
  const what = { kind: 'adopt', key: mailbox.address, directoryId: person.id, formerId } as const;
  notes.changes.push(mailboxChange({ ...what, reason, stage: stages.mailbox }, { needs }));
}

/** Fields and activity of a mailbox of ours; a list works while its filter leads to somebody (plan-list-filter). */
export function planManaged(managed: Managed, { input, notes }: PlanContext): void {
  const keep = handsOff(managed.mailbox, input);
  if (keep !== undefined) {
    notes.skips.push({ resource: 'mailbox', key: managed.mailbox.address, reason: keep });
    return;
  }
  planMark(managed, { input, notes });
  planFields(managed, { input, notes });
  if (managed.person.list !== true) planActivity(managed, { input, notes });
}
