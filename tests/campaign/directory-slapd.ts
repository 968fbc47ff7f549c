/** The tree on a real slapd: loaded at the start, then edited by LDAP. */
import { startSlapd, type Slapd } from '../support/slapd.ts';
import type { DirectoryServer } from './directory-server.ts';
import {
  attributesOfContact,
  attributesOfGroup,
  attributesOfPerson,
  baseDn,
  contactDnOf,
  contacts,
  dnOf,
  groupDnOf,
  mutableAttributes,
  mutableGroupAttributes,
  units,
  type Attributes,
  type Person,
  type Tree,
} from './tree.ts';

/** Lets an add bring its own entryUUID. */
const relax = 'control: 1.3.6.1.4.1.4203.666.5.12 true';

/** Attributes that can be hidden from a service account of their own. */
const hideable = ['mail', 'proxyAddresses', 'userAccountControl', 'displayName', 'member'] as const;

/** How many entries of one kind the account `limited` gets. */
export const limitedSize = 4;

const blindDn = (attribute: string): string => `cn=no-${attribute},ou=service,${baseDn}`;

const lines = (attributes: Attributes): string =>
  Object.entries(attributes)
    .flatMap(([name, values]) =>
      values.map((value) => `${name}:: ${Buffer.from(value).toString('base64')}\n`),
    )
    .join('');

const entry = (dn: string, attributes: Attributes): string => `dn: ${dn}\n${lines(attributes)}`;

function startLdif(tree: Tree): string {
  const unit = (name: string): string =>
    entry(`ou=${name},${baseDn}`, { objectClass: ['organizationalUnit'], ou: [name] });
  const account = (attribute: string): string =>
    entry(blindDn(attribute), {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: [`no-${attribute}`],
      userPassword: ['blind'],
    });
  return [
    entry(baseDn, { objectClass: ['dcObject', 'organization'], o: ['Example'], dc: ['example'] }),
    ...[...units, 'service'].map(unit),
    ...hideable.map(account),
    ...contacts.map((contact) => entry(contactDnOf(contact), attributesOfContact(contact))),
    ...[...tree.people.values()].map((person) => entry(dnOf(person), attributesOfPerson(person))),
    ...[...tree.groups.values()].map((group) => entry(groupDnOf(group), attributesOfGroup(group))),
  ].join('\n');
}

const acl = hideable.map(
  (attribute) =>
    `access to attrs=${attribute} by dn.exact="${blindDn(attribute)}" none by users read by * none`,
);

const removal = (dn: string): string => `dn: ${dn}\nchangetype: delete\n`;

const addition = (dn: string, attributes: Attributes): string =>
  `dn: ${dn}\n${relax}\nchangetype: add\n${lines(attributes)}`;

function move(from: Person, to: Person): readonly string[] {
  if (dnOf(from) === dnOf(to)) return [];
  const rdn = `newrdn: uid=${to.uid}\ndeleteoldrdn: 1\nnewsuperior: ou=${to.ou},${baseDn}\n`;
  return [`dn: ${dnOf(from)}\nchangetype: modrdn\n${rdn}`];
}

function edit(dn: string, before: Attributes, after: Attributes): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name] ?? []) !== JSON.stringify(after[name] ?? []),
  );
  if (names.length === 0) return [];
  const parts = names.map((name) => `replace: ${name}\n${lines({ [name]: after[name] ?? [] })}-\n`);
  return [`dn: ${dn}\nchangetype: modify\n${parts.join('')}`];
}

/** Leavers first, so that a newcomer can take over a DN. */
function changesBetween(from: Tree, to: Tree): string {
  const changes: string[] = [];
  for (const person of from.people.values())
    if (!to.people.has(person.id)) changes.push(removal(dnOf(person)));
  for (const group of from.groups.values())
    if (!to.groups.has(group.id)) changes.push(removal(groupDnOf(group)));
  for (const person of to.people.values()) {
    const before = from.people.get(person.id);
    if (before === undefined) changes.push(addition(dnOf(person), attributesOfPerson(person)));
    else {
      changes.push(...move(before, person));
      changes.push(...edit(dnOf(person), mutableAttributes(before), mutableAttributes(person)));
    }
  }
  for (const group of to.groups.values()) {
    const before = from.groups.get(group.id);
    const dn = groupDnOf(group);
    if (before === undefined) changes.push(addition(dn, attributesOfGroup(group)));
    else changes.push(...edit(dn, mutableGroupAttributes(before), mutableGroupAttributes(group)));
  }
  return changes.join('\n');
}

/** Starts a slapd that holds the tree. */
export async function startSlapdDirectory(tree: Tree): Promise<DirectoryServer> {
  const slapd: Slapd = await startSlapd({ text: startLdif(tree), extraAcl: acl, sizeLimit: limitedSize });
  let shown = tree;
  return {
    kind: 'slapd',
    port: slapd.port,
    accounts: {
      sync: { dn: slapd.bindDn, password: slapd.bindPassword },
      limited: slapd.limited,
      nothing: slapd.nothing,
      ...Object.fromEntries(
        hideable.map((attribute) => [`no-${attribute}`, { dn: blindDn(attribute), password: 'blind' }]),
      ),
    },
    publish: async (next) => {
      const ldif = changesBetween(shown, next);
      shown = next;
      if (ldif !== '') await slapd.modify(ldif);
    },
    setFault: () => undefined,
    stop: () => slapd.stop(),
  };
}
