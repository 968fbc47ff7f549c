/** The mailbox half of a plan: who is renamed, kept, new, or gone. */
import { domainOf } from './address.ts';
import { changeId, type Change } from './change.ts';
import { withRenames, type CurrentState, type RenameEffect } from './current.ts';
import type { DesiredMailbox } from './desired-types.ts';
import {
  mailboxesById,
  type Notes,
  type OwnedMailbox,
  type PlanContext,
  type PlanInput,
} from './plan-context.ts';
import type { LedgerEntry } from './ledger.ts';
import { noteDrift, planManaged } from './plan-managed.ts';
import { planMove, planNewcomer, type NewcomerContext } from './plan-newcomers.ts';
import { noteMoved, planLeftList, planOrphan } from './plan-orphans.ts';
import { planLeavers } from './plan-leavers.ts';
import { planRenames } from './plan-renames.ts';
import { isStrayId } from './watch.ts';

const effectOf = (change: Change): RenameEffect => ({
  from: change.key,
  to: change.after.address ?? change.key,
  keepAlias: change.keepAlias ?? false,
  woken: change.needs.includes(changeId({ kind: 'reactivate', resource: 'mailbox', key: change.key })),
});

/** The mailbox half; returns mailcow's state as the alias half must see it. */
export function planMailboxes(input: PlanInput, notes: Notes): CurrentState {
  if (!input.settings.syncMailboxes) {
    if (input.settings.disableDeleted) planLeavers(input, notes);
    return input.current;
  }
  const owned = mailboxesById(input);
  const renames = planRenames(input, owned, notes);
  const current = withRenames(input.current, renames.map(effectOf));
  const renameOf = new Map(renames.map((change) => [change.directoryId, change]));
  // Of whom a contested address is, nobody knows: what stands there stays as it is (DESIGN.md 4.8).
  const claimed = new Set(input.desired.contestedMailboxes);
  // By address: the last place in a domain must not go to whom the directory happens to name first.
  const people = [...input.desired.mailboxes.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const person of people) {
    claimed.add(person.address);
    if (isEmptyAndGone(person, { input, owned })) continue;
    planPerson(person, { input, notes, current, renames }, { owned, renameOf });
  }
  for (const [id, one] of owned) {
    if (!isStrayId(id)) planOwned(one, claimed, { input, notes });
  }
  const { dropped } = input;
  if (dropped === undefined) return current;
  return withRenames(input.current, renames.filter((change) => !dropped.has(changeId(change))).map(effectOf));
}

/** What an id owns beside what it asks for: left in another domain, or its owner is gone. */
function planOwned({ live, moved }: OwnedMailbox, claimed: ReadonlySet<string>, context: PlanContext): void {
  const { input, notes } = context;
  const isOrphan = (row: LedgerEntry): boolean =>
    !input.claimants.has(row.directoryId) && !claimed.has(row.key);
  for (const row of moved) {
    if (isOrphan(row)) planOrphan(row, context);
    if (!input.claimants.has(row.directoryId)) continue;
    if (!input.groupIds.has(row.directoryId)) noteMoved(row, notes);
    else if (live !== undefined) planLeftList(row, live.key, context);
  }
  if (live !== undefined && isOrphan(live)) planOrphan(live, context);
}

/** Of a list without members nothing is made anew. */
const isEmptyAndGone = (
  { id, list, enabled }: DesiredMailbox,
  { input, owned }: { readonly input: PlanInput; readonly owned: ReadonlyMap<string, OwnedMailbox> },
): boolean => list === true && !enabled && !input.current.mailboxes.has(owned.get(id)?.live?.key ?? '');

function planPerson(
  person: DesiredMailbox,
  context: NewcomerContext,
  owners: {
    readonly owned: ReadonlyMap<string, OwnedMailbox>;
    readonly renameOf: ReadonlyMap<string, Change>;
  },
): void {
  const { input, notes, current } = context;
  if (input.absent?.has(person.id) === true) return;
  const row = owners.owned.get(person.id)?.live;
  if (row === undefined) {
    planNewcomer(person, context);
    return;
  }
  if (notes.blocked.has(person.id)) return;
  const rename = owners.renameOf.get(person.id);
  // Without a rename of its own, whatever a rename brings to its address is somebody else's.
  const mailbox =
    rename === undefined ? input.current.mailboxes.get(row.key) : current.mailboxes.get(person.address);
  const differentDomain = domainOf(row.key) !== domainOf(person.address);
  if (mailbox !== undefined && !differentDomain) {
    planManaged(
      { person, mailbox, row, needs: rename === undefined ? [] : [changeId(rename)] },
      { input, notes },
    );
    return;
  }
  if (mailbox !== undefined) {
    planMove(person, row, context);
    return;
  }
  if (input.settings.reportDrift === true && row.key === person.address) {
    notes.blocked.add(person.id);
    noteDrift(person.address, 'the mailbox was deleted', notes);
    return;
  }
  planNewcomer(person, context);
}
