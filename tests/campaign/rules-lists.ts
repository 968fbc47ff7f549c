/** Who is reached by a group, by RULES.md 10, written anew: nothing of src/core is used here. */
import { contactDnOf, contacts, dnOf, groupDnOf, type Group, type Tree } from './tree.ts';

export type Members = {
  /** Ids of people. */
  readonly people: ReadonlySet<string>;
  /** Addresses of those who are no people of the filter. */
  readonly contacts: ReadonlySet<string>;
};

type Index = {
  readonly people: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly found: Map<string, Members>;
};

const indexes = new WeakMap<Tree, Index>();

const contactAt: ReadonlyMap<string, string> = new Map(
  contacts.map((contact) => [contactDnOf(contact), contact.mail]),
);

function indexOf(tree: Tree): Index {
  const known = indexes.get(tree);
  if (known !== undefined) return known;
  const index = {
    people: new Map([...tree.people.values()].map((person) => [dnOf(person), person.id])),
    groups: new Map([...tree.groups.values()].map((group) => [groupDnOf(group), group])),
    found: new Map<string, Members>(),
  };
  indexes.set(tree, index);
  return index;
}

function walk(top: Group, { people, groups }: Index): Members {
  const found = { people: new Set<string>(), contacts: new Set<string>() };
  const seen = new Set<string>();
  const visit = (group: Group): void => {
    if (seen.has(group.id)) return;
    seen.add(group.id);
    for (const dn of group.members) {
      const nested = groups.get(dn);
      const person = people.get(dn);
      const contact = contactAt.get(dn);
      if (nested !== undefined) visit(nested);
      else if (person !== undefined) found.people.add(person);
      else if (contact !== undefined) found.contacts.add(contact);
    }
  };
  visit(top);
  return found;
}

const nobody: Members = { people: new Set(), contacts: new Set() };

/** The effective members of a group, through any depth of nesting; nobody for a group that is not there. */
export function membersOf(tree: Tree, groupId: string): Members {
  const index = indexOf(tree);
  const known = index.found.get(groupId);
  if (known !== undefined) return known;
  const group = tree.groups.get(groupId);
  const found = group === undefined ? nobody : walk(group, index);
  index.found.set(groupId, found);
  return found;
}
