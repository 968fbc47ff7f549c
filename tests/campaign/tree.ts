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
  readonly mail: string;
  readonly proxies: readonly string[];
};

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

/** All attributes of a group but the DN. */
export function attributesOfGroup(group: Group): Attributes {
  return {
    objectClass: ['top', 'group'],
    cn: [group.cn],
    entryUUID: [group.id],
    mail: [group.mail],
    ...(group.proxies.length > 0 && { proxyAddresses: group.proxies }),
  };
}
