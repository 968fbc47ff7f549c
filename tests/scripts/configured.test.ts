/** The daemon's hook: off unless configured, and what scripts are given of the environment. */
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptEnvironment, startConfiguredScripts } from '../../src/app-scripts.ts';
import { loadConfig } from '../../src/config/load.ts';

const settings = {
  LDAP_MAILCOW_LDAP_URI: 'ldap://127.0.0.1:1',
  LDAP_MAILCOW_LDAP_BASE_DN: 'dc=example,dc=test',
  LDAP_MAILCOW_LDAP_BIND_DN: 'cn=reader',
  LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD: 'bind-password',
  LDAP_MAILCOW_API_HOST: 'http://127.0.0.1:1',
  LDAP_MAILCOW_API_KEY: 'never-shown-4711',
};

function linesWith(more: Readonly<Record<string, string>>): readonly string[] {
  const lines: string[] = [];
  const take = (message: string): void => {
    lines.push(message);
  };
  const { config } = loadConfig({ env: { ...settings, ...more }, envFile: '/dev/null' });
  const stop = new AbortController();
  const log = { error: take, warn: take, info: take, debug: take };
  startConfiguredScripts({ config, log, signal: stop.signal });
  stop.abort();
  return lines;
}

test('without the setting nothing is looked at, with it the crontab is read', () => {
  expect(linesWith({})).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  writeFileSync(join(folder, 'crontab'), '@hourly a.custom\n1 */1 * * * root /x/b.custom\n', { mode: 0o644 });
  expect(linesWith({ LDAP_MAILCOW_IMAPSYNC_SCRIPTS: folder })).toEqual([
    expect.stringMatching(/^scripts: crontab line 2: .* write: 1 \*\/1 \* \* \* b\.custom$/),
    `scripts: 1 in ${join(folder, 'crontab')}`,
  ]);
  rmSync(folder, { recursive: true });
});

test('scripts are given four variables at most', () => {
  const env = { ...settings, PATH: '/bin', HOME: '/root', TZ: 'Europe/Rome', LANG: 'C.UTF-8', SECRET: 'x' };
  expect(scriptEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/tmp', TZ: 'Europe/Rome', LANG: 'C.UTF-8' });
  expect(scriptEnvironment({})).toEqual({ PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp' });
});
