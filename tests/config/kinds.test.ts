import { describe, expect, test } from '@jest/globals';
import { allSettings } from '../../src/config/schema.ts';
import { filesOf, load, problemsOf } from './builders.ts';

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const files = filesOf({ '/ca.pem': pem, '/empty.pem': 'hello', '/closed.pem': 'EACCES' });

type Row = readonly [name: string, value: string, right: string];

const seconds = 'give a whole number of seconds, from 1 to 2147483';
const bool = 'give true or false';
const attribute = 'give the name of an LDAP attribute';

const wrong: readonly Row[] = [
  ['LDAP_URI', 'dc1.example.test', 'write ldaps://dc1.example.test (or ldap://dc1.example.test)'],
  ['LDAP_URI', 'ldaps://a dc2:636', 'write ldaps://dc2:636 (or ldap://dc2:636)'],
  ['LDAP_URI', 'https://dc1', 'give ldap://HOST or ldaps://HOST'],
  ['LDAP_URI', 'ldap://dc1:99999', 'give ldap://HOST or ldaps://HOST'],
  ['LDAP_URI', 'ldap://dc1/dc=example', 'give ldap://HOST or ldaps://HOST'],
  ['LDAP_GC_URI', 'dc1', 'write ldaps://dc1 (or ldap://dc1)'],
  ['LDAP_BASE_DN', 'example.test', 'give a distinguished name like dc=example,dc=org'],
  ['LDAP_FILTER', 'objectClass=user', 'put it into parentheses: (objectClass=user)'],
  ['LDAP_FILTER', '(&(a=b)(c=d)', '1 of its parentheses are not closed'],
  ['LDAP_FILTER', '(a=b))', 'it closes more parentheses than it opens'],
  ['LDAP_FILTER', '(a=b)(c=d)', 'put several filters into one: (&(…)(…))'],
  ['LDAP_FILTER', '(&(a=b)())', 'there is an empty pair of parentheses in it'],
  ['LDAP_FILTER', '(cn=a\\(b\\))', String.raw`write a parenthesis inside a value as \28 or \29`],
  ['LDAP_GROUP_FILTER', 'mail=*', 'put it into parentheses: (mail=*)'],
  ['LDAP_GROUP_MEMBER_FILTER', 'uid={MEMBER_CN}', 'put it into parentheses: (uid={MEMBER_CN})'],
  ['MANAGE_DOMAINS', 'some', bool],
  ['UNMANAGED_DOMAINS', 'delete', 'give one of sync, skip'],
  ['DOMAIN_POLICY', 'mine', 'give one of shared, exclusive'],
  ['DOMAIN_QUOTA', '0', 'give a whole number of MiB, at least 1'],
  ['DOMAIN_DEFAULT_MAILBOX_QUOTA', '1G', 'give a whole number of MiB, at least 1'],
  ['DOMAIN_MAILBOXES', 'many', 'give a whole number of mailboxes, at least 1'],
  ['DOMAIN_ALIASES', '-1', 'give a whole number of aliases, at least 1'],
  ['DOMAIN_GAL', 'maybe', bool],
  ['GROUP_POLICY_ATTRIBUTE', 'policy=internal', attribute],
  ['GROUP_EXTERNAL_MEMBERS', 'contacts', bool],
  ['GROUP_POLICY', 'internal', '“internal” has no “=”: give PATTERN=WORD, like staff-*=internal'],
  ['GROUP_POLICY', 'staff-*=private', '“private” is no policy: give list, internal or send-as'],
  ['GROUP_POLICY', 'staff-*=', '“” is no policy: give list, internal or send-as'],
  ['GROUP_POLICY', 'staff-*=ignore+internal', '“ignore+internal” is no policy'],
  ['GROUP_POLICY', 'staff-*=internal send-as', '“internal send-as” is no policy'],
  ['GROUP_POLICY', '=internal', '“” is no address and no local part'],
  ['GROUP_POLICY', 'a b=internal', '“a b” is no address and no local part'],
  ['GROUP_POLICY', 'a@b@c=internal', '“a@b@c” is no address and no local part'],
  [
    'GROUP_POLICY',
    'a=list, b, c=x',
    '“b” has no “=”: give PATTERN=WORD, like staff-*=internal; “x” is no policy',
  ],
  ['LDAP_SCOPE', 'base', 'give one of sub, one'],
  ['LDAP_DIALECT', 'novell', 'give one of auto, active-directory, openldap, freeipa, lldap'],
  ['LDAP_ID_ATTRIBUTE', 'entry uuid', attribute],
  ['LDAP_STARTTLS', 'maybe', bool],
  ['LDAP_TLS_CA_FILE', '/none.pem', 'the file cannot be read (there is no such file)'],
  ['LDAP_TLS_CA_FILE', '/closed.pem', 'the file cannot be read (permission denied)'],
  ['LDAP_TLS_CA_FILE', '/empty.pem', 'the file holds no PEM certificate'],
  ['LDAP_TLS_SERVER_NAME', 'https://dc1', 'give a host name like dc1.example.org'],
  ['LDAP_TLS_VERIFY', '2', bool],
  ['LDAP_PAGE_SIZE', '0', 'give a whole number of entries, from 1 to 100000'],
  ['LDAP_TIMEOUT', '1.5', seconds],
  ['LDAP_CONNECT_TIMEOUT', '-1', seconds],
  ['MAIL_ATTRIBUTE', 'mail,other', attribute],
  ['NAME_ATTRIBUTE', 'givenName +', 'give an attribute, or several joined like givenName+sn'],
  ['QUOTA_ATTRIBUTE', '(quota)', attribute],
  ['ACTIVE_ATTRIBUTE', '1', attribute],
  ['TLS_ENFORCE_IN_ATTRIBUTE', 'a b', attribute],
  ['TLS_ENFORCE_OUT_ATTRIBUTE', 'a b', attribute],
  ['ALIASES_ATTRIBUTE', 'proxyAddresses;', 'give names of LDAP attributes separated by commas'],
  ['LOGIN_ATTRIBUTE', '*', attribute],
  ['LOGIN_ATTRIBUTE', 'uid=%d', attribute],
  ['AUTH', 'ldap', 'give one of auto, identity-provider, templates, password-hash, none'],
  ['AUTH_MIGRATE', 'soon', bool],
  ['AUTH_SOGO_SOURCE', 'sogo', bool],
  ['PASSWORD_ATTRIBUTE', 'user password', attribute],
  ['AUTH_RESTART', 'docker', 'give one of none, dockerapi'],
  ['IMAPSYNC_HOST', 'imap old', 'give a text with attributes in braces, like {uid}'],
  ['IMAPSYNC_USER', '{u{id}', 'give a text with attributes in braces, like {uid}'],
  ['IMAPSYNC_PORT', '70000', 'give a whole number of ports, from 1 to 65535'],
  ['IMAPSYNC_SECURITY', 'starttls', 'give one of ssl, tls, none'],
  ['IMAPSYNC_INTERVAL', '0', 'give a whole number of minutes, from 1 to 43800'],
  ['IMAPSYNC_EXCLUDE', '^Junk$, [', 'no regular expression ('],
  ['IMAPSYNC_POLL', '0', seconds],
  ['IMAPSYNC_IMAP_URI', 'dovecot:993', 'give imaps://HOST or imap://HOST'],
  ['IMAPSYNC_IMAP_URI', 'imaps://dovecot:0', 'give imaps://HOST or imap://HOST'],
  ['IMAPSYNC_LMTP_URI', 'smtp://dovecot', 'give lmtp://HOST'],
  ['IMAPSYNC_TLS_VERIFY', 'maybe', bool],
  ['IMAPSYNC_RUN_FOLDER', '/ldap-mailcow', 'give an absolute path without "-" and blanks'],
  ['IMAPSYNC_RUN_FOLDER', 'run', 'give an absolute path without "-" and blanks'],
  ['DOCKERAPI_URI', 'ftp://dockerapi', 'give a URL'],
  ['DISABLED_RULE', 'locked', 'give auto, userAccountControl, nsAccountLock'],
  ['DISABLED_RULE', 'status=', 'give auto, userAccountControl, nsAccountLock'],
  ['DISABLED_RULE', '=left', 'give auto, userAccountControl, nsAccountLock'],
  ['API_HOST', 'ftp://mail.example.test', 'give a URL like https://mail.example.org'],
  ['API_HOST', 'mail example', 'give a URL like https://mail.example.org'],
  ['API_HOST', 'https://mail.example.test/?a=b', 'leave out what follows the host'],
  ['API_TLS_CA_FILE', '/none.pem', 'the file cannot be read (there is no such file)'],
  ['API_TLS_SERVER_NAME', 'a b', 'give a host name like dc1.example.org'],
  ['API_TLS_VERIFY', 'ja', bool],
  ['API_TIMEOUT', 'forever', seconds],
  ['DRIFT', 'ignore', 'give one of repair, report'],
  ['API_WRITE_TIMEOUT', '99999999', seconds],
  ['API_QUOTA', '3 GiB', 'give a whole number of MiB, at least 0'],
  ['API_QUOTA', '-1', 'give a whole number of MiB, at least 0'],
  ['SYNC_MAILBOXES', 'some', bool],
  ['SYNC_ALIASES', 'some', bool],
  ['SYNC_GROUPS', 'some', bool],
  ['DISABLE_DELETED_USERS', 'some', bool],
  ['DEACTIVATED', '2', 'give one of off, receive'],
  ['ADOPT', 'some', bool],
  ['PROTECTED', 'a@example.test, nobody', '"nobody": no mail address'],
  ['ALIASES_OF_LEAVERS', 'keep', 'give one of follow, remove'],
  ['TLS_ENFORCE_IN', 'always', 'give true or false'],
  ['TLS_ENFORCE_OUT', 'always', 'give true or false'],
  ['PROFILE', 'schools', 'give one of linuxmuster'],
  ['PREDECESSOR', 'python', 'give one of auto, none, linuxmuster, rinkp'],
  ['POLICY', 'dry-run', 'give one of sync, upsert-only, create-only, observe'],
  ['OWNER', 'Our School', 'give a short name of 1 to 32 characters'],
  ['SYNC_INTERVAL', '0', seconds],
  ['SYNC_SCHEDULE', 'every day', 'no cron expression ('],
  ['SYNC_SCHEDULE', '61 * * * *', 'for minute); give something like "*/10 * * * *"'],
  ['SYNC_SCHEDULE', '0 0 31 2 *', 'impossible day of month'],
  ['GRACE_READINGS', '0', 'give a whole number of readings, at least 1'],
  ['GRACE_SPACING', '1h', 'give a whole number of seconds, at least 0'],
  ['AUDIT_INTERVAL', '1e3', 'give a whole number of seconds, at least 0'],
  ['DELETE_AFTER_DAYS', '0', 'give a whole number of days, at least 1'],
  [
    'HTTP_LISTEN',
    ':9090',
    'would listen on every address: write 0.0.0.0:9090 if that is meant, else 127.0.0.1:9090',
  ],
  ['HTTP_LISTEN', '*:9090', 'would listen on every address: write 0.0.0.0:9090'],
  ['HTTP_LISTEN', '9090', 'give HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT'],
  ['HTTP_LISTEN', '::1:9090', 'give HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT'],
  ['HTTP_LISTEN', '[10.0.0.1]:9090', 'give HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT'],
  ['HTTP_LISTEN', 'http://127.0.0.1:9090', 'give HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT'],
  ['HTTP_LISTEN', '127.0.0.1:0', 'give HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT'],
  ['HTTP_LISTEN', '127.0.0.1:65536', 'give HOST:PORT like 127.0.0.1:9090, or [IPv6]:PORT'],
  ['LOG_LEVEL', 'trace', 'give one of error, warn, info, debug'],
  ['LOG_FORMAT', 'xml', 'give one of text, json'],
];

describe('a wrong value', () => {
  test.each(wrong)('%s=%s is named together with what is right', (name, value, right) => {
    const problems = problemsOf({ [name]: value }, { files });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`LDAP_MAILCOW_${name} is ${JSON.stringify(value)}: `);
    expect(problems[0]).toContain(right);
  });

  test('there is one here for every setting that can be wrong', () => {
    const anyText = ['LDAP_BIND_DN', 'LDAP_DOMAIN', 'MAILBOX_TEMPLATE', 'DB', 'SOGO_LDAP_FILTER'].concat([
      'COMPOSE_PROJECT',
      'CONF_DOVECOT',
      'CONF_SOGO',
      'TEMPLATES',
      'IMAPSYNC_LOGINS',
      'IMAPSYNC_MASTER_USER',
      'IMAPSYNC_SCRIPTS',
    ]);
    const tested = new Set([...wrong.map(([name]) => name), ...anyText]);
    const settings = allSettings.map(({ setting }) => setting).filter(({ secret }) => secret !== true);
    expect(settings.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
  });

  test.each([
    ['NOTIFY_URL', 'hooks.example.test/x', 'give a URL that begins with https:// or http://'],
    ['NOTIFY_URL', 'mailto:admin@example.test', 'give a URL that begins with https:// or http://'],
    ['HEARTBEAT_URL', 'https://', 'give a URL that begins with https:// or http://'],
    ['HEARTBEAT_URL', 'https://a:b@hooks.example.test', 'write no user or password into the URL'],
    ['HTTP_TOKEN', 'two words', 'there is a blank'],
  ])('a secret %s=%s is named, and not shown', (name, value, right) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`LDAP_MAILCOW_${name} cannot be used (its value is not shown): `);
    expect(problems[0]).toContain(right);
  });

  test('a password inside a URI is not repeated', () => {
    const problems = problemsOf({ LDAP_URI: 'ldap://reader:s3cret@dc1', API_HOST: 'https://a:s3cret@mail' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('s3cret');
    expect(problems[0]).toContain('write no user or password into the URI');
  });
});

describe('a right value', () => {
  test.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['Yes', true],
    ['on', true],
    ['false', false],
    ['0', false],
    ['no', false],
    [' OFF ', false],
  ])('the switch %s is %s', (text, expected) => {
    expect(load({ SYNC_GROUPS: text }).config.sync.groups).toBe(expected);
  });

  test.each([
    ['ldaps://DC1.Example.test/', ['ldaps://dc1.example.test']],
    ['ldap://a:389, ldaps://b  LDAPS://c:636', ['ldap://a:389', 'ldaps://b', 'ldaps://c:636']],
    ['ldap://[2001:db8::1]:389', ['ldap://[2001:db8::1]:389']],
    ['ldap://127.0.0.1:3890', ['ldap://127.0.0.1:3890']],
  ])('the servers %s', (text, expected) => {
    expect(load({ LDAP_URI: text }).config.ldap.uris).toEqual(expected);
  });

  test.each([
    ['mail.example.test', 'https://mail.example.test'],
    ['mail.example.test:8443', 'https://mail.example.test:8443'],
    ['nginx-mailcow/', 'https://nginx-mailcow'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://mail.example.test/api/v1/', 'https://mail.example.test'],
    ['https://proxy.example.test/mail/', 'https://proxy.example.test/mail'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
  ])('the host %s', (text, expected) => {
    expect(load({ API_HOST: text }).config.mailcow.url).toBe(expected);
  });

  test.each([
    ['auto', undefined],
    ['userAccountControl', { kind: 'user-account-control' }],
    ['NSACCOUNTLOCK', { kind: 'ns-account-lock' }],
    ['pwdAccountLockedTime', { kind: 'pwd-account-locked-time' }],
    ['none', { kind: 'none' }],
    [
      'sophomorixStatus=L,D, R',
      { kind: 'attribute', attribute: 'sophomorixStatus', values: ['L', 'D', 'R'] },
    ],
  ])('the disabled rule %s', (text, expected) => {
    expect(load({ DISABLED_RULE: text }).config.mapping.disabled).toEqual(expected);
  });

  test.each([
    ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }],
    [' Localhost:80 ', { host: 'localhost', port: 80 }],
    ['0.0.0.0:9090', { host: '0.0.0.0', port: 9090 }],
    ['[::1]:9090', { host: '::1', port: 9090 }],
    ['[::]:65535', { host: '::', port: 65_535 }],
  ])('the address to listen at %s', (text, expected) => {
    expect(load({ HTTP_LISTEN: text }).config.monitoring.listen).toEqual(expected);
  });

  test.each([
    ['https://hooks.example.test', 'https://hooks.example.test/'],
    [' http://127.0.0.1:1/T0KEN?a=b#c ', 'http://127.0.0.1:1/T0KEN?a=b'],
  ])('the URL to call %s', (text, expected) => {
    expect(load({ NOTIFY_URL: text }).config.monitoring.notifyUrl).toBe(expected);
  });

  test('what lists are, in the order in which it is tried', () => {
    const text = 'Staff-*=internal , test-*=IGNORE,, office@example.test = list + send-as,*=list';
    const plain = { ignore: false, internal: false, sendAs: false };
    expect(load({ GROUP_POLICY: text }).config.sync.groupPolicies).toEqual([
      { pattern: 'Staff-*', policy: { ...plain, internal: true } },
      { pattern: 'test-*', policy: { ...plain, ignore: true } },
      { pattern: 'office@example.test', policy: { ...plain, sendAs: true } },
      { pattern: '*', policy: plain },
    ]);
  });

  test('names: alternatives and joined attributes', () => {
    const { name } = load({ NAME_ATTRIBUTE: 'displayName, givenName + sn' }).config.mapping;
    expect(name).toEqual(['displayName', 'givenName+sn']);
  });

  test('lists of attributes and addresses', () => {
    const { mapping, sync } = load({
      ALIASES_ATTRIBUTE: 'proxyAddresses,mailAlias;lang-de, 1.2.840.113556.1.2.210',
      PROTECTED: 'Boss@Example.test backup@example.test,boss@example.test',
    }).config;
    expect(mapping.aliases).toEqual(['proxyAddresses', 'mailAlias;lang-de', '1.2.840.113556.1.2.210']);
    expect(sync.protected).toEqual(['backup@example.test', 'boss@example.test']);
  });

  test('filters with escaped parentheses', () => {
    const filter = String.raw`(&(objectClass=user)(cn=a\28b\29))`;
    expect(load({ LDAP_FILTER: ` ${filter} ` }).config.ldap.userFilter).toBe(filter);
  });

  test('a certificate file is read at once', () => {
    const { ldap } = load({ LDAP_TLS_CA_FILE: '/ca.pem' }, { files }).config;
    expect(ldap.tlsCaFile).toEqual({ path: '/ca.pem', text: pem });
  });

  test('words are taken in any case', () => {
    expect(load({ POLICY: 'Observe', LOG_LEVEL: 'DEBUG' }).config.sync.policy).toBe('observe');
  });
});
