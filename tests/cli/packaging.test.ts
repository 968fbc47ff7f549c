/** The files that an installation is made of, as far as they can be tried without a container engine. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { allSettings } from '../../src/config/schema.ts';
import { fileVariableOf, variableOf } from '../../src/config/setting.ts';
import { temporaryFolder } from './program.ts';

const root = join(__dirname, '..', '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');

const known = new Set(
  allSettings.flatMap(({ setting }) => [
    variableOf(setting),
    ...(setting.secret === true ? [fileVariableOf(setting)] : []),
  ]),
);

const version = (JSON.parse(read('package.json')) as { readonly version: string }).version;

describe('docker-compose.override.example.yml', () => {
  const text = read('docker-compose.override.example.yml');

  test('names only settings that exist', () => {
    const names = [...text.matchAll(/LDAP_MAILCOW_[A-Z_]+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  test('sets everything that is required, secrets by file', () => {
    for (const { setting } of allSettings) {
      if (setting.fallback.kind !== 'required') continue;
      const name = setting.secret === true ? fileVariableOf(setting) : variableOf(setting);
      expect(text).toMatch(new RegExp(`^ {6}${name}: \\S`, 'm'));
    }
  });

  test('takes the place of the predecessors: service, container, network and folder are theirs', () => {
    expect(text).toMatch(/^services:\n {2}ldap-mailcow:$/m);
    expect(text).toMatch(/^ {4}container_name: mailcowcustomized_ldap-mailcow$/m);
    expect(text).toMatch(/^ {6}- mailcow-network$/m);
    expect(text).toMatch(/^ {6}- \.\/data\/ldap:\/db$/m);
    expect(text).toMatch(/^ {6}TZ: /m);
  });

  test('each secret that the service is given is defined', () => {
    const [service = '', definitions = ''] = text.split(/^secrets:$/m);
    const given = [...service.matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name]) => name);
    expect(given).toHaveLength(2);
    for (const name of given) {
      expect(service).toContain(`- ${name ?? ''}\n`);
      expect(definitions).toMatch(new RegExp(`^ {2}${name ?? ''}:\n {4}file: \\./`, 'm'));
    }
  });

  test('names the image of this version', () => {
    expect(text).toContain(`:${version.split('.').slice(0, 2).join('.')}\n`);
  });
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');
  const sources = [...text.matchAll(/^COPY (?!--from)(?:--\S+ )?(.*) \S+$/gm)].flatMap(([, paths]) =>
    (paths ?? '').split(' '),
  );

  test('copies what exists and what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect(() => statSync(join(root, source))).not.toThrow();
      expect(allowed).toContain(source.split('/')[0]);
    }
  });

  test('builds on the node that the project is tested on', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const [major] = (devDependencies['node'] ?? '').split('.');
    expect(text).toContain(`ARG NODE=node:${major ?? ''}-bookworm-slim`);
  });
});

const folder = temporaryFolder();
afterAll(folder.remove);

/** A node that anybody may run: the project may lie in a folder that only root can enter. */
function publicNode(): string {
  const path = join(folder.path, 'node');
  if (!existsSync(path)) copyFileSync(process.execPath, path);
  chmodSync(path, 0o755);
  return path;
}

/** The entrypoint with its two paths in a temporary folder, and a program that tells who it is. */
function entrypoint(name: string): { readonly script: string; readonly db: string } {
  const place = join(folder.path, name);
  const db = join(place, 'db');
  mkdirSync(db, { recursive: true });
  chmodSync(folder.path, 0o755);
  const main = join(place, 'main.js');
  writeFileSync(
    main,
    'console.log(JSON.stringify({ uid: process.getuid(), pid: process.pid, args: process.argv.slice(2) }))',
  );
  const script = join(place, 'ldap-mailcow');
  const text = read('docker', 'ldap-mailcow')
    .replace(/^folder=.*$/m, `folder=${db}`)
    .replace(/^main=.*$/m, `main=${main}`)
    .replaceAll('node "$main"', `"${publicNode()}" "$main"`);
  writeFileSync(script, text, { mode: 0o755 });
  return { script, db };
}

type Told = { readonly uid: number; readonly pid: number; readonly args: readonly string[] };

const told = (
  command: readonly string[],
): { readonly told: Told | undefined; readonly status: number | null; readonly err: string } => {
  const [first = '', ...rest] = command;
  const { stdout, stderr, status } = spawnSync(first, rest, { encoding: 'utf8' });
  return { told: stdout === '' ? undefined : (JSON.parse(stdout) as Told), status, err: stderr };
};

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
const withCapabilities = (list: string): readonly string[] => [
  'setpriv',
  `--bounding-set=-all${list}`,
  '--inh-caps=-all',
  '--no-new-privs',
];

describe('the entrypoint', () => {
  test('is a shell script without mistakes of syntax', () => {
    expect(spawnSync('sh', ['-n', join(root, 'docker', 'ldap-mailcow')]).status).toBe(0);
  });

  asRoot(
    'started as root, with the three capabilities of the example, hands /db over and drops its rights',
    () => {
      const { script, db } = entrypoint('root');
      writeFileSync(join(db, 'ldap-mailcow.sqlite3'), '');
      writeFileSync(join(db, 'foreign'), '');
      chownSync(join(db, 'foreign'), 4711, 4711);
      const answer = told([...withCapabilities(',+chown,+setuid,+setgid'), script, 'plan', '--json']);
      expect(answer.err).toBe('');
      expect(answer.told).toMatchObject({ uid: 1000, args: ['plan', '--json'] });
      const ownerOf = (path: string): number => statSync(path).uid;
      expect([ownerOf(db), ownerOf(join(db, 'ldap-mailcow.sqlite3'))]).toEqual([1000, 1000]);
      expect(ownerOf(join(db, 'foreign'))).toBe(4711);
    },
  );

  asRoot('started again finds everything in order, although root may not look into the folder', () => {
    const { script, db } = entrypoint('again');
    chownSync(db, 1000, 1000);
    chmodSync(db, 0o700);
    const answer = told([...withCapabilities(',+chown,+setuid,+setgid'), script]);
    expect([answer.status, answer.err, answer.told?.uid]).toEqual([0, '', 1000]);
  });

  asRoot('started as root without any capability says what to set', () => {
    const { script } = entrypoint('bare');
    const { status, err } = told([...withCapabilities(''), script]);
    expect(status).toBe(2);
    expect(err).toContain('set user: "1000:1000" in the compose file, or cap_add CHOWN, SETGID and SETUID');
  });

  asRoot('started as somebody else (user:) needs nothing and changes nothing', () => {
    const { script, db } = entrypoint('user');
    const as = ['setpriv', '--reuid=4711', '--regid=4711', '--clear-groups', '--no-new-privs'];
    expect(told([...as, script, 'sync']).told).toMatchObject({ uid: 4711, args: ['sync'] });
    expect(statSync(db).uid).toBe(0);
  });

  test('becomes the program: the process is the same one', () => {
    const { script } = entrypoint('exec');
    const shell = spawnSync('sh', ['-c', `echo $$; exec ${script}`], { encoding: 'utf8' });
    const [pid = '', answer = ''] = shell.stdout.trim().split('\n');
    expect((JSON.parse(answer) as Told).pid).toBe(Number(pid));
  });
});
