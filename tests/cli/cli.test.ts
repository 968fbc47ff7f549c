import { afterAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allSettings } from '../../src/config/schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { variableOf } from '../../src/config/setting.ts';
import { envFile, run, temporaryFolder } from './program.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const commands = [
  'run',
  'sync',
  'plan',
  'status',
  'approve',
  'check',
  'init',
  'backup',
  'imapsync',
  'healthcheck',
];

describe('help', () => {
  test.each(['--help', '-h', 'help'])('%s lists every command and every setting', async (word) => {
    const { code, out, err } = await run(word);
    expect([code, err]).toEqual([0, '']);
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    for (const { setting } of allSettings) expect(out).toContain(variableOf(setting));
  });

  test.each(commands)('of %s begins with how to call it', async (command) => {
    const { code, out } = await run(command, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^ldap-mailcow ${command}\\b`));
  });

  test('--version prints the version alone', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  });
});

describe('a command line that is wrong ends with 2 and a sentence', () => {
  test.each([
    [['dance'], /unknown command "dance"; known: run, sync, plan/],
    [['plan', '--colour'], /Unknown option '--colour'/],
    [['check', 'everything'], /unexpected argument "everything"/],
    [['init', 'here'], /unexpected argument "here"/],
    [['findings', '--code', 'no-luck'], /unknown code "no-luck"; known: no-address, /],
    [['explain'], /explain takes one address, DN or account name/],
    [['explain', 'a@b.test', 'c@b.test'], /explain takes one address, DN or account name/],
    [['sync', '--env'], /--env/],
    [['backup'], /backup takes one file/],
  ])('%j', async (args, sentence) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
    expect(err).not.toContain('    at ');
  });

  test.each(['run', 'sync', 'plan', 'status', 'findings', 'check', 'approve', 'healthcheck'])(
    '%s without a configuration names everything that is missing or wrong',
    async (command) => {
      const settings = { LOG_LEVEL: 'loud', SYNC_SCHEDULE: '61 * * * *' };
      const { code, err } = await run(command, '--env', envFile(folder.path, settings));
      expect(code).toBe(2);
      for (const name of ['LDAP_URI', 'LDAP_BASE_DN', 'API_HOST', 'API_KEY', 'LOG_LEVEL', 'SYNC_SCHEDULE'])
        expect(err).toContain(`LDAP_MAILCOW_${name}`);
    },
  );
});

describe('init', () => {
  test('prints a file that loads once the required settings are filled in', async () => {
    const { code, out } = await run('init');
    expect(code).toBe(0);
    const path = join(folder.path, 'init.env');
    const filled = out.replace(/^(LDAP_MAILCOW_API_KEY)=.*$/m, '$1=AAAAAA-BBBBBB');
    writeFileSync(path, filled);
    const { config, warnings } = loadConfig({ env: {}, envFile: path });
    expect(warnings).toEqual([]);
    expect(config.mailcow.apiKey).toBe('AAAAAA-BBBBBB');
  });
});

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly files: readonly string[];
  };

  test('has the command, which the build makes', () => {
    expect(manifest.bin).toEqual({ 'ldap-mailcow': 'dist/main.js' });
    expect(manifest.files).toContain('dist');
    const source = readFileSync(join(__dirname, '..', '..', 'src', 'main.ts'), 'utf8');
    expect(source).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
