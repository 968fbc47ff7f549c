/** Renames: which are possible, in which order, and what must happen first (DESIGN.md 4.6, 4.12). */
import { domainOf } from './address.ts';
import { changeId, stages, type Change } from './change.ts';
import type { DesiredMailbox } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Mailbox } from './model.ts';
import {
  handsOff,
  isProtected,
  type Notes,
  type OwnedMailbox,
  type PlanContext,
  type PlanInput,
} from './plan-context.ts';
import { freeFromAlias } from './plan-free.ts';
import { noteForeignLogin } from './plan-login.ts';
import { isStrayId } from './watch.ts';

type Wish = { readonly person: DesiredMailbox; readonly row: LedgerEntry; readonly mailbox: Mailbox };

function wishesOf(input: PlanInput, owned: ReadonlyMap<string, OwnedMailbox>): readonly Wish[] {
  const wishes: Wish[] = [];
  for (const person of input.desired.mailboxes.values()) {
    const row = owned.get(person.id)?.live;
    if (row === undefined || row.key === person.address || input.absent?.has(person.id) === true) continue;
    if (domainOf(row.key) !== domainOf(person.address)) continue;
    const mailbox = input.current.mailboxes.get(row.key);
    if (mailbox !== undefined) wishes.push({ person, row, mailbox });
  }
  return wishes;
}

const taken = (wish: Wish, { input, notes }: PlanContext, message: string): void => {
  const there = input.current.mailboxes.get(wish.person.address);
  if (there !== undefined) noteForeignLogin(wish.person, there, { input, notes });
  notes.blocked.add(wish.person.id);
  notes.lookups.addresses.add(wish.person.address);
  notes.findings.push({
    code: 'address-taken',
    subject: wish.person.address,
    message: `${wish.person.dn} cannot move there from ${wish.row.key}: ${message}`,
  });
};

/** Walks from wish to wish over the mailbox that stands in the way; a circle is a swap. */
function blockersOf(wish: Wish, bySource: ReadonlyMap<string, Wish>): readonly Wish[] | 'circle' {
  const path: Wish[] = [];
  let next = bySource.get(wish.person.address);
  while (next !== undefined) {
    if (next === wish || path.includes(next)) return 'circle';
    path.push(next);
    next = bySource.get(next.person.address);
  }
  return path;
}

/** Whether a mailbox that nobody moves away stands at the target. */
function targetHolder(wish: Wish, input: PlanInput, bySource: ReadonlyMap<string, Wish>): string | undefined {
  const target = wish.person.address;
  if (input.current.halfDeleted?.has(target) === true) {
    return 'a mailbox stands there whose deletion stopped half-way: delete it again in mailcow';
  }
  if (!input.current.mailboxes.has(target) || bySource.has(target)) return undefined;
  const row = input.ledger.mailboxes.get(target);
  if (row === undefined || isStrayId(row.directoryId)) return 'a mailbox that is not managed stands there';
  if (input.claimants.has(row.directoryId)) return 'the mailbox of somebody else stands there';
  return 'the mailbox of a former owner stands there';
}

/**
 * mailcow renames only what is not at `active` 0. A person who is enabled again and whom we had deactivated is
 * reactivated first; everybody else waits.
 */
function wake(wish: Wish, notes: Notes): readonly string[] | undefined {
  if (wish.mailbox.active !== 0) return [];
  // A list is switched on where it is, with its filter, and moves with the next plan.
  if (wish.person.list === true && wish.person.enabled && wish.row.lastActive === false) {
    notes.blocked.add(wish.person.id);
    return undefined;
  }
  if (!wish.person.enabled || wish.row.lastActive !== false) {
    notes.blocked.add(wish.person.id);
    notes.findings.push({
      code: 'rename-waits-for-enable',
      subject: wish.row.key,
      message: `should become ${wish.person.address}, but mailcow cannot rename a deactivated mailbox: it follows when the mailbox is active again`,
    });
    return undefined;
  }
  const change: Change = {
    kind: 'reactivate',
    resource: 'mailbox',
    key: wish.row.key,
    directoryId: wish.person.id,
    before: { active: 0 },
    after: { active: 1 },
    reason: `${wish.person.dn} is enabled again`,
    needs: [],
    stage: stages.rename,
  };
  notes.changes.push(change);
  return [changeId(change)];
}

function planRename(
  wish: Wish,
  context: {
    readonly input: PlanInput;
    readonly notes: Notes;
    readonly bySource: ReadonlyMap<string, Wish>;
    readonly possible: ReadonlyMap<Wish, readonly Wish[]>;
  },
): Change | undefined {
  const { input, notes, bySource, possible } = context;
  const blockers = possible.get(wish);
  if (blockers === undefined) return undefined;
  const first = blockers[0];
  if (first !== undefined && notes.blocked.has(first.person.id)) {
    taken(wish, context, `${first.row.key} cannot move away`);
    return undefined;
  }
  const keep =
    handsOff(wish.mailbox, input) ??
    (isProtected(wish.person.address, input.settings) ? 'the new address is protected' : undefined);
  if (keep !== undefined) {
    notes.blocked.add(wish.person.id);
    notes.skips.push({ resource: 'mailbox', key: wish.row.key, reason: keep });
    return undefined;
  }
  const holder = targetHolder(wish, input, bySource);
  if (holder !== undefined) {
    taken(wish, context, holder);
    return undefined;
  }
  const woken = wake(wish, notes);
  if (woken === undefined) return undefined;
  const freed = freeFromAlias(wish.person, { input, notes });
  if (freed === undefined) return undefined;
  const former = input.desired.aliases.get(wish.row.key);
  const order =
    first === undefined ? [] : [changeId({ kind: 'rename', resource: 'mailbox', key: first.row.key })];
  return {
    kind: 'rename',
    resource: 'mailbox',
    key: wish.row.key,
    directoryId: wish.person.id,
    before: { address: wish.row.key },
    after: { address: wish.person.address },
    reason: `the address of ${wish.person.dn} changed`,
    needs: [...woken, ...freed, ...order],
    stage: stages.rename,
    keepAlias: former?.directoryId === wish.person.id,
  };
}

/** All renames that can be done now, those first that free an address for another. */
export function planRenames(
  input: PlanInput,
  owned: ReadonlyMap<string, OwnedMailbox>,
  notes: Notes,
): readonly Change[] {
  const wishes = wishesOf(input, owned);
  const bySource = new Map(wishes.map((wish) => [wish.row.key, wish]));
  const possible = new Map<Wish, readonly Wish[]>();
  for (const wish of wishes) {
    const blockers = blockersOf(wish, bySource);
    if (blockers === 'circle') taken(wish, { input, notes }, 'the two mailboxes want each other’s address');
    else possible.set(wish, blockers);
  }
  const shortestFirst = [...possible.keys()].sort(
    (a, b) => (possible.get(a)?.length ?? 0) - (possible.get(b)?.length ?? 0),
  );
  const renames: Change[] = [];
  for (const wish of shortestFirst) {
    const change = planRename(wish, { input, notes, bySource, possible });
    if (change !== undefined) renames.push(change);
  }
  notes.changes.push(...renames);
  return renames;
}
