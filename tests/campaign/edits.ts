/** What happens to people in a directory. Each edit gives a new tree and a line for the story. */
import { distinct, drawAddress, drawPerson, drawProxy } from './people.ts';
import type { Dice } from './random.ts';
import { units, withoutPeople, withPerson, type Group, type Person, type Tree } from './tree.ts';

export type Edited = { readonly tree: Tree; readonly line: string };

/** What an edit may look back on: everybody who was ever there. */
export type Past = {
  readonly leavers: Map<string, Person>;
  nextNumber: number;
  readonly goneGroups: Map<string, Group>;
  nextGroup: number;
};

type Edit = (tree: Tree, dice: Dice, past: Past) => Edited | undefined;

const anyone = (tree: Tree, dice: Dice): Person | undefined => dice.pick([...tree.people.values()]);

const change = (tree: Tree, person: Person, line: string): Edited => ({
  tree: withPerson(tree, person),
  line: `${person.uid}: ${line}`,
});

const join: Edit = (tree, dice, past) => {
  const person = drawPerson(dice, past.nextNumber++);
  return change(tree, person, `joins as ${person.mail.join(', ')}`);
};

function leave(tree: Tree, people: readonly Person[], past: Past): Edited {
  for (const person of people) past.leavers.set(person.id, person);
  const ids = people.map((person) => person.id);
  return { tree: withoutPeople(tree, ids), line: `${people.map((person) => person.uid).join(', ')}: leave` };
}

const leaveOne: Edit = (tree, dice, past) => {
  const person = anyone(tree, dice);
  return person && leave(tree, [person], past);
};

const leaveMany: Edit = (tree, dice, past) => {
  const share = dice.pick([0.3, 0.5, 0.8, 1]) ?? 0.5;
  const people = [...tree.people.values()];
  return leave(tree, dice.shuffled(people).slice(0, Math.ceil(people.length * share)), past);
};

const isFree = (tree: Tree, person: Person): boolean =>
  !tree.people.has(person.id) && [...tree.people.values()].every(({ uid }) => uid !== person.uid);

/** The very entry comes back (from a backup, or into the base again). */
const comeBack: Edit = (tree, dice, past) => {
  const person = dice.pick([...past.leavers.values()].filter((one) => isFree(tree, one)));
  return person && change(tree, person, 'comes back as the same entry');
};

const comeBackAll: Edit = (tree, _, past) => {
  const people = [...past.leavers.values()].filter((one) => isFree(tree, one));
  const all = people.reduce((sum, person) => (isFree(sum, person) ? withPerson(sum, person) : sum), tree);
  return people.length === 0
    ? undefined
    : { tree: all, line: 'everybody who left comes back as the same entry' };
};

/** Deleted and made anew: another id, same account; perhaps in another OU, perhaps at once. */
const recreate: Edit = (tree, dice, past) => {
  const leavers = [...past.leavers.values()].filter((one) => isFree(tree, one));
  const person = dice.pick([...leavers, ...tree.people.values()]);
  if (person === undefined) return undefined;
  past.leavers.set(person.id, person);
  const ou = dice.chance(0.5) ? person.ou : (dice.pick(units) ?? person.ou);
  const again = { ...person, id: dice.uuid(), ou };
  return change(withoutPeople(tree, [person.id]), again, 'is made anew with another id');
};

/** Somebody else gets the address of one who left or is leaving. */
const inherit: Edit = (tree, dice, past) => {
  const former = dice.pick([...past.leavers.values()]);
  const [mail] = former?.mail ?? [];
  if (former === undefined || mail === undefined) return undefined;
  const person = { ...drawPerson(dice, past.nextNumber++), mail: [mail] };
  return change(tree, person, `joins with ${mail}, the address of ${former.uid}, who left`);
};

const changeMail: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  const mail = drawAddress(dice);
  return person && change(tree, { ...person, mail: [mail] }, `mail ${person.mail.join('|')} -> ${mail}`);
};

/** Two swap, or three go round, or each takes the next one's and the last a new one. */
const shuffleMail: Edit = (tree, dice) => {
  const people = dice.shuffled([...tree.people.values()]).slice(0, dice.between(2, 3));
  if (people.length < 2) return undefined;
  const mails = people.map((person) => person.mail);
  const last = dice.chance(0.5) ? mails[0] : [drawAddress(dice)];
  const next = [...mails.slice(1), last ?? []];
  const moved = people.reduce(
    (sum, person, at) => withPerson(sum, { ...person, mail: next[at] ?? [] }),
    tree,
  );
  const line = people.map(
    (person, at) => `${person.uid} ${person.mail.join('|')} -> ${(next[at] ?? []).join('|')}`,
  );
  return { tree: moved, line: `mail moves: ${line.join('; ')}` };
};

/** Onto an address that somebody has, as mailbox or alias. */
const collide: Edit = (tree, dice) => {
  const [person, other] = dice.shuffled([...tree.people.values()]);
  if (person === undefined || other === undefined) return undefined;
  const target = dice.pick([...other.mail, ...other.proxies.map((value) => value.replace(/^smtp:/i, ''))]);
  if (target?.includes('@') !== true) return undefined;
  if (dice.chance(0.5))
    return change(
      tree,
      { ...person, mail: [target] },
      `mail ${person.mail.join('|')} -> ${target}, which ${other.uid} has`,
    );
  const proxies = distinct([...person.proxies, `smtp:${target}`]);
  return change(tree, { ...person, proxies }, `asks for ${target}, which ${other.uid} has`);
};

const breakMail: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  const mail = dice.pick([
    [],
    ['nobody'],
    ['two@example.test', 'three@example.test'],
    ['x@unknown.test'],
    ['a..b@example.test'],
  ]);
  return person && mail && change(tree, { ...person, mail }, `mail becomes ${mail.join('|') || 'empty'}`);
};

const mendMail: Edit = (tree, dice) => {
  const person = dice.pick(
    [...tree.people.values()].filter(
      (one) => one.mail.length !== 1 || !/^[^@]+@(example|other)\.test$/.test(one.mail[0] ?? ''),
    ),
  );
  const mail = `a${person?.uid.slice(1) ?? ''}@example.test`;
  return person && change(tree, { ...person, mail: [mail] }, `mail is mended: ${mail}`);
};

const addAlias: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  const value = drawProxy(dice);
  return (
    person && change(tree, { ...person, proxies: distinct([...person.proxies, value]) }, `also ${value}`)
  );
};

const dropAlias: Edit = (tree, dice) => {
  const person = dice.pick([...tree.people.values()].filter(({ proxies }) => proxies.length > 0));
  const value = dice.pick(person?.proxies ?? []);
  return (
    person &&
    change(
      tree,
      { ...person, proxies: person.proxies.filter((one) => one !== value) },
      `no longer ${value ?? ''}`,
    )
  );
};

const moveAlias: Edit = (tree, dice) => {
  const from = dice.pick([...tree.people.values()].filter(({ proxies }) => proxies.length > 0));
  const to = anyone(tree, dice);
  const value = dice.pick(from?.proxies ?? []);
  if (from === undefined || to === undefined || value === undefined || from.id === to.id) return undefined;
  const without = withPerson(tree, { ...from, proxies: from.proxies.filter((one) => one !== value) });
  return change(
    without,
    { ...to, proxies: distinct([...to.proxies, value]) },
    `gets ${value} from ${from.uid}`,
  );
};

const toggle: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  return (
    person &&
    change(tree, { ...person, disabled: !person.disabled }, person.disabled ? 'is enabled' : 'is disabled')
  );
};

const setQuota: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  if (person === undefined) return undefined;
  const { quotaMiB: _, ...rest } = person;
  const quotaMiB = dice.between(1, 8) * 256;
  return dice.chance(0.3)
    ? change(tree, rest, 'no quota')
    : change(tree, { ...person, quotaMiB }, `quota ${quotaMiB}`);
};

const setName: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  const displayName = `Display ${dice.below(1000)}`;
  return person && change(tree, { ...person, displayName }, `name ${displayName}`);
};

const moveUnit: Edit = (tree, dice) => {
  const person = anyone(tree, dice);
  const ou = dice.pick(units) ?? 'people';
  return person && change(tree, { ...person, ou }, `moves to ou=${ou}`);
};

const regroup: Edit = (tree, dice, past) => {
  const group = dice.pick([...tree.groups.values()]);
  if (group !== undefined && dice.chance(0.5)) {
    past.goneGroups.set(group.id, group);
    return {
      tree: { ...tree, groups: new Map([...tree.groups].filter(([id]) => id !== group.id)) },
      line: `group ${group.cn} goes`,
    };
  }
  const fresh = {
    id: dice.uuid(),
    cn: `group-${dice.uuid().slice(0, 6)}`,
    mail: drawAddress(dice),
    proxies: [],
    members: [],
  };
  return {
    tree: { ...tree, groups: new Map(tree.groups).set(fresh.id, fresh) },
    line: `group ${fresh.cn} claims ${fresh.mail}`,
  };
};

const edits: readonly (readonly [number, Edit])[] = [
  [8, join],
  [8, leaveOne],
  [2, leaveMany],
  [5, comeBack],
  [2, comeBackAll],
  [5, recreate],
  [4, inherit],
  [9, changeMail],
  [5, shuffleMail],
  [6, collide],
  [4, breakMail],
  [5, mendMail],
  [6, addAlias],
  [5, dropAlias],
  [5, moveAlias],
  [8, toggle],
  [5, setQuota],
  [3, setName],
  [3, moveUnit],
  [2, regroup],
];

/** One edit that is possible now. */
export function drawEdit(tree: Tree, dice: Dice, past: Past): Edited {
  for (;;) {
    const edited = dice.weighted(edits)(tree, dice, past);
    if (edited !== undefined) return edited;
  }
}
