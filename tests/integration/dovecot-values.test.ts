/** Whatever a password, a DN or a filter is made of, Dovecot reads from our file what was meant. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LoginFile } from '../../src/auth/dovecot.ts';
import { filterValue } from '../../src/auth/condition.ts';
import { startDovecot } from '../support/dovecot.ts';
import { hostileTexts } from '../support/hostile.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import { base, directoryLdif, filesFor, settingsFor } from './logins.ts';

const COUNT = 200;
/** Passdbs of one Dovecot: it asks one after the other. */
const AT_ONCE = 20;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** RFC 4514, with as little of it as possible: what is special elsewhere stands as it is. */
const dnValue = (text: string): string =>
  text
    .replaceAll(/[,+"\\<>;=]/g, String.raw`\$&`)
    .replace(/^[# ]/, String.raw`\$&`)
    .replace(/ $/, String.raw`\ `);

type Account = {
  readonly dn: string;
  /** Where the person is. */
  readonly unit: string;
  readonly password: string;
  /** Of the one person whom this account's passdb finds. */
  readonly user: string;
  readonly department: string;
};

const unit = `ou=accounts,${base}`;

/** slapd has its own opinion on which names are the same: a number makes them different. */
const nameOf = (index: number, text: string): string => `${index} ${text.replaceAll(/[^ -~é]/g, '')} ]`;

const accounts: readonly Account[] = hostileTexts(COUNT).map((password, index) => ({
  dn: `cn=${dnValue(nameOf(index, password))},${unit}`,
  password,
  user: `user${index}@example.test`,
  department: nameOf(index, password),
  unit: `ou=${dnValue(nameOf(index, password))},${base}`,
}));

const ldif = accounts.map(
  ({ dn, password, user, department, unit: of }, index) => `dn:: ${base64(dn)}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn:: ${base64(department)}
userPassword:: ${base64(password)}

dn:: ${base64(of)}
objectClass: organizationalUnit
ou:: ${base64(department)}

dn:: ${base64(`cn=user${index},${of}`)}
objectClass: inetOrgPerson
objectClass: user
cn: user${index}
sn: user${index}
mail: ${user}
department:: ${base64(department)}
userAccountControl: 512
userPassword: secret of ${user}
`,
);

let slapd: Slapd;
beforeAll(async () => {
  const unitLdif = `dn: ${unit}\nobjectClass: organizationalUnit\nou: accounts\n`;
  slapd = await startSlapd({ text: [directoryLdif([]), unitLdif, ...ldif].join('\n'), sizeLimit: 1000 });
});
afterAll(() => slapd.stop());

/** Our files for one account, under names of their own. */
function filesOf(account: Account, index: number, folder: string): readonly LoginFile[] {
  const settings = settingsFor(slapd, {
    baseDn: account.unit,
    bindDn: account.dn,
    bindPassword: account.password,
    userFilter: `(department=${filterValue(account.department)})`,
  });
  const own = (text: string): string => text.replace('ldap-mailcow-passdb', `passdb-${index}`);
  return filesFor(settings)(folder).map((file) => ({
    ...file,
    name: own(file.name),
    text: file.kind === 'block' ? own(file.text) : file.text,
  }));
}

/** One `extra.conf` with the blocks of all. */
const together = (files: readonly LoginFile[]): readonly LoginFile[] => {
  const text = files
    .filter(({ kind }) => kind === 'block')
    .map((file) => file.text)
    .join('\n');
  return files.map((file) => (file.kind === 'block' ? { ...file, text } : file));
};

test(`${COUNT} hostile passwords, names and filters: each passdb binds, and finds its one person`, async () => {
  const failures: string[] = [];
  for (let start = 0; start < COUNT; start += AT_ONCE) {
    const some = accounts.slice(start, start + AT_ONCE);
    const dovecot = await startDovecot({
      mailboxes: some.map(({ user }) => user),
      mailcow: {},
      render: (folder) => together(some.flatMap((account, index) => filesOf(account, index, folder))),
    });
    for (const { user, password } of some) {
      const answer = await dovecot.login(user, `secret of ${user}`);
      if (!answer.startsWith('OK')) failures.push(`${JSON.stringify(password)}: ${answer}`);
    }
    await dovecot.close();
  }
  expect(failures).toEqual([]);
}, 120_000);
