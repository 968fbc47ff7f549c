/** What happens to groups and their members. Drawn with dice of their own: the stories of people stay as they are. */
import type { Edited, Past } from './edits.ts';
import { distinct, drawAddress, drawGroup, drawMember, drawProxy } from './people.ts';
import type { Dice } from './random.ts';
import { dnOf, groupDnOf, withGroup, withoutGroup, type Group, type Tree } from './tree.ts';

type Edit = (tree: Tree, dice: Dice, past: Past) => Edited | undefined;

const anyGroup = (tree: Tree, dice: Dice): Group | undefined => dice.pick([...tree.groups.values()]);

const withMembers = (tree: Tree, dice: Dice): Group | undefined =>
  dice.pick([...tree.groups.values()].filter(({ members }) => members.length > 0));

const change = (tree: Tree, group: Group, line: string): Edited => ({
  tree: withGroup(tree, group),
  line: `${group.cn}: ${line}`,
});

const shortly = (dns: readonly string[]): string =>
  dns.map((dn) => dn.slice(dn.indexOf('=') + 1, dn.indexOf(','))).join(', ');

const join: Edit = (tree, dice) => {
  const group = anyGroup(tree, dice);
  if (group === undefined) return undefined;
  const people = dice.shuffled([...tree.people.values()]).slice(0, dice.between(1, 4));
  const fresh = people.map(dnOf).filter((dn) => !group.members.includes(dn));
  return fresh.length === 0
    ? undefined
    : change(tree, { ...group, members: [...group.members, ...fresh] }, `${shortly(fresh)} join`);
};

const nest: Edit = (tree, dice) => {
  const group = anyGroup(tree, dice);
  const other = dice.chance(0.3)
    ? drawMember(tree, dice)
    : dice.pick([...tree.groups.values()].map(groupDnOf));
  if (group === undefined || other === undefined || group.members.includes(other)) return undefined;
  return change(tree, { ...group, members: [...group.members, other] }, `${shortly([other])} is nested`);
};

function leaving(group: Group, share: number, dice: Dice): readonly string[] {
  return dice.shuffled(group.members).slice(0, Math.max(1, Math.ceil(group.members.length * share)));
}

const without = (tree: Tree, group: Group, gone: readonly string[]): Edited =>
  change(
    tree,
    { ...group, members: group.members.filter((dn) => !gone.includes(dn)) },
    `${shortly(gone)} leave, of ${group.members.length}`,
  );

const leave: Edit = (tree, dice) => {
  const group = withMembers(tree, dice);
  return group && without(tree, group, leaving(group, 0, dice));
};

const leaveMany: Edit = (tree, dice) => {
  const group = withMembers(tree, dice);
  return group && without(tree, group, leaving(group, dice.pick([0.4, 0.6, 0.8]) ?? 0.5, dice));
};

const empty: Edit = (tree, dice) => {
  const group = withMembers(tree, dice);
  return group && without(tree, group, group.members);
};

const rename: Edit = (tree, dice) => {
  const group = anyGroup(tree, dice);
  const mail = dice.chance(0.6) ? `g${dice.below(12)}@example.test` : drawAddress(dice);
  return group && change(tree, { ...group, mail }, `mail ${group.mail ?? 'none'} -> ${mail}`);
};

const breakMail: Edit = (tree, dice) => {
  const group = anyGroup(tree, dice);
  const mail = dice.pick([undefined, 'nobody', 'x@unknown.test', 'a..b@example.test']);
  return group && change(tree, { ...group, mail }, `mail ${group.mail ?? 'none'} -> ${mail ?? 'none'}`);
};

const addAddress: Edit = (tree, dice) => {
  const group = anyGroup(tree, dice);
  const value = dice.chance(0.5) ? `smtp:g${dice.below(12)}@example.test` : drawProxy(dice);
  return group && change(tree, { ...group, proxies: distinct([...group.proxies, value]) }, `also ${value}`);
};

const dropAddress: Edit = (tree, dice) => {
  const group = dice.pick([...tree.groups.values()].filter(({ proxies }) => proxies.length > 0));
  return (
    group &&
    change(tree, { ...group, proxies: group.proxies.slice(1) }, `no longer ${group.proxies[0] ?? ''}`)
  );
};

const go: Edit = (tree, dice, past) => {
  const group = anyGroup(tree, dice);
  if (group === undefined) return undefined;
  past.goneGroups.set(group.id, group);
  return { tree: withoutGroup(tree, group.id), line: `${group.cn} goes` };
};

const isFree = (tree: Tree, group: Group): boolean =>
  !tree.groups.has(group.id) && [...tree.groups.values()].every(({ cn }) => cn !== group.cn);

/** As the same entry, or made anew with another id. */
const comeBack: Edit = (tree, dice, past) => {
  const group = dice.pick([...past.goneGroups.values()].filter((one) => isFree(tree, one)));
  if (group === undefined) return undefined;
  if (dice.chance(0.7)) return change(tree, group, 'comes back as the same entry');
  return change(tree, { ...group, id: dice.uuid() }, 'is made anew with another id');
};

const arise: Edit = (tree, dice, past) => {
  const group = drawGroup(tree, dice, `club${past.nextGroup++}`);
  return change(tree, group, `is made at ${group.mail ?? 'no address'} with ${group.members.length} members`);
};

const edits: readonly (readonly [number, Edit])[] = [
  [14, join],
  [5, nest],
  [10, leave],
  [6, leaveMany],
  [4, empty],
  [5, rename],
  [4, breakMail],
  [5, addAddress],
  [4, dropAddress],
  [5, go],
  [7, comeBack],
  [5, arise],
];

/** One edit of a group that is possible now. */
export function drawListEdit(tree: Tree, dice: Dice, past: Past): Edited {
  for (;;) {
    const edited = dice.weighted(edits)(tree, dice, past);
    if (edited !== undefined) return edited;
  }
}

/** Some servers keep references up: members follow a moved entry, and go with one that goes. */
export function keepReferences(before: Tree, after: Tree): Tree {
  const moved = new Map<string, string | undefined>();
  for (const [id, person] of before.people) {
    const now = after.people.get(id);
    const [from, to] = [dnOf(person), now && dnOf(now)];
    if (from !== to) moved.set(from, to);
  }
  for (const [id, group] of before.groups) if (!after.groups.has(id)) moved.set(groupDnOf(group), undefined);
  if (moved.size === 0) return after;
  const follow = (dn: string): readonly string[] => {
    if (!moved.has(dn)) return [dn];
    const to = moved.get(dn);
    return to === undefined ? [] : [to];
  };
  const groups = [...after.groups].map(([id, group]): readonly [string, Group] => [
    id,
    { ...group, members: [...new Set(group.members.flatMap(follow))] },
  ]);
  return { ...after, groups: new Map(groups) };
}
