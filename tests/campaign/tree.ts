/** What the directory holds, as the campaign knows it: immutable, so that every moment can be kept. */

export type Person = {
  /** The entryUUID. */
  readonly id: string;
  readonly uid: string;
  readonly ou: string;
  readonly cn: string;
  readonly sn: string;
  readonly givenName?: string;
  readonly displayName?: string;
  readonly mail: readonly string[];
  readonly proxies: readonly string[];
  readonly quotaMiB?: number;
  readonly disabled: boolean;
};

export type Group = {
  readonly id: string;
  readonly cn: string;
  /** Undefined: no list, but it may be nested in one. */
  readonly mail: string | undefined;
  readonly proxies: readonly string[];
  /** DNs of people, groups and contacts, as the directory holds them: some may lead nowhere. */
  readonly members: readonly string[];
};

/** An entry with an address that is no person of the filter; the same ones in each world. */
export type Contact = { readonly id: string; readonly cn: string; readonly mail: string };

export const contacts: readonly Contact[] = [0, 1, 2].map((number) => ({
  id: `00000000-0000-4000-8000-00000000000${number}`,
  cn: `contact${number}`,
  mail: `c${number}@elsewhere.example`,
}));

/** By id. */
export type Tree = {
  readonly people: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, Group>;
};

export const baseDn = 'dc=example,dc=test';
export const units = ['people', 'sales', 'it'] as const;
const groupUnit = 'people';

/** Which entries a base DN or filter lets the program see. */
export type Scope = 'all' | 'one-unit' | 'enabled';

/** The DN of a person. */
export function dnOf(person: Pick<Person, 'uid' | 'ou'>): string {
  return `uid=${person.uid},ou=${person.ou},${baseDn}`;
}

/** The DN of a group. */
export function groupDnOf(group: Pick<Group, 'cn'>): string {
  return `cn=${group.cn},ou=${groupUnit},${baseDn}`;
}

/** The DN of a contact. */
export function contactDnOf({ cn }: Contact): string {
  return `cn=${cn},ou=${groupUnit},${baseDn}`;
}

/** The tree with a group added or replaced. */
export function withGroup(tree: Tree, group: Group): Tree {
  return { ...tree, groups: new Map(tree.groups).set(group.id, group) };
}

/** The tree without a group. */
export function withoutGroup(tree: Tree, id: string): Tree {
  return { ...tree, groups: new Map([...tree.groups].filter(([one]) => one !== id)) };
}

/** The tree with a person added or replaced. */
export function withPerson(tree: Tree, person: Person): Tree {
  return { ...tree, people: new Map(tree.people).set(person.id, person) };
}

/** The tree without some people. */
export function withoutPeople(tree: Tree, ids: readonly string[]): Tree {
  return { ...tree, people: new Map([...tree.people].filter(([id]) => !ids.includes(id))) };
}

/** What the program can see of the tree. */
export function visibleIn(tree: Tree, scope: Scope): Tree {
  if (scope === 'all') return tree;
  const isVisible = (person: Person): boolean =>
    scope === 'enabled' ? !person.disabled : person.ou === units[0];
  const people = new Map([...tree.people].filter(([, person]) => isVisible(person)));
  return { people, groups: tree.groups };
}

export type Attributes = Readonly<Record<string, readonly string[]>>;

const maybe = (name: string, value: string | undefined): Attributes =>
  value === undefined ? {} : { [name]: [value] };

/** The attributes of a person that an edit may change. */
export function mutableAttributes(person: Person): Attributes {
  return {
    ...maybe('displayName', person.displayName),
    ...maybe('givenName', person.givenName),
    sn: [person.sn],
    cn: [person.cn],
    mail: person.mail,
    proxyAddresses: person.proxies,
    ...maybe('mailQuota', person.quotaMiB?.toString()),
    userAccountControl: [person.disabled ? '514' : '512'],
  };
}

/** All attributes of a person but the DN, without empty ones. */
export function attributesOfPerson(person: Person): Attributes {
  const all = {
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'user'],
    objectCategory: ['person'],
    uid: [person.uid],
    entryUUID: [person.id],
    ...mutableAttributes(person),
  };
  return Object.fromEntries(Object.entries(all).filter(([, values]) => values.length > 0));
}

/** The attributes of a group that an edit may change. */
export function mutableGroupAttributes({ mail, proxies, members }: Group): Attributes {
  return { ...maybe('mail', mail), proxyAddresses: proxies, member: members };
}

/** All attributes of a group but the DN, without empty ones. */
export function attributesOfGroup(group: Group): Attributes {
  const all = {
    objectClass: ['top', 'group'],
    cn: [group.cn],
    entryUUID: [group.id],
    ...mutableGroupAttributes(group),
  };
  return Object.fromEntries(Object.entries(all).filter(([, values]) => values.length > 0));
}

/** All attributes of a contact but the DN. */
export function attributesOfContact({ id, cn, mail }: Contact): Attributes {
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
    entryUUID: [id],
    cn: [cn],
    sn: [cn],
    mail: [mail],
  };
}
