/** Alias creations with the same goto and alias removals travel together (facts/mailcow-api.md section 12). */
import { changeId, type Change } from '../core/change.ts';
import { isActive, UNKNOWN_ID } from '../core/current.ts';
import { commentWithMark, isFormerAddress, parseMark, renderMark } from '../core/mark.ts';
import { ordinaryFlags } from '../core/plan-alias-context.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { ownedBy, type PerformContext } from './perform-context.ts';
import { refreshAlias } from './refresh.ts';

/** Each entry of a reply echoes the whole request: replies grow with the square of a batch. */
export const MAX_BATCH = 20;

const isCreate = (change: Change): boolean => change.resource === 'alias' && change.kind === 'create';
const isRemove = (change: Change): boolean => change.resource === 'alias' && change.kind === 'remove';

const contentOf = ({ after }: Change): string => JSON.stringify(after);

/** Who else is created alike; a goto may be long, so it is compared only where all else is equal. */
function isAlike(first: Change): (change: Change) => boolean {
  let content: string | undefined;
  return (change) => {
    if (!isCreate(change) || change.directoryId !== first.directoryId) return false;
    content ??= contentOf(first);
    return contentOf(change) === content;
  };
}

/** Whether a change is written with others in one call. */
export function isBatchable(change: Change): boolean {
  return isCreate(change) || isRemove(change);
}

/** The changes of `rest` that travel with `first`, itself included. */
export function batchWith(first: Change, rest: readonly Change[]): readonly Change[] {
  const same = isRemove(first)
    ? rest.filter((change) => isRemove(change) && change.stage === first.stage)
    : rest.filter(isAlike(first));
  return [first, ...same.filter((change) => changeId(change) !== changeId(first))].slice(0, MAX_BATCH);
}

/** mailcow takes no longer comment with a new alias; with an edit it does (facts/mailcow-api.md section 4). */
const MAX_COMMENT_BYTES = 160;

/** The comment that an alias has in the end: of one that comes again what it was, always with our mark. */
function commentOf({ directoryId, after }: Change, { owner }: PerformContext): string {
  const mark = { owner, directoryId };
  const { comment } = after;
  if (comment === undefined) return renderMark(mark);
  return parseMark(comment)?.owner === owner ? comment : commentWithMark(comment, mark);
}

async function createAliases(
  changes: readonly Change[],
  context: PerformContext,
): Promise<readonly WriteResult[]> {
  const [first] = changes;
  if (first === undefined) return [];
  const { goto = [], active = 1 } = first.after;
  const { mailcow, memory, owner } = context;
  const wanted = commentOf(first, context);
  const isLong = Buffer.byteLength(wanted) > MAX_COMMENT_BYTES;
  const privateComment = isLong ? renderMark({ owner, directoryId: first.directoryId }) : wanted;
  const ordinary = ordinaryFlags({ isList: first.list === true });
  const { internal = ordinary.internal, senderAllowed = ordinary.senderAllowed } = first.after;
  const flags = { internal, sogoVisible: true, senderAllowed };
  const addresses = changes.map((change) => change.key);
  const results = await mailcow.createAliases({ addresses, goto, active, privateComment, ...flags });
  const verdicts = changes.map((change, index): WriteResult => {
    const result = results[index] ?? { kind: 'unclear', why: 'mailcow did not mention it' };
    if (result.kind !== 'done') return result;
    memory.setAlias(change.key, {
      id: result.id,
      address: change.key,
      goto,
      active,
      privateComment,
      ...flags,
    });
    memory.own(
      ownedBy(change, context, {
        key: change.key,
        origin: isFormerAddress(wanted) ? 'renamed' : 'created',
        lastActive: isActive(active),
        applied: { goto, internal, senderAllowed },
      }),
    );
    return { kind: 'done' };
  });
  if (isLong) await writeComments(changes, wanted, context);
  return verdicts;
}

/** What a person wrote there is no reason for an alias to be missing: a comment that is refused stays the mark alone. */
async function writeComments(
  changes: readonly Change[],
  privateComment: string,
  { mailcow, memory }: PerformContext,
): Promise<void> {
  for (const { key } of changes) {
    const alias = memory.current.aliases.get(key);
    if (alias === undefined || alias.id === UNKNOWN_ID) continue;
    const result = await mailcow.editAlias(alias.id, { privateComment });
    if (result.kind === 'done') memory.setAlias(key, { ...alias, privateComment });
  }
}

async function removeAliases(
  changes: readonly Change[],
  context: PerformContext,
): Promise<readonly WriteResult[]> {
  const { mailcow, memory } = context;
  const ids: number[] = [];
  for (const change of changes) {
    if ((memory.current.aliases.get(change.key)?.id ?? UNKNOWN_ID) === UNKNOWN_ID) {
      await refreshAlias(mailcow, memory, change.key);
    }
    ids.push(memory.current.aliases.get(change.key)?.id ?? UNKNOWN_ID);
  }
  const known = ids.filter((id) => id !== UNKNOWN_ID);
  const results = known.length === 0 ? [] : await mailcow.removeAliases(known);
  return changes.map((change, index): WriteResult => {
    const id = ids[index] ?? UNKNOWN_ID;
    const result: WriteResult =
      id === UNKNOWN_ID ? { kind: 'done' } : (results[known.indexOf(id)] ?? unclear);
    if (result.kind !== 'done') return result;
    memory.setAlias(change.key, undefined);
    memory.disown('alias', change.key);
    return result;
  });
}

const unclear: WriteResult = { kind: 'unclear', why: 'mailcow did not mention it' };

/** Sends a batch; one verdict per change, in order. */
export function performBatch(
  changes: readonly Change[],
  context: PerformContext,
): Promise<readonly WriteResult[]> {
  const [first] = changes;
  return first !== undefined && isRemove(first)
    ? removeAliases(changes, context)
    : createAliases(changes, context);
}
