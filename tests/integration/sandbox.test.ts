/** The sandbox as a process of its own. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { eventually } from './world.ts';

type Access = Readonly<
  Record<
    | 'ldapUri'
    | 'baseDn'
    | 'bindDn'
    | 'bindPassword'
    | 'adminDn'
    | 'adminPassword'
    | 'apiHost'
    | 'apiKey'
    | 'envFile',
    string
  >
>;

type Box = {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
};

const started: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'));

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const typed = [process.execPath, 'tests/sandbox/main.ts'];
const byNpm = ['npm', 'run', '--silent', 'sandbox'];

function startSandbox(args: readonly string[], [command = '', ...words] = typed): Box {
  const { INIT_CWD: _, ...env } = process.env;
  const child = spawn(command, [...words, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((done) => {
    child.once('close', done);
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

async function ready(box: Box): Promise<Access> {
  await eventually('the sandbox is ready', () => box.stdout().endsWith('\n'));
  return JSON.parse(box.stdout()) as Access;
}

const isListening = (url: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });

const get = async (access: Access, path: string): Promise<unknown> => {
  const response = await fetch(`${access.apiHost}/api/v1/get/${path}`, {
    headers: { 'X-API-Key': access.apiKey },
  });
  return response.json();
};

describe('the sandbox', () => {
  test('says in one line how to reach its servers, and leaves nothing behind on SIGTERM', async () => {
    const box = startSandbox([]);
    const access = await ready(box);
    expect(Object.keys(access)).toEqual([
      'ldapUri',
      'baseDn',
      'bindDn',
      'bindPassword',
      'adminDn',
      'adminPassword',
      'apiHost',
      'apiKey',
      'envFile',
    ]);
    expect(access.baseDn).toBe('dc=example,dc=test');
    expect(await get(access, 'domain/all')).toMatchObject([
      { domain_name: 'example.test' },
      { domain_name: 'other.test' },
    ]);
    expect(statSync(access.envFile).mode & 0o777).toBe(0o600);
    expect(await Promise.all([isListening(access.ldapUri), isListening(access.apiHost)])).toEqual([
      true,
      true,
    ]);
    box.child.kill('SIGTERM');
    expect(await box.ended).toBe(0);
    expect(box.stdout().split('\n')).toHaveLength(2);
    expect(existsSync(dirname(access.envFile))).toBe(false);
    expect(await Promise.all([isListening(access.ldapUri), isListening(access.apiHost)])).toEqual([
      false,
      false,
    ]);
  });

  test('loads several LDIF files in order, changes included, a start state, and spells out the settings', async () => {
    const [first, second, state] = ['first.ldif', 'second.ldif', 'state.json'].map((name) =>
      join(folder, name),
    );
    if (first === undefined || second === undefined || state === undefined) throw new Error('no names');
    writeFileSync(first, 'dn: o=Acme\nobjectClass: organization\no: Acme\n');
    writeFileSync(
      second,
      'dn: ou=New,o=Acme\nchangetype: add\nobjectClass: organizationalUnit\nou: New\n\ndn: o=Acme\nchangetype: modify\nadd: description\ndescription: changed\n-\n',
    );
    writeFileSync(state, JSON.stringify({ domains: [roomyDomain('acme.test')] }));
    const box = startSandbox(['--ldif', first, '--ldif', second, '--mailcow', state, '--latency', '50']);
    const access = await ready(box);
    expect(access).toMatchObject({ baseDn: 'o=Acme', adminDn: 'cn=admin,o=Acme' });
    const started = performance.now();
    expect(await get(access, 'domain/all')).toMatchObject([{ domain_name: 'acme.test' }]);
    expect(performance.now() - started).toBeGreaterThan(45);
    const lines = readFileSync(access.envFile, 'utf8').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'LDAP_MAILCOW_LDAP_BASE_DN=o=Acme',
        'LDAP_MAILCOW_LDAP_FILTER=(&(objectClass=user)(objectCategory=person))',
        'LDAP_MAILCOW_LDAP_GROUP_FILTER=(&(objectClass=group)(mail=*))',
        'LDAP_MAILCOW_QUOTA_ATTRIBUTE=mailQuota',
        'LDAP_MAILCOW_DISABLED_RULE=userAccountControl',
        'LDAP_MAILCOW_API_QUOTA=3072',
        'LDAP_MAILCOW_SYNC_MAILBOXES=true',
        'LDAP_MAILCOW_GRACE_SPACING=0',
      ]),
    );
    box.child.kill('SIGINT');
    expect(await box.ended).toBe(0);
  });

  test('prints nothing else under npm, and goes down with it even when npm is killed', async () => {
    const box = startSandbox([], byNpm);
    const access = await ready(box);
    expect(box.stdout().trim().split('\n')).toHaveLength(1);
    box.child.kill('SIGKILL');
    await eventually('its folder is gone', () => !existsSync(dirname(access.envFile)));
    await box.ended;
    expect(await Promise.all([isListening(access.ldapUri), isListening(access.apiHost)])).toEqual([
      false,
      false,
    ]);
  });

  test.each([
    [['--nonsense'], '--nonsense'],
    [['--port', '123456'], '--port'],
    [['--latency', 'soon'], '--latency'],
    [['--ldif', '/nowhere.ldif'], '--ldif'],
    [['--mailcow', 'tests/sandbox/company.ldif'], '--mailcow'],
  ])('refuses %j with a sentence', async (args, named) => {
    const box = startSandbox(args);
    expect(await box.ended).toBe(2);
    expect(box.stdout()).toBe('');
    expect(box.stderr()).toContain(named);
  });

  test('says what slapd or mailcow does not take, and leaves nothing behind', async () => {
    const ldif = join(folder, 'bad.ldif');
    writeFileSync(ldif, 'dn: o=Acme\nobjectClass: nonsense\no: Acme\n');
    const refused = startSandbox(['--ldif', ldif]);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toContain('slapadd refused the LDIF');
    const state = join(folder, 'bad.json');
    writeFileSync(state, JSON.stringify({ mailboxes: [{ local_part: 'a', domain: 'nowhere.test' }] }));
    const box = startSandbox(['--mailcow', state]);
    expect(await box.ended).toBe(1);
    expect(box.stderr()).toContain('mailcow would refuse mailboxes[0]');
  });
});
