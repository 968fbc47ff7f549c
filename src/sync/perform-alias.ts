/** Changes of single aliases (those that are created or removed travel in batches). */
import type { Change } from '../core/change.ts';
import { isActive, UNKNOWN_ID } from '../core/current.ts';
import { commentWithMark, formerAddressComment, isFormerAddress } from '../core/mark.ts';
import type { Alias } from '../core/model.ts';
import type { AliasEdit, WriteResult } from '../ports-mailcow.ts';
import { activityBefore, DONE, ownedBy, type PerformContext } from './perform-context.ts';
import { refreshAlias } from './refresh.ts';

/** Puts our mark into the comment of an alias; what a person wrote there stays. */
export async function markAlias(alias: Alias, change: Change, context: PerformContext): Promise<WriteResult> {
  const mark = { owner: context.owner, directoryId: change.directoryId };
  const privateComment = isFormerAddress(alias.privateComment)
    ? formerAddressComment(mark)
    : commentWithMark(alias.privateComment, mark);
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

/** goto and activity; an alias that changes hands gets the mark of its new owner. */
export async function editAlias(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  const alias = await withKnownId(change, context);
  if (alias === undefined) return gone(change);
  const { goto, active, internal, senderAllowed } = change.after;
  const row = memory.ledger.aliases.get(change.key);
  const passesOn = row !== undefined && row.directoryId !== change.directoryId;
  const mark = { owner, directoryId: change.directoryId };
  const edit: AliasEdit = {
    ...(goto !== undefined && { goto }),
    ...(active !== undefined && { active }),
    ...(internal !== undefined && { internal }),
    ...(senderAllowed !== undefined && { senderAllowed }),
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
    applied: {
      goto: goto ?? alias.goto,
      ...(internal !== undefined && { internal }),
      ...(senderAllowed !== undefined && { senderAllowed }),
    },
  });
  // An alias that changes hands is no former address of its new owner.
  memory.own(passesOn ? { ...owned, origin: 'created' } : owned);
  return DONE;
}

/** Marks an alias that was there already, and nothing else. */
export async function adoptAlias(change: Change, context: PerformContext): Promise<WriteResult> {
  const alias = await withKnownId(change, context);
  if (alias === undefined) return gone(change);
  const result = await markAlias(alias, change, context);
  if (result.kind !== 'done') return result;
  const lastActive = activityBefore(change, alias);
  context.memory.own(
    ownedBy(change, context, {
      key: change.key,
      origin: 'adopted',
      lastActive,
      applied: { goto: alias.goto, internal: alias.internal, senderAllowed: alias.senderAllowed },
    }),
  );
  return DONE;
}
