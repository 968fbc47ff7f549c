/**
 * npm run test:sogo: a real SOGo logs people in by our files, in both ways in which mailcow reads them. Not part of the
 * tests: it installs 200 MB (sogo, mariadb-server, memcached) and needs root. What it showed is in docs/logins.md.
 */
import type { LoginSettings } from '../src/auth/settings.ts';
import { renderSogo } from '../src/auth/sogo.ts';
import { readLoginTexts } from '../src/auth/template-files.ts';
import { at, directoryLdif, secretOf, settingsFor, type Login } from '../tests/integration/logins.ts';
import { ensurePackages, ldapCommands } from '../tests/support/debian.ts';
import { startSlapd, type Slapd } from '../tests/support/slapd.ts';
import { sogoCommands, startSogo, type SogoOptions } from '../tests/support/sogo.ts';

const logins: readonly Login[] = [
  { account: 'alice' },
  { account: 'bob' },
  { account: 'carol', disabled: true },
  { account: 'dave', department: 'guests' },
];

type Attempt = {
  readonly what: string;
  readonly user: string;
  readonly password: string;
  readonly expected: string;
};

const refused = (what: string, user: string, password: string): Attempt => ({
  what,
  user,
  password,
  expected: '403',
});

const attempts: readonly Attempt[] = [
  { what: 'the right password', user: at('alice'), password: secretOf('alice'), expected: '200' },
  { what: 'another one', user: at('bob'), password: secretOf('bob'), expected: '200' },
  refused('a wrong password', at('alice'), secretOf('bob')),
  refused('whoever is disabled', at('carol'), secretOf('carol')),
  refused('whoever is outside of the user filter', at('dave'), secretOf('dave')),
  refused('nobody', at('nobody'), secretOf('alice')),
  refused('a piece of a filter', 'x)(mail=*', secretOf('alice')),
  refused('a piece of a condition', `x' OR cn='alice`, secretOf('alice')),
  refused('the account name, which is not the address', 'alice', secretOf('alice')),
];

type Way = {
  readonly title: string;
  readonly reads: SogoOptions['reads'];
  readonly changes?: Partial<LoginSettings>;
};

const hard = ` p"a%s#w&o<r>d$HOME\${line}\\ 'x' %u \`id\` $(id) {x} é=; `;

const ways: readonly Way[] = [
  { title: 'plist_ldap, as mailcow up to 2025-02', reads: 'plist' },
  { title: 'plist_ldap.sh, as mailcow since 2025-03', reads: 'script' },
  {
    title: 'plist_ldap with a condition in the words of SOGo',
    reads: 'plist',
    changes: { sogoFilter: "objectClass='user' AND (department='staff' OR department='nobody')" },
  },
  {
    title: 'plist_ldap.sh with a hostile bind password',
    reads: 'script',
    changes: { bindDn: 'cn=hostile,ou=people,dc=example,dc=test', bindPassword: hard },
  },
];

async function tryWay(slapd: Slapd, { title, reads, changes }: Way): Promise<boolean> {
  const texts = readLoginTexts('/no/such/folder');
  const files = renderSogo(settingsFor(slapd, changes), { reads, texts });
  const sogo = await startSogo({ domain: 'example.test', reads, files });
  process.stdout.write(`\n${title}\n`);
  let isGood = true;
  for (const { what, user, password, expected } of attempts) {
    const found = await sogo.login(user, password);
    isGood &&= found === expected;
    process.stdout.write(`  ${found === expected ? 'ok ' : 'BAD'} ${found.padEnd(9)} ${what}\n`);
  }
  await sogo.close();
  return isGood;
}

const hostile = `dn: cn=hostile,ou=people,dc=example,dc=test
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: hostile
userPassword:: ${Buffer.from(hard).toString('base64')}
`;

ensurePackages([...ldapCommands, ...sogoCommands]);
const slapd = await startSlapd({ text: `${directoryLdif(logins)}\n${hostile}` });
const results: boolean[] = [];
for (const way of ways) results.push(await tryWay(slapd, way));
await slapd.stop();
process.exitCode = results.every(Boolean) ? 0 : 1;
