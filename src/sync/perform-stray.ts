/** What the directory does not know is switched off and marked in one call: from then on it is ours to switch on. */
import type { Change } from '../core/change.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import { ADOPTED_TAG, commentWithMark } from '../core/mark.ts';
import { isStrayId } from '../core/watch.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { DONE, markOf, type PerformContext } from './perform-context.ts';
import { refreshAlias } from './refresh.ts';

/** Whether a change switches off what nobody managed until now. */
export function isFirstOfStray(
  { kind, resource, key, directoryId }: Change,
  { memory }: PerformContext,
): boolean {
  if (kind !== 'deactivate' || !isStrayId(directoryId)) return false;
  const rows = resource === 'mailbox' ? memory.ledger.mailboxes : memory.ledger.aliases;
  return rows.get(key)?.directoryId !== directoryId;
}

/** The row of something that was there before us, and that we switched off; what it is like is not our business. */
export function strayRow({ resource, key, directoryId }: Change, since: Date): LedgerEntry {
  return {
    resource: resource === 'mailbox' ? 'mailbox' : 'alias',
    key,
    directoryId,
    origin: 'adopted',
    since: since.toISOString(),
    lastActive: false,
    movedTo: undefined,
  };
}

async function deactivateMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { active = 0 } = change.after;
  const mailbox = memory.current.mailboxes.get(change.key);
  // A tag that is there already breaks the call (facts/mailcow-api.md).
  const addTags = [markOf(change, context), ADOPTED_TAG].filter(
    (tag) => mailbox?.tags.includes(tag) !== true,
  );
  const result = await mailcow.editMailbox(change.key, { active, addTags });
  if (result.kind !== 'done') return result;
  if (mailbox !== undefined) {
    memory.setMailbox(change.key, { ...mailbox, active, tags: [...mailbox.tags, ...addTags].sort() });
  }
  memory.own(strayRow(change, context.now()));
  return DONE;
}

async function deactivateAlias(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  await refreshAlias(mailcow, memory, change.key);
  const alias = memory.current.aliases.get(change.key);
  if (alias === undefined) return { kind: 'refused', words: [{ word: 'alias_invalid', args: [change.key] }] };
  const mark = { owner, directoryId: change.directoryId };
  const edit = { active: 0, privateComment: commentWithMark(alias.privateComment, mark) };
  const result = await mailcow.editAlias(alias.id, edit);
  if (result.kind !== 'done') return result;
  memory.setAlias(change.key, { ...alias, ...edit });
  memory.own(strayRow(change, context.now()));
  return DONE;
}

/** Switches off and marks a mailbox or an alias. */
export function deactivateStray(change: Change, context: PerformContext): Promise<WriteResult> {
  return change.resource === 'mailbox'
    ? deactivateMailbox(change, context)
    : deactivateAlias(change, context);
}
