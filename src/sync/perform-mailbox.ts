/** Changes of mailboxes. */
import type { Change } from '../core/change.ts';
import { isActive, UNKNOWN_ID, withoutMailbox } from '../core/current.ts';
import { ADOPTED_TAG, parseMark, renderMark } from '../core/mark.ts';
import type { MailboxEdit, WriteResult } from '../ports-mailcow.ts';
import { markAlias } from './perform-alias.ts';
import {
  checkCreatedLogin,
  checkEditedLogin,
  explainRefusal,
  loginOfCreation,
  loginOfEdit,
} from './perform-login.ts';
import { activityBefore, DONE, markOf, ownedBy, type PerformContext } from './perform-context.ts';

/** What mailcow has set: a new mailbox may have it from a template. */
async function tlsOf(change: Change, { mailcow, memory }: PerformContext): Promise<TlsFlags> {
  const read = change.kind === 'create' ? await mailcow.readMailbox(change.key) : undefined;
  const known = memory.current.mailboxes.get(change.key);
  const { tlsEnforceIn = false, tlsEnforceOut = false } =
    (read === 'half-deleted' ? undefined : read) ?? known ?? {};
  return { in: tlsEnforceIn, out: tlsEnforceOut };
}

type TlsFlags = { readonly in: boolean; readonly out: boolean };

/** The TLS flags have a route of their own; what mailcow has already is not sent. */
async function setTls(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { tlsEnforceIn, tlsEnforceOut } = change.after;
  if (tlsEnforceIn === undefined && tlsEnforceOut === undefined) return DONE;
  const found = await tlsOf(change, context);
  const wanted = { in: tlsEnforceIn ?? found.in, out: tlsEnforceOut ?? found.out };
  const same = found.in === wanted.in && found.out === wanted.out;
  const result = same ? DONE : await mailcow.editTlsPolicy(change.key, wanted);
  const mailbox = memory.current.mailboxes.get(change.key);
  if (result.kind === 'done' && mailbox !== undefined) {
    memory.setMailbox(change.key, { ...mailbox, tlsEnforceIn: wanted.in, tlsEnforceOut: wanted.out });
  }
  return result;
}

/** The mailbox in the former domain waits for its mail to be brought over. */
export function leaveBehind({ movedFrom, key }: Change, { memory }: PerformContext): void {
  const left = movedFrom === undefined ? undefined : memory.ledger.mailboxes.get(movedFrom);
  if (left !== undefined) memory.own({ ...left, movedTo: key });
}

/** A new mailbox, marked in the same call. */
export async function createMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { name = '', quotaMiB = 0, active = 1 } = change.after;
  const tags = [markOf(change, context)];
  const template = context.mailboxTemplate;
  const login = loginOfCreation(change, context);
  const result = await mailcow.createMailbox({
    address: change.key,
    name,
    quotaMiB,
    active,
    tags,
    ...(template !== undefined && { template }),
    ...login,
  });
  if (result.kind !== 'done') return explainRefusal(change, result);
  memory.setMailbox(change.key, {
    address: change.key,
    name,
    quotaMiB,
    active,
    authSource: login.authSource ?? 'mailcow',
    tlsEnforceIn: false,
    tlsEnforceOut: false,
    tags,
  });
  memory.own(
    ownedBy(change, context, {
      key: change.key,
      origin: 'created',
      lastActive: isActive(active),
      applied: { name, quotaMiB },
    }),
  );
  leaveBehind(change, context);
  const checked = await checkCreatedLogin(change, context);
  return checked.kind === 'done' ? setTls(change, context) : checked;
}

/** Name, quota, activity, login, and the TLS flags by their own route. */
export async function editMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { name, quotaMiB, active } = change.after;
  const edit: MailboxEdit = {
    ...(name !== undefined && { name }),
    ...(quotaMiB !== undefined && { quotaMiB }),
    ...(active !== undefined && { active }),
  };
  const login = loginOfEdit(change, context);
  if (Object.keys({ ...edit, ...login }).length > 0) {
    const result = await mailcow.editMailbox(change.key, { ...edit, ...login });
    if (result.kind !== 'done') return result;
    const mailbox = memory.current.mailboxes.get(change.key);
    if (mailbox !== undefined) memory.setMailbox(change.key, { ...mailbox, ...edit });
  }
  const row = memory.ledger.mailboxes.get(change.key);
  if (row !== undefined) {
    const applied = {
      ...row.applied,
      ...(name !== undefined && { name }),
      ...(quotaMiB !== undefined && { quotaMiB }),
    };
    memory.own({ ...row, applied, ...(active !== undefined && { lastActive: isActive(active) }) });
  }
  const checked = await checkEditedLogin(change, context);
  return checked.kind === 'done' ? setTls(change, context) : checked;
}

/** Marks a mailbox that was there already; one that is taken over brings its aliases along. */
export async function adoptMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  const mark = markOf(change, context);
  const mailbox = memory.current.mailboxes.get(change.key);
  const isOurs = mailbox?.tags.some((tag) => parseMark(tag)?.owner === owner) === true;
  const wanted = isOurs ? [mark] : [mark, ADOPTED_TAG];
  // A tag that is there already breaks the call (facts/mailcow-api.md).
  const addTags = wanted.filter((tag) => mailbox?.tags.includes(tag) !== true);
  const result = addTags.length === 0 ? DONE : await mailcow.editMailbox(change.key, { addTags });
  if (result.kind !== 'done') return result;
  const lastActive = activityBefore(change, mailbox);
  const former = memory.ledger.mailboxes.get(change.key);
  const stays = former === undefined ? lastActive : former.lastActive;
  const applied = mailbox === undefined ? {} : { name: mailbox.name, quotaMiB: mailbox.quotaMiB };
  memory.own(ownedBy(change, context, { key: change.key, origin: 'adopted', lastActive: stays, applied }));
  if (mailbox !== undefined)
    memory.setMailbox(change.key, { ...mailbox, tags: [...mailbox.tags, ...addTags] });
  leaveBehind(change, context);
  if (change.formerId === undefined) return DONE;
  const stale = renderMark({ owner, directoryId: change.formerId });
  await removeTag(change.key, stale, context);
  await passOnAliases(change, change.formerId, context);
  return DONE;
}

/** One that stays, because mailcow did not take the call, is seen by the next plan. */
async function removeTag(address: string, tag: string, { mailcow, memory }: PerformContext): Promise<void> {
  const mailbox = memory.current.mailboxes.get(address);
  if (mailbox?.tags.includes(tag) !== true) return;
  const result = await mailcow.removeMailboxTag(address, tag);
  if (result.kind !== 'done') return;
  memory.setMailbox(address, { ...mailbox, tags: mailbox.tags.filter((one) => one !== tag) });
}

/** The aliases of a former id follow the mailbox to the new one. */
async function passOnAliases(change: Change, formerId: string, context: PerformContext): Promise<void> {
  const { memory } = context;
  const rows = [...memory.ledger.aliases.values()].filter((row) => row.directoryId === formerId);
  for (const row of rows) {
    memory.own({ ...row, directoryId: change.directoryId });
    const alias = memory.current.aliases.get(row.key);
    if (alias === undefined || alias.id === UNKNOWN_ID) continue;
    await markAlias(alias, change, context);
  }
}

/** mailcow takes the aliases that lead only there along, and its sync jobs, and shortens the other aliases. */
export function recordDelete(change: Change, { memory }: PerformContext): void {
  const after = withoutMailbox(memory.current, change.key);
  for (const row of [...memory.ledger.aliases.values()]) {
    if (memory.current.aliases.has(row.key) && !after.aliases.has(row.key)) memory.disown('alias', row.key);
  }
  memory.setCurrent(after);
  memory.setFilter(change.key, undefined);
  memory.setSyncJobs(change.key, undefined);
  memory.disown('mailbox', change.key);
}

/** Deletes a mailbox with its mail. */
export async function deleteMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  // Mail may have come since it was planned.
  if (change.onlyEmpty && (await context.mailcow.countMessages(change.key)) !== 0) {
    return { kind: 'refused', words: [{ word: 'mailbox_not_empty', args: [change.key] }] };
  }
  const result = await context.mailcow.deleteMailbox(change.key);
  if (result.kind === 'done') recordDelete(change, context);
  return result;
}
