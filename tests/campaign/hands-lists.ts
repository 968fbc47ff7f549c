/** An administrator's hands on lists. Drawn with the dice of lists. */
import type { AliasRow } from '../support/mailcow/rows.ts';
import { isOn } from './books.ts';
import { call, foreignTag } from './hands.ts';
import type { World } from './world.ts';

type Done = string | undefined;
type Hand = (world: World) => Promise<Done> | Done;

/** The aliases at addresses that groups ask for. */
function anyList({ mailcow, now, listDice }: World): AliasRow | undefined {
  const asked = new Set([...now.tree.groups.values()].map(({ mail }) => mail));
  const { aliases } = mailcow.store.snapshot();
  return listDice.pick(aliases.filter((row) => asked.has(row.address) || row.goto.includes(',')));
}

const put = ({ mailcow }: World, row: AliasRow): void => {
  mailcow.store.tables.aliases.put(row);
};

const deactivate: Hand = (world) => {
  const row = anyList(world);
  if (row === undefined || !isOn(row.active)) return undefined;
  put(world, { ...row, active: 0 });
  return `deactivates the list ${row.address}`;
};

const activate: Hand = (world) => {
  const row = anyList(world);
  if (row === undefined || isOn(row.active)) return undefined;
  put(world, { ...row, active: 1 });
  return `activates the list ${row.address}`;
};

/** Somebody more, somebody less, or somebody else altogether. */
const changeGoto: Hand = (world) => {
  const { listDice } = world;
  const row = anyList(world);
  if (row === undefined) return undefined;
  const now = row.goto.split(',');
  const goto = listDice.weighted([
    [2, [...now, 'somebody@elsewhere.example']],
    [2, now.length > 1 ? now.slice(1) : now],
    [1, ['somebody@elsewhere.example']],
  ]);
  put(world, { ...row, goto: [...new Set(goto)].join(',') });
  return `changes the goto of the list ${row.address} to ${goto.join(', ')}`;
};

const remove: Hand = (world) => {
  const row = anyList(world);
  if (row === undefined) return undefined;
  world.mailcow.store.tables.aliases.remove(row.id);
  return `removes the list ${row.address}`;
};

/** Where a group is about to get its list. */
const createForeign: Hand = async (world) => {
  const { now, listDice, mailcow } = world;
  const address = listDice.pick([...now.tree.groups.values()].map(({ mail }) => mail));
  if (address === undefined || mailcow.store.tables.aliases.byAddress(address) !== undefined)
    return undefined;
  const comment = listDice.chance(0.2) ? { private_comment: foreignTag } : {};
  const goto = 'somebody@elsewhere.example';
  await call(world, 'add/alias', { address, goto, active: 1, sogo_visible: 1, ...comment });
  return `creates the alias ${address} -> ${goto}, where a group has its address`;
};

const hands: readonly (readonly [number, Hand])[] = [
  [3, deactivate],
  [1, activate],
  [4, changeGoto],
  [3, remove],
  [3, createForeign],
];

/** One thing that an administrator does to a list. */
export async function useListHands(world: World): Promise<void> {
  const done = await world.watcher.byHand(() => world.listDice.weighted(hands)(world));
  if (done === undefined) return;
  world.count('hands on lists');
  world.tell(`administrator ${done}`);
}
