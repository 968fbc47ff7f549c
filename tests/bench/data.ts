/** The directories that the bench measures on, as LDIF: always the same ones for the same numbers. */

const baseDn = 'dc=bench,dc=test';
export const domain = 'bench.test';

const MEMBERS = 20;
const TARGETS = 100;

const start = `dn: ${baseDn}
objectClass: dcObject
objectClass: organization
o: Bench
dc: bench

dn: ou=People,${baseDn}
objectClass: organizationalUnit
ou: People

dn: ou=Groups,${baseDn}
objectClass: organizationalUnit
ou: Groups
`;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const six = (index: number): string => String(index).padStart(6, '0');

const personDn = (index: number): string => `uid=person${six(index)},ou=People,${baseDn}`;

const person = (index: number): string => `dn: ${personDn(index)}
objectClass: inetOrgPerson
objectClass: user
objectCategory: person
uid: person${six(index)}
sAMAccountName: person${six(index)}
cn: Person ${six(index)}
givenName: Person
sn: Number ${index}
displayName: Person Number ${index}
mail: person${six(index)}@${domain}
proxyAddresses: SMTP:person${six(index)}@${domain}
proxyAddresses: smtp:p${six(index)}@${domain}
proxyAddresses: smtp:person.${index}@${domain}
userAccountControl: 512
`;

const group = (name: string, members: readonly string[]): string => `dn: cn=${name},ou=Groups,${baseDn}
objectClass: group
cn: ${name}
mail: ${name}@${domain}
${members.map((dn) => `member: ${dn}\n`).join('')}`;

/** People with two further addresses, and a tenth as many groups of twenty. */
export function companyLdif(people: number): string {
  const members = (at: number): readonly string[] =>
    numbers(Math.min(MEMBERS, people)).map((index) => personDn((at * 7 + index) % people));
  return [
    start,
    ...numbers(people).map(person),
    ...numbers(Math.floor(people / 10)).map((at) => group(`list${six(at)}`, members(at))),
  ].join('\n');
}

/** One in a hundred gets another name. */
export function changesLdif(people: number): string {
  return numbers(Math.max(1, Math.floor(people / 100)))
    .map(
      (at) =>
        `dn: ${personDn(at * 100)}\nchangetype: modify\nreplace: displayName\ndisplayName: Changed ${at}\n`,
    )
    .join('\n');
}

const contactDn = (index: number): string => `cn=contact${six(index)},ou=Groups,${baseDn}`;

const contact = (index: number): string => `dn: ${contactDn(index)}
objectClass: inetOrgPerson
cn: contact${six(index)}
sn: Contact
mail: contact${six(index)}@elsewhere.test
`;

/** A hundredth as many lists, each with a hundred addresses elsewhere; a tenth as many contacts, and one person. */
export function externalLdif(people: number): string {
  const contacts = Math.max(TARGETS, Math.floor(people / 10));
  const targets = (at: number): readonly string[] =>
    numbers(TARGETS).map((index) => contactDn((at * 13 + index) % contacts));
  return [
    start,
    person(0),
    ...numbers(contacts).map(contact),
    ...numbers(Math.max(1, Math.floor(people / 100))).map((at) => group(`far${six(at)}`, targets(at))),
  ].join('\n');
}
