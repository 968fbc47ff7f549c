/** Lists that are mailboxes: the sieve filter that leads to their members (RULES.md, "School"). */
import { changeId, stages, type Change } from './change.ts';
import { isActive, sameGoto } from './current.ts';
import type { DesiredList } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { MAX_REDIRECTS, type ListFilter } from './list-filter.ts';
import type { Mailbox } from './model.ts';
import { handsOff, note, type PlanContext } from './plan-context.ts';
import { noteDrift } from './plan-managed.ts';

/** Whom a list leads to: addresses, and the changes of mailboxes that they build upon. */
export type Lead = { readonly goto: readonly string[]; readonly uses: readonly string[] };

type Task = PlanContext & { readonly list: DesiredList; readonly lead: Lead };

const filterChange = (
  what: Pick<Change, 'kind' | 'reason' | 'needs' | 'before' | 'after'>,
  { list, lead: { uses } }: Task,
): Change => ({
  ...what,
  resource: 'filter',
  key: list.address,
  directoryId: list.directoryId,
  stage: stages.filter,
  list: true,
  ...(uses.length > 0 && { uses }),
});

const newFilter = (task: Task, needs: readonly string[]): Change => {
  const reason = `leads to the members of ${task.list.dn}`;
  return filterChange({ kind: 'create', reason, needs, before: {}, after: { goto: task.lead.goto } }, task);
};

const isTooLong = ({ goto }: Lead): boolean => goto.length > MAX_REDIRECTS;

/** Its mailbox comes with this plan: with a filter, or not at all, for nobody reads what it would keep. */
function planWithMailbox(task: Task, creation: Change): void {
  const { list, lead, notes } = task;
  if (lead.goto.length === 0 || isTooLong(lead)) {
    notes.changes.splice(notes.changes.indexOf(creation), 1);
    notes.blocked.add(list.directoryId);
    return;
  }
  notes.changes.push(newFilter(task, [changeId(creation)]));
}

type Existing = {
  readonly mailbox: Mailbox;
  readonly row: LedgerEntry;
  readonly filter: ListFilter | undefined;
};

/** Whether somebody did something to the filter in mailcow that we do not undo; says so. */
function isLeft({ list, lead, notes, input }: Task, { filter, row }: Existing): boolean {
  const subject = list.address;
  if (filter?.hasRival === true) {
    const message =
      'another prefilter of this list is active, and mailcow would switch it off in favour of the one that leads to its members: deactivate or delete it in mailcow';
    note(notes, { code: 'filter-in-the-way', subject, message });
    return true;
  }
  if (filter?.id !== undefined && !filter.active) {
    const message = 'its filter was deactivated in mailcow by hand, so it is not touched; activate it there';
    note(notes, { code: 'changed-by-hand', subject, message });
    return true;
  }
  const isAsWritten = row.applied?.goto !== undefined && sameGoto(row.applied.goto, lead.goto);
  if (input.settings.reportDrift !== true || !isAsWritten || filter === undefined) return false;
  noteDrift(subject, filter.id === undefined ? 'its filter was deleted' : 'its filter was changed', notes);
  return true;
}

/** The reactivation of its mailbox, where this plan has one. */
function wakingOf({ list, notes }: Task, { active }: Mailbox): readonly string[] {
  const id = changeId({ kind: 'reactivate', resource: 'mailbox', key: list.address });
  return !isActive(active) && notes.changes.some((change) => changeId(change) === id) ? [id] : [];
}

function updateOf(task: Task, { mailbox }: Existing, { goto: before = [], script }: ListFilter): Change {
  const needs = wakingOf(task, mailbox);
  const comesBack = needs.length > 0;
  const changed = script === undefined ? '' : '; its script was changed in mailcow';
  return filterChange(
    {
      kind: 'update',
      reason: `the members of ${task.list.dn} are others${changed}`,
      needs,
      before: { ...(comesBack && { active: mailbox.active }), goto: before },
      after: { ...(comesBack && { active: 1 }), goto: task.lead.goto },
    },
    task,
  );
}

function planExisting(task: Task, existing: Existing): void {
  const { filter, mailbox } = existing;
  const { lead, notes } = task;
  if (filter?.goto !== undefined && sameGoto(filter.goto, lead.goto) && filter.active) return;
  if (isLeft(task, existing)) return;
  notes.changes.push(
    filter?.id === undefined ? newFilter(task, wakingOf(task, mailbox)) : updateOf(task, existing, filter),
  );
}

/** The filter of a list whose mailbox the mailbox half has planned already. */
export function planListFilter(list: DesiredList, lead: Lead, { input, notes }: PlanContext): void {
  if (notes.blocked.has(list.directoryId)) return;
  const { address, directoryId } = list;
  const task = { list, lead, input, notes };
  const creation = notes.changes.find(
    ({ resource, kind, key }) => resource === 'mailbox' && kind === 'create' && key === address,
  );
  if (creation !== undefined) {
    planWithMailbox(task, creation);
    return;
  }
  const row = input.ledger.mailboxes.get(address);
  const mailbox = input.current.mailboxes.get(address);
  // One that is adopted or renamed by this plan has its turn with the next.
  if (row?.directoryId !== directoryId || mailbox === undefined) return;
  const keep = handsOff(mailbox, input);
  if (keep !== undefined) {
    notes.skips.push({ resource: 'filter', key: address, reason: keep });
    return;
  }
  // Without members the mailbox is switched off and keeps its last filter; too many are a finding of their own.
  if (lead.goto.length === 0 || isTooLong(lead)) return;
  planExisting(task, { mailbox, row, filter: input.current.filters?.get(address) });
}
