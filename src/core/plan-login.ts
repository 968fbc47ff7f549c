/** How the people of mailboxes log in: by mailcow's identity provider, or by the hash that the directory shows. */
import type { Fields } from './change.ts';
import { isActive } from './current.ts';
import type { DesiredMailbox } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { markOfTags } from './mark.ts';
import type { Mailbox } from './model.ts';
import { note, type Notes, type PlanContext, type PlanInput } from './plan-context.ts';

/** What a new mailbox is created with; nobody logs in to a list, nor to anything before the provider is ready. */
export function loginOfNew(person: DesiredMailbox, { settings, passwords }: PlanInput): Fields {
  if (person.list === true) return {};
  if (settings.authSource !== undefined) return { authSource: settings.authSource };
  if (settings.logins === 'provider') return { password: 'random' };
  return passwords?.has(person.id) === true ? { password: 'from the directory' } : {};
}

type Owned = { readonly person: DesiredMailbox; readonly mailbox: Mailbox; readonly row: LedgerEntry };

/** What is off, by our hand or another's, is put right when it works again: an edit of it costs mailcow dearly. */
const works = ({ person, mailbox, row }: Owned): boolean =>
  person.enabled && (isActive(mailbox.active) || row.lastActive === false);

const OURS: readonly string[] = ['mailcow', 'ldap'];

function authSourceFields({ mailbox, row }: Owned, { input, notes }: PlanContext): [Fields, Fields] {
  const { authSource, migrateAuth } = input.settings;
  const { authSource: before } = mailbox;
  if (authSource === undefined || before === authSource) return [{}, {}];
  if (migrateAuth === undefined && row.applied?.loginWaits !== true) return [{}, {}];
  if (!OURS.includes(before)) {
    const reason = `its logins are those of ${before}, which is not ours to change`;
    notes.skips.push({ resource: 'mailbox', key: mailbox.address, reason });
    return [{}, {}];
  }
  return [{ authSource: before }, { authSource }];
}

/** Whether somebody set a password in mailcow since we did. */
const isPasswordDrifted = ({ mailbox, row }: Owned): boolean =>
  row.applied?.passwordChanged !== undefined && row.applied.passwordChanged !== mailbox.passwordChanged;

function passwordFields(owned: Owned, { passwords }: PlanInput): Fields {
  const digest = passwords?.get(owned.person.id);
  // mailcow keeps a password only where it checks it itself.
  if (digest === undefined || owned.mailbox.authSource !== 'mailcow') return {};
  const isSame = owned.row.applied?.passwordDigest === digest;
  return isSame && !isPasswordDrifted(owned) ? {} : { password: 'changed' };
}

/** Whether the password differs because of mailcow's side alone. */
export function isDriftedPassword({ person, row }: Owned, { passwords }: PlanInput): boolean {
  const digest = passwords?.get(person.id);
  return digest !== undefined && row.applied?.passwordDigest === digest;
}

/** What differs in the login of a managed mailbox: fields before and after. */
export function loginFields(owned: Owned, context: PlanContext): [Fields, Fields] {
  if (owned.person.list === true || !works(owned)) return [{}, {}];
  const [before, after] = authSourceFields(owned, context);
  return [before, { ...after, ...passwordFields(owned, context.input) }];
}

/** With the directory's password: in mailcow's provider only mailboxes that are told to use it. */
const canOpen = (mailbox: Mailbox, { settings }: PlanInput): boolean =>
  settings.logins === 'templates' ||
  (settings.logins === 'provider' && mailbox.authSource === 'ldap' && isActive(mailbox.active));

/** A mailbox of somebody else, or of nobody we manage, at the address with which a person logs in. */
export function noteForeignLogin(
  person: DesiredMailbox,
  mailbox: Mailbox,
  { input, notes }: { readonly input: PlanInput; readonly notes: Notes },
): void {
  if (person.list === true || !person.enabled || !canOpen(mailbox, input)) return;
  const mark = markOfTags(mailbox.tags, input.settings.owner);
  const isOurs = mark?.owner === input.settings.owner;
  const ownerId =
    input.ledger.mailboxes.get(mailbox.address)?.directoryId ?? (isOurs ? mark.directoryId : undefined);
  if (ownerId === person.id) return;
  const whose = ownerId === undefined ? 'is not managed here' : 'belongs to another directory id';
  note(notes, {
    code: 'login-to-foreign-mailbox',
    subject: mailbox.address,
    message: `${person.dn} can open this mailbox with the directory's password, because it has the address, but the mailbox ${whose}: give the person another address, or the mailbox to the person`,
  });
}
