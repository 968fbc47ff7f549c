/** People who log in: a directory, and the settings with which this program would write Dovecot's files. */
import { renderDovecot, type LoginFile } from '../../src/auth/dovecot.ts';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { readLoginTexts } from '../../src/auth/template-files.ts';
import type { Slapd } from '../support/slapd.ts';

export const base = 'dc=example,dc=test';
const people = `ou=people,${base}`;

export type Login = {
  readonly account: string;
  /** Undefined: ACCOUNT@example.test. */
  readonly mail?: string;
  readonly disabled?: boolean;
  readonly department?: string;
};

export const at = (name: string): string => `${name}@example.test`;
export const dnOf = (account: string): string => `cn=${account},${people}`;
export const secretOf = (account: string): string => `secret of ${account}`;

const personLdif = ({ account, mail, disabled = false, department = 'staff' }: Login): string =>
  `dn: ${dnOf(account)}
objectClass: inetOrgPerson
objectClass: user
cn: ${account}
sn: ${account}
sAMAccountName: ${account}
mail: ${mail ?? at(account)}
department: ${department}
userAccountControl: ${disabled ? 514 : 512}
userPassword: ${secretOf(account)}
`;

/** The suffix, a unit for people, and these people. */
export const directoryLdif = (logins: readonly Login[]): string =>
  [
    `dn: ${base}\nobjectClass: domain\ndc: example\n`,
    `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
    ...logins.map(personLdif),
  ].join('\n');

/** As an operator with Active Directory would have them. */
export const settingsFor = (slapd: Slapd, changes: Partial<LoginSettings> = {}): LoginSettings => ({
  uris: [slapd.uri],
  baseDn: slapd.baseDn,
  scope: 'sub',
  bindDn: slapd.bindDn,
  bindPassword: slapd.bindPassword,
  startTls: false,
  tls: { verify: true },
  userFilter: '(&(objectClass=user)(department=staff))',
  disabled: { kind: 'user-account-control' },
  mail: 'mail',
  ...changes,
});

/** Our files for a Dovecot that sees them in a folder; without another one, the operator has no templates. */
export const filesFor =
  (settings: LoginSettings, templates = '/no/such/folder') =>
  (folder: string): readonly LoginFile[] =>
    renderDovecot(settings, { syntax: '2.3', folder, texts: readLoginTexts(templates, settings.tls.caFile) });
