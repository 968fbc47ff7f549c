/**
 * The login of a mailbox: its auth source, which mailcow sets to its own without a word where it cannot do what is asked
 * (facts/mailcow-api.md section 3), and its password, of which only the hash is ever sent and nothing ever kept.
 */
import type { Change, Fields } from '../core/change.ts';
import type { AppliedFields } from '../core/ledger.ts';
import type { Mailbox } from '../core/model.ts';
import type { MailboxEdit, MailcowWord, NewMailbox, WriteResult } from '../ports-mailcow.ts';
import { DONE, type PerformContext } from './perform-context.ts';

const FELL_BACK: MailcowWord = { word: 'authsource fell back to mailcow', args: [] };

/** What a login is set to; undefined: the reading that had the hash is gone. */
type Login = Pick<NewMailbox, 'authSource' | 'password'>;

const isAuthSource = (text: string | undefined): text is NonNullable<MailboxEdit['authSource']> =>
  text === 'mailcow' || text === 'ldap';

function hashOf({ directoryId }: Change, { passwords }: PerformContext): Login {
  const known = passwords?.get(directoryId);
  return known === undefined ? {} : { password: { hash: known.hash } };
}

/** The part of a creation that says how its person logs in. */
export function loginOfCreation(change: Change, context: PerformContext): Login {
  const { authSource, password } = change.after;
  if (isAuthSource(authSource)) return { authSource };
  return password === 'from the directory' ? hashOf(change, context) : {};
}

/** mailcow takes a mailbox without a password for one of its own whose password is too weak. */
export function explainRefusal(change: Change, result: WriteResult): WriteResult {
  if (result.kind !== 'refused' || change.after.authSource !== 'ldap') return result;
  const isFallback = result.words.some(({ word }) => word === 'password_complexity');
  return isFallback ? { ...result, words: [FELL_BACK, ...result.words] } : result;
}

async function readBack(change: Change, { mailcow, memory }: PerformContext): Promise<Mailbox | undefined> {
  const found = await mailcow.readMailbox(change.key);
  if (found === 'half-deleted' || found === undefined) return undefined;
  memory.setMailbox(change.key, found);
  return found;
}

function remember(change: Change, applied: AppliedFields, { memory }: PerformContext): void {
  const row = memory.ledger.mailboxes.get(change.key);
  if (row === undefined) return;
  const { loginWaits: _over, ...before } = row.applied ?? {};
  memory.own({ ...row, applied: { ...before, ...applied } });
}

const digestOf = ({ directoryId }: Change, { passwords }: PerformContext): AppliedFields => {
  const digest = passwords?.get(directoryId)?.digest;
  return digest === undefined ? {} : { passwordDigest: digest };
};

/** Undefined: as it was asked for. */
const whyNotKept = (after: Fields, found: Mailbox | undefined): WriteResult | undefined => {
  if (found === undefined) return { kind: 'unclear', why: 'the mailbox was not there when read again' };
  const wanted = after.authSource ?? (after.password === undefined ? undefined : 'mailcow');
  if (wanted === undefined || found.authSource === wanted) return undefined;
  const words =
    wanted === 'ldap' ? [FELL_BACK] : [{ word: 'authsource did not change', args: [found.authSource] }];
  return { kind: 'refused', words };
};

/**
 * After a creation that is known to have happened. Where mailcow fell back, nobody must be able to log in with what it
 * keeps for a password, and the login is tried again as that of a managed mailbox.
 */
export async function checkCreatedLogin(change: Change, context: PerformContext): Promise<WriteResult> {
  const { after } = change;
  if (after.password === 'random') remember(change, { loginWaits: true }, context);
  if (after.authSource === undefined && after.password !== 'from the directory') return DONE;
  const found = await readBack(change, context);
  const problem = whyNotKept(after, found);
  if (problem !== undefined) {
    remember(change, { loginWaits: true }, context);
    if (problem.kind === 'refused') await context.mailcow.editMailbox(change.key, { password: 'random' });
    return problem;
  }
  const { passwordChanged } = found ?? {};
  const password = {
    ...digestOf(change, context),
    ...(passwordChanged !== undefined && { passwordChanged }),
  };
  const { authSource } = after;
  remember(change, authSource === undefined ? password : { authSource }, context);
  return DONE;
}

/** The part of an edit that says how its person logs in; a random password needs a call of its own. */
export function loginOfEdit(
  change: Change,
  context: PerformContext,
): Pick<MailboxEdit, 'authSource' | 'password'> {
  const { authSource, password } = change.after;
  return {
    ...(isAuthSource(authSource) && { authSource }),
    ...(password === 'changed' && hashOf(change, context)),
  };
}

/**
 * Sets the random password of a mailbox that is back at mailcow's own logins: mailcow keeps none that comes together
 * with the auth source. Harmless when it is done twice.
 */
export async function finishWayBack(change: Change, context: PerformContext): Promise<WriteResult> {
  if (change.kind !== 'update' || change.after.password !== 'random') return DONE;
  return context.mailcow.editMailbox(change.key, { password: 'random' });
}

/** After an edit that mailcow called done. */
export async function checkEditedLogin(change: Change, context: PerformContext): Promise<WriteResult> {
  const { authSource, password } = change.after;
  if (authSource === undefined && password === undefined) return DONE;
  const problem = whyNotKept(change.after, await readBack(change, context));
  if (problem !== undefined) return problem;
  const finished = await finishWayBack(change, context);
  if (finished.kind !== 'done') return finished;
  const { passwordChanged } = context.memory.current.mailboxes.get(change.key) ?? {};
  const applied: AppliedFields = {
    ...(authSource !== undefined && { authSource }),
    ...(password === 'changed' && digestOf(change, context)),
    ...(password === 'changed' && passwordChanged !== undefined && { passwordChanged }),
  };
  remember(change, applied, context);
  return DONE;
}
