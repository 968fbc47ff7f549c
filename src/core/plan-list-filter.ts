/** Lists that are mailboxes: the sieve filter that leads to their members (RULES.md, "School"). */
import { changeId, fallTogether, stages, type Change } from './change.ts';
import { isActive, sameGoto } from './current.ts';
import type { DesiredList } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { MAX_REDIRECTS, type ListFilter } from './list-filter.ts';
import type { Mailbox } from './model.ts';
import { handsOff, mailboxChange, note, type Notes, type PlanContext } from './plan-context.ts';
import { noteDrift, planActivity } from './plan-managed.ts';

/** Whom a list leads to: addresses, and the changes of mailboxes that they build upon; and where its mailbox is now. */
export type Lead = {
  readonly goto: readonly string[];
  readonly uses: readonly string[];
  readonly home: string | undefined;
};

type Task = PlanContext & {
  readonly list: DesiredList;
  readonly lead: Lead;
  /** The mailbox. */
  readonly key: string;
};

const filterChange = (
  what: Pick<Change, 'kind' | 'reason' | 'needs' | 'before' | 'after'>,
  { key, list, lead: { uses } }: Task,
): Change => ({
  ...what,
  resource: 'filter',
  key,
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

/** Takes a change out of the plan, and what makes no sense without it. */
function withdraw(change: Change, { changes }: Notes): void {
  const fallen = fallTogether(changes, new Set([changeId(change)]));
  const stay = changes.filter((one) => !fallen.has(changeId(one)));
  changes.length = 0;
  for (const one of stay) changes.push(one);
}

/** Its mailbox comes with this plan: it works when it has its filter, for nobody reads what it would keep. */
function planWithMailbox(task: Task, creation: Change): void {
  const { key, list, notes } = task;
  const filter = newFilter(task, [changeId(creation)]);
  const reason = 'its filter leads to its members';
  const what = { kind: 'reactivate', key, directoryId: list.directoryId, list: true, reason } as const;
  const fields = { before: { active: 0 }, after: { active: 1 }, needs: [changeId(filter)] };
  notes.changes.push(filter, mailboxChange({ ...what, stage: stages.filter }, fields));
}

type Existing = {
  readonly mailbox: Mailbox;
  readonly row: LedgerEntry;
  readonly filter: ListFilter | undefined;
};

/** Whether somebody did something to the filter in mailcow that we do not undo; says so. */
function isLeft({ key: subject, lead, notes, input }: Task, { filter, row }: Existing): boolean {
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

function updateOf(task: Task, { mailbox, row }: Existing, { goto: before = [], script }: ListFilter): Change {
  // Its mailbox is switched on after that.
  const comesBack = !isActive(mailbox.active) && row.lastActive === false;
  const changed = script === undefined ? '' : '; its script was changed in mailcow';
  return filterChange(
    {
      kind: 'update',
      reason: `the members of ${task.list.dn} are others${changed}`,
      needs: [],
      before: { ...(comesBack && { active: mailbox.active }), goto: before },
      after: { ...(comesBack && { active: 1 }), goto: task.lead.goto },
    },
    task,
  );
}

/** What its filter needs; `left`: somebody else decided over it. */
function filterOf(task: Task, existing: Existing): Change | 'right' | 'left' {
  const { filter } = existing;
  if (filter?.goto !== undefined && sameGoto(filter.goto, task.lead.goto) && filter.active) return 'right';
  if (isLeft(task, existing)) return 'left';
  return filter?.id === undefined ? newFilter(task, []) : updateOf(task, existing, filter);
}

function planExisting(task: Task, existing: Existing): void {
  const { list, lead, notes, input } = task;
  const person = input.desired.mailboxes.get(list.directoryId);
  if (person === undefined) return;
  const { mailbox, row } = existing;
  const managed = { mailbox, row, needs: [] };
  if (lead.goto.length === 0) {
    // It keeps its last filter.
    planActivity({ ...managed, person: { ...person, enabled: false } }, { input, notes });
    return;
  }
  // A finding of its own: it stays as it is, off too.
  if (isTooLong(lead)) return;
  const change = filterOf(task, existing);
  if (change === 'left') return;
  if (change !== 'right') notes.changes.push(change);
  const needs = change === 'right' ? [] : [changeId(change)];
  planActivity({ ...managed, person: { ...person, enabled: true }, needs }, { input, notes });
}

/** The filter of a list whose mailbox the mailbox half has planned already, and whether that mailbox works. */
export function planListFilter(list: DesiredList, lead: Lead, { input, notes }: PlanContext): void {
  const { address, directoryId } = list;
  const ofMailbox = notes.changes.filter(
    (change) => change.resource === 'mailbox' && change.directoryId === directoryId,
  );
  const creation = ofMailbox.find(({ kind, key }) => kind === 'create' && key === address);
  if (creation !== undefined && lead.goto.length > 0 && !isTooLong(lead)) {
    planWithMailbox({ list, lead, key: address, input, notes }, creation);
    return;
  }
  if (creation !== undefined) {
    withdraw(creation, notes);
    notes.blocked.add(directoryId);
  }
  const key = lead.home ?? address;
  const row = input.ledger.mailboxes.get(key);
  const mailbox = input.current.mailboxes.get(key);
  // One that is adopted or renamed by this plan has its turn with the next.
  if (ofMailbox.some(({ kind }) => kind === 'rename')) return;
  if (row?.directoryId !== directoryId || mailbox === undefined) return;
  const keep = handsOff(mailbox, input);
  if (keep !== undefined) {
    notes.skips.push({ resource: 'filter', key, reason: keep });
    return;
  }
  const task = { list, lead, key, input, notes };
  planExisting(task, { mailbox, row, filter: input.current.filters?.get(key) });
}
