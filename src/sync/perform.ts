/** One change, sent to mailcow, and what memory and ledger say once it is done. */
import { isActive, UNKNOWN_ID, withoutMailbox, withRenames } from '../core/current.ts';
import type { Change } from '../core/change.ts';
import type { AppliedFields, LedgerEntry, Origin } from '../core/ledger.ts';
import { commentWithMark, renderMark } from '../core/mark.ts';
import type { Alias } from '../core/model.ts';
import type { AliasEdit, Log, Mailcow, MailboxEdit, WriteResult } from '../ports.ts';
import type { Memory } from './memory.ts';
import { refreshAlias } from './refresh.ts';

export type PerformContext = {
  readonly mailcow: Mailcow;
  readonly memory: Memory;
  readonly log: Log;
  readonly owner: string;
  readonly mailboxTemplate: string | undefined;
  readonly now: () => Date;
};

const DONE: WriteResult = { kind: 'done' };

const markOf = (change: Change, { owner }: PerformContext): string =>
  renderMark({ owner, directoryId: change.directoryId });

/** The ledger's row for an object after a change; what was known of it before stays. */
export function ownedBy(
  change: Change,
  context: PerformContext,
  facts: {
    readonly key: string;
    readonly origin: Origin;
    readonly lastActive: boolean | undefined;
    readonly applied?: AppliedFields;
  },
): LedgerEntry {
  const { memory, now } = context;
  const rows = change.resource === 'mailbox' ? memory.ledger.mailboxes : memory.ledger.aliases;
  const before = rows.get(change.key);
  return {
    resource: change.resource,
    key: facts.key,
    directoryId: change.directoryId,
    origin: before?.origin ?? facts.origin,
    since: before?.since ?? now().toISOString(),
    lastActive: facts.lastActive,
    applied: { ...before?.applied, ...facts.applied },
    movedTo: undefined,
  };
}

async function setTls(change: Change, { mailcow, memory }: PerformContext): Promise<WriteResult> {
  const { tlsEnforceIn, tlsEnforceOut } = change.after;
  if (tlsEnforceIn === undefined && tlsEnforceOut === undefined) return DONE;
  const read = change.kind === 'create' ? await mailcow.readMailbox(change.key) : undefined;
  const found = read === 'half-deleted' ? undefined : (read ?? memory.current.mailboxes.get(change.key));
  const policy = {
    in: tlsEnforceIn ?? found?.tlsEnforceIn ?? false,
    out: tlsEnforceOut ?? found?.tlsEnforceOut ?? false,
  };
  const result = await mailcow.editTlsPolicy(change.key, policy);
  const mailbox = memory.current.mailboxes.get(change.key);
  if (result.kind === 'done' && mailbox !== undefined) {
    memory.setMailbox(change.key, { ...mailbox, tlsEnforceIn: policy.in, tlsEnforceOut: policy.out });
  }
  return result;
}

async function createMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { name = '', quotaMiB = 0, active = 1 } = change.after;
  const tags = [markOf(change, context)];
  const template = context.mailboxTemplate;
  const result = await mailcow.createMailbox({
    address: change.key,
    name,
    quotaMiB,
    active,
    tags,
    ...(template !== undefined && { template }),
  });
  if (result.kind !== 'done') return result;
  memory.setMailbox(change.key, {
    address: change.key,
    name,
    quotaMiB,
    active,
    authSource: 'mailcow',
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
  const left = change.movedFrom === undefined ? undefined : memory.ledger.mailboxes.get(change.movedFrom);
  if (left !== undefined) memory.own({ ...left, movedTo: change.key });
  return setTls(change, context);
}

async function editMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { name, quotaMiB, active } = change.after;
  const edit: MailboxEdit = {
    ...(name !== undefined && { name }),
    ...(quotaMiB !== undefined && { quotaMiB }),
    ...(active !== undefined && { active }),
  };
  if (Object.keys(edit).length > 0) {
    const result = await mailcow.editMailbox(change.key, edit);
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
  return setTls(change, context);
}

/** The alias that a rename left bears mailcow's own comment: ours is bookkeeping, and may fail without harm. */
async function claimFormerAddress(change: Change, context: PerformContext): Promise<void> {
  const { mailcow, memory, log } = context;
  await refreshAlias(mailcow, memory, change.key);
  const alias = memory.current.aliases.get(change.key);
  if (alias === undefined) return;
  memory.own({
    ...ownedBy(change, context, { key: change.key, origin: 'renamed', lastActive: isActive(alias.active) }),
    resource: 'alias',
    origin: 'renamed',
    applied: { goto: alias.goto },
  });
  const privateComment = markOf(change, context);
  const result = await mailcow.editAlias(alias.id, { privateComment, senderAllowed: true });
  if (result.kind === 'done') memory.setAlias(change.key, { ...alias, privateComment, senderAllowed: true });
  else log.warn('the alias on the former address could not be marked', { address: change.key });
}

async function renameMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow } = context;
  const to = change.after.address ?? change.key;
  const keepAlias = change.keepAlias ?? false;
  const result = await mailcow.renameMailbox({ from: change.key, to, keepAlias });
  if (result.kind !== 'done') return result;
  await recordRename(change, context);
  return DONE;
}

/** Memory and ledger after a rename that is known to have happened. */
export async function recordRename(change: Change, context: PerformContext): Promise<void> {
  const { memory } = context;
  const to = change.after.address ?? change.key;
  const row = memory.ledger.mailboxes.get(change.key);
  const keepAlias = change.keepAlias ?? false;
  memory.setCurrent(withRenames(memory.current, [{ from: change.key, to, keepAlias }]));
  memory.own(
    ownedBy(change, context, {
      key: to,
      origin: 'created',
      lastActive: row?.lastActive,
      applied: { address: to },
    }),
  );
  memory.disown('mailbox', change.key);
  memory.disown('alias', to);
  if (keepAlias) await claimFormerAddress(change, context);
}

async function adoptMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  const mark = markOf(change, context);
  const result = await mailcow.editMailbox(change.key, { addTags: [mark] });
  if (result.kind !== 'done') return result;
  const mailbox = memory.current.mailboxes.get(change.key);
  const lastActive = mailbox === undefined ? undefined : isActive(mailbox.active);
  const former = memory.ledger.mailboxes.get(change.key);
  const stays = former === undefined ? lastActive : former.lastActive;
  const applied = mailbox === undefined ? {} : { name: mailbox.name, quotaMiB: mailbox.quotaMiB };
  memory.own(ownedBy(change, context, { key: change.key, origin: 'adopted', lastActive: stays, applied }));
  if (mailbox !== undefined) memory.setMailbox(change.key, { ...mailbox, tags: [...mailbox.tags, mark] });
  if (change.formerId === undefined) return DONE;
  const stale = renderMark({ owner, directoryId: change.formerId });
  if (mailbox?.tags.includes(stale) === true) await mailcow.removeMailboxTag(change.key, stale);
  await passOnAliases(change, change.formerId, context);
  return DONE;
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

async function markAlias(alias: Alias, change: Change, context: PerformContext): Promise<WriteResult> {
  const mark = { owner: context.owner, directoryId: change.directoryId };
  const privateComment = commentWithMark(alias.privateComment, mark);
  const result = await context.mailcow.editAlias(alias.id, { privateComment });
  if (result.kind === 'done') context.memory.setAlias(alias.address, { ...alias, privateComment });
  return result;
}

async function withKnownId(change: Change, context: PerformContext): Promise<Alias | undefined> {
  const known = context.memory.current.aliases.get(change.key);
  if (known !== undefined && known.id !== UNKNOWN_ID) return known;
  await refreshAlias(context.mailcow, context.memory, change.key);
  return context.memory.current.aliases.get(change.key);
}

const gone = (change: Change): WriteResult => ({
  kind: 'refused',
  words: [{ word: 'alias_invalid', args: [change.key] }],
});

async function editAlias(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  const alias = await withKnownId(change, context);
  if (alias === undefined) return gone(change);
  const { goto, active } = change.after;
  const row = memory.ledger.aliases.get(change.key);
  const passesOn = row !== undefined && row.directoryId !== change.directoryId;
  const mark = { owner, directoryId: change.directoryId };
  const edit: AliasEdit = {
    ...(goto !== undefined && { goto }),
    ...(active !== undefined && { active }),
    ...(passesOn && { privateComment: commentWithMark(alias.privateComment, mark) }),
  };
  const result = await mailcow.editAlias(alias.id, edit);
  if (result.kind !== 'done') return result;
  memory.setAlias(change.key, { ...alias, ...edit });
  const lastActive = active === undefined ? row?.lastActive : isActive(active);
  const owned = ownedBy(change, context, {
    key: change.key,
    origin: 'created',
    lastActive,
    applied: { goto: goto ?? alias.goto },
  });
  // An alias that changes hands is no former address of its new owner.
  memory.own(passesOn ? { ...owned, origin: 'created' } : owned);
  return DONE;
}

async function adoptAlias(change: Change, context: PerformContext): Promise<WriteResult> {
  const alias = await withKnownId(change, context);
  if (alias === undefined) return gone(change);
  const result = await markAlias(alias, change, context);
  if (result.kind !== 'done') return result;
  const lastActive = isActive(alias.active);
  context.memory.own(
    ownedBy(change, context, {
      key: change.key,
      origin: 'adopted',
      lastActive,
      applied: { goto: alias.goto },
    }),
  );
  return DONE;
}

/** mailcow takes the aliases that lead only there along, and shortens the others. */
export function recordDelete(change: Change, { memory }: PerformContext): void {
  const after = withoutMailbox(memory.current, change.key);
  for (const row of [...memory.ledger.aliases.values()]) {
    if (memory.current.aliases.has(row.key) && !after.aliases.has(row.key)) memory.disown('alias', row.key);
  }
  memory.setCurrent(after);
  memory.disown('mailbox', change.key);
}

async function deleteMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const result = await context.mailcow.deleteMailbox(change.key);
  if (result.kind === 'done') recordDelete(change, context);
  return result;
}

/** Sends one change (aliases are created and removed in batches, elsewhere). */
export function performChange(change: Change, context: PerformContext): Promise<WriteResult> {
  if (change.resource === 'alias') {
    return change.kind === 'adopt' ? adoptAlias(change, context) : editAlias(change, context);
  }
  switch (change.kind) {
    case 'create':
      return createMailbox(change, context);
    case 'rename':
      return renameMailbox(change, context);
    case 'adopt':
      return adoptMailbox(change, context);
    case 'update':
    case 'deactivate':
    case 'reactivate':
      return editMailbox(change, context);
    case 'delete':
      return deleteMailbox(change, context);
    case 'remove':
      throw new Error('mailboxes are deleted, aliases removed');
  }
}
