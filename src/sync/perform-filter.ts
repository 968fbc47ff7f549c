/** Changes of the sieve filters that make a mailbox a list. */
import type { Change } from '../core/change.ts';
import { renderListScript } from '../core/list-filter.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { DONE, markOf, type PerformContext } from './perform-context.ts';

/** Whom the list leads to from now on; its mailbox is whose it was. */
export function recordFilter({ key, after }: Change, { memory }: PerformContext): void {
  const row = memory.ledger.mailboxes.get(key);
  if (row === undefined || after.goto === undefined) return;
  memory.own({ ...row, applied: { ...row.applied, goto: after.goto } });
}

async function createFilter(
  change: Change,
  goto: readonly string[],
  context: PerformContext,
): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { key } = change;
  const result = await mailcow.createFilter({
    username: key,
    description: markOf(change, context),
    script: renderListScript(goto),
    kind: 'prefilter',
    active: true,
  });
  if (result.kind !== 'done') return result;
  memory.setFilter(key, { address: key, id: result.id, goto, active: true, hasRival: false });
  recordFilter(change, context);
  return DONE;
}

/** Also the mark: what an older tool wrote is ours from now on. */
async function editFilter(
  change: Change,
  goto: readonly string[],
  context: PerformContext,
): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { key } = change;
  const known = memory.current.filters?.get(key);
  if (known?.id === undefined) return { kind: 'refused', words: [{ word: 'access_denied', args: [key] }] };
  const edit = { description: markOf(change, context), script: renderListScript(goto) };
  const result = await mailcow.editFilter(known.id, edit);
  if (result.kind !== 'done') return result;
  const { script: _script, ...rest } = known;
  memory.setFilter(key, { ...rest, goto });
  recordFilter(change, context);
  return DONE;
}

/** The mailbox keeps its mail for itself from then on. */
async function deleteFilter({ key }: Change, { mailcow, memory }: PerformContext): Promise<WriteResult> {
  const known = memory.current.filters?.get(key);
  const [result = DONE] = known?.id === undefined ? [] : await mailcow.deleteFilters([known.id]);
  if (result.kind === 'done')
    memory.setFilter(key, { address: key, active: false, hasRival: known?.hasRival === true });
  return result;
}

/** Sends a change of a filter. */
export function performFilter(change: Change, context: PerformContext): Promise<WriteResult> {
  const { goto = [] } = change.after;
  if (change.kind === 'delete') return deleteFilter(change, context);
  return change.kind === 'create' ? createFilter(change, goto, context) : editFilter(change, goto, context);
}
