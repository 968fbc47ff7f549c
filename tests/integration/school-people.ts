/** Pupils and classes as sophomorix keeps them, as LDIF. */

export const base = 'dc=example,dc=test';

/** A pupil with an account of this name. */
export const pupil = (name: string, fields: Readonly<Record<string, string>> = {}): string =>
  [
    `dn: cn=${name},${base}`,
    'objectClass: inetOrgPerson',
    'objectClass: user',
    'objectClass: sophomorixPerson',
    `cn: ${name}`,
    `sn: ${name}`,
    `sAMAccountName: ${name}`,
    `displayName: ${fields['displayName'] ?? name.toUpperCase()}`,
    `mail: ${name}@${fields['domain'] ?? 'school.test'}`,
    'sophomorixRole: student',
    'sophomorixStatus: U',
    `sophomorixMailQuotaCalculated: ${fields['quota'] ?? '500'}`,
    ...(fields['alias'] === undefined
      ? []
      : [`proxyAddresses: ${fields['plain'] === undefined ? 'smtp:' : ''}${fields['alias']}@school.test`]),
    '',
    '',
  ].join('\n');

/** The lines that make these members. */
export const members = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `member: cn=${name},${base}`);

/** A class with a list. */
export const classOf = (name: string, ...names: readonly string[]): string =>
  [
    `dn: cn=${name},${base}`,
    'objectClass: group',
    'objectClass: sophomorixGroup',
    `cn: ${name}`,
    `sAMAccountName: ${name}`,
    `mail: ${name}@school.test`,
    'sophomorixType: adminclass',
    'sophomorixMailList: TRUE',
    ...members(...names),
    '',
    '',
  ].join('\n');

const serviceAccounts = ['sync', 'nothing'].map(
  (name) => `dn: cn=${name},ou=service,${base}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ${name}
userPassword: ${name}

`,
);

/** What every directory begins with. */
export const schoolBase = [
  `dn: ${base}\nobjectClass: dcObject\nobjectClass: organization\no: School\ndc: example\n\n`,
  `dn: ou=service,${base}\nobjectClass: organizationalUnit\nou: service\n\n`,
  ...serviceAccounts,
].join('');
