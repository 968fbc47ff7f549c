/** The people of a world, and the few addresses that they quarrel about. */
import type { Dice } from './random.ts';
import { contactDnOf, contacts, dnOf, groupDnOf, units, type Group, type Person, type Tree } from './tree.ts';

const oddLocals = ['postmaster', '49zz', "o'brien", 'x+y', 'info', 'sales', 'abuse'];

/** An address from the pool: small, so that people meet in it. */
export function drawAddress(dice: Dice): string {
  const local = dice.chance(0.12) ? (dice.pick(oddLocals) ?? 'info') : `a${dice.below(40)}`;
  const domain = dice.weighted([
    [88, 'example.test'],
    [10, 'other.test'],
    [2, 'unknown.test'],
  ]);
  return `${local}@${domain}`;
}

/** A value of proxyAddresses, as Exchange and people write them. */
export function drawProxy(dice: Dice): string {
  const address = drawAddress(dice);
  return dice.weighted([
    [70, `smtp:${address}`],
    [10, `SMTP:${address}`],
    [10, address],
    [5, `x500:/o=${address}`],
    [5, `smtp:${address.replace('@', ' @')}`],
  ]);
}

/** A new person; `number` makes the account name. */
export function drawPerson(dice: Dice, number: number): Person {
  const sn = `S${number}`;
  return {
    id: dice.uuid(),
    uid: `u${number}`,
    ou: dice.pick(units) ?? 'people',
    cn: `Person ${number}`,
    sn,
    ...(dice.chance(0.5) && { givenName: `G${number}` }),
    ...(dice.chance(0.6) && { displayName: `Display ${number}` }),
    mail: [dice.chance(0.7) ? `a${number}@example.test` : drawAddress(dice)],
    proxies: distinct(
      Array.from(
        {
          length: dice.weighted([
            [5, 0],
            [3, 1],
            [2, 2],
            [1, 3],
          ]),
        },
        () => drawProxy(dice),
      ),
    ),
    ...(dice.chance(0.4) && { quotaMiB: dice.between(1, 5) * 512 }),
    disabled: dice.chance(0.1),
  };
}

/** slapd takes values that differ only in case for the same. */
export function distinct(values: readonly string[]): readonly string[] {
  return [...new Map(values.map((value) => [value.toLowerCase(), value])).values()];
}

function drawRival(dice: Dice, number: number): Group {
  const proxies = dice.chance(0.3) ? [drawProxy(dice)] : [];
  return { id: dice.uuid(), cn: `group${number}`, mail: drawAddress(dice), proxies, members: [] };
}

/** The DN of somebody who may be a member: mostly a person. */
export function drawMember(tree: Tree, dice: Dice): string | undefined {
  const what = dice.weighted([
    [8, 'person'],
    [2, 'group'],
    [1, 'contact'],
  ] as const);
  if (what === 'person') return dice.pick([...tree.people.values()].map(dnOf));
  return dice.pick(what === 'group' ? [...tree.groups.values()].map(groupDnOf) : contacts.map(contactDnOf));
}

function drawMembers(tree: Tree, dice: Dice): readonly string[] {
  const size = dice.weighted([
    [1, 0],
    [2, 1],
    [4, dice.between(2, 5)],
    [4, dice.between(6, 12)],
  ]);
  const drawn = Array.from({ length: size }, () => drawMember(tree, dice));
  return [...new Set(drawn.filter((dn) => dn !== undefined))];
}

/** A group with members; most have an address of their own that nobody else wants. */
export function drawGroup(tree: Tree, dice: Dice, cn: string): Group {
  const mail = dice.weighted([
    [7, `g${dice.below(12)}@example.test`],
    [2, drawAddress(dice)],
    [1, undefined],
  ]);
  const proxies = dice.chance(0.3) ? [`smtp:g${dice.below(12)}@example.test`] : [];
  return { id: dice.uuid(), cn, mail, proxies, members: drawMembers(tree, dice) };
}

/** The tree with lists: new groups, and members for those that are there. */
export function withLists(tree: Tree, dice: Dice): Tree {
  const fresh = Array.from({ length: dice.between(1, 5) }, (_, at) => drawGroup(tree, dice, `team${at}`));
  const all = { ...tree, groups: new Map([...tree.groups, ...fresh.map((one) => [one.id, one] as const)]) };
  const groups = [...all.groups].map(([id, group]): readonly [string, Group] => {
    const more = dice.chance(0.5) ? drawMembers(all, dice) : [];
    return [id, { ...group, members: [...new Set([...group.members, ...more])] }];
  });
  return { ...all, groups: new Map(groups) };
}

/** The first tree of a world, without lists. */
export function peopledTree(dice: Dice): Tree {
  const people = Array.from({ length: dice.between(4, 30) }, (_, at) => drawPerson(dice, at));
  const groups = Array.from({ length: dice.below(3) }, (_, at) => drawRival(dice, at));
  return {
    people: new Map(people.map((person) => [person.id, person])),
    groups: new Map(groups.map((group) => [group.id, group])),
  };
}
