/** The people of a world, and the few addresses that they quarrel about. */
import type { Dice } from './random.ts';
import { units, type Group, type Person, type Tree } from './tree.ts';

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

function drawGroup(dice: Dice, number: number): Group {
  const proxies = dice.chance(0.3) ? [drawProxy(dice)] : [];
  return { id: dice.uuid(), cn: `group${number}`, mail: drawAddress(dice), proxies };
}

/** The first tree of a world. */
export function peopledTree(dice: Dice): Tree {
  const people = Array.from({ length: dice.between(4, 30) }, (_, at) => drawPerson(dice, at));
  const groups = Array.from({ length: dice.below(3) }, (_, at) => drawGroup(dice, at));
  return {
    people: new Map(people.map((person) => [person.id, person])),
    groups: new Map(groups.map((group) => [group.id, group])),
  };
}
