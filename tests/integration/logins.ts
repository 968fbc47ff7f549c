/** People who log in: a directory, and the settings with which this program would write Dovecot's files. */
import { join } from 'node:path';
import { renderDovecot, type LoginFile } from '../../src/auth/dovecot.ts';
import type { LoginSettings } from '../../src/auth/settings.ts';
import { readLoginTexts } from '../../src/auth/template-files.ts';
import type { Slapd } from '../support/slapd.ts';

export const base = 'dc=example,dc=test';
const people = `ou=people,${base}`;

export type Login = {
  readonly account: string;
  readonly mail?: string;
  readonly password?: string;
  readonly disabled?: boolean;
  readonly department?: string;
};

/** One person as an entry; the password is `secret of ACCOUNT` unless it is given. */
export function personLdif({
  account,
  mail,
  password,
  disabled = false,
  department = 'staff',
}: Login): string {
  return `dn: cn=${account},${people}
objectClass: inetOrgPerson
objectClass: user
cn: ${account}
sn: ${account}
sAMAccountName: ${account}
${mail === undefined ? '' : `mail: ${mail}\n`}department: ${department}
userAccountControl: ${disabled ? 514 : 512}
userPassword: ${password ?? secretOf(account)}
`;
}

export const secretOf = (account: string): string => `secret of ${account}`;

/** The suffix, a unit for people, and these people. */
export const directoryLdif = (logins: readonly Login[]): string =>
  [
    `dn: ${base}\nobjectClass: domain\ndc: example\n`,
    `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
    ...logins.map(personLdif),
  ].join('\n');

export const dnOf = (account: string): string => `cn=${account},${people}`;

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

/** Our files for a Dovecot that sees them in a folder; the operator has no templates. */
export const filesFor =
  (settings: LoginSettings, templates = 'no-such-folder') =>
  (folder: string): readonly LoginFile[] =>
    renderDovecot(settings, {
      syntax: '2.3',
      folder,
      texts: readLoginTexts(join(process.cwd(), templates), settings.tls.caFile),
    });
