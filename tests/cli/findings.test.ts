/** `findings` lists what is open, with what to do. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openState } from '../../src/state/state.ts';
import { envFile, run, temporaryFolder } from './program.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const db = join(folder.path, 'state.sqlite3');

const settings = (path: string): string =>
  envFile(folder.path, {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=sync,dc=example,dc=test',
    LDAP_BIND_DN_PASSWORD: 'a-password-that-nobody-may-see',
    API_HOST: 'http://127.0.0.1:1',
    API_KEY: 'AAAAAA-BBBBBB',
    DB: path,
  });

const findings = (...args: readonly string[]): ReturnType<typeof run> =>
  run('findings', '--env', settings(db), ...args);

const since = '2026-06-01T12:00:00.000Z';

beforeAll(() => {
  const state = openState(db);
  state.replaceFindings([
    { code: 'no-address', subject: 'uid=b,dc=test', message: 'no value in mail', since },
    { code: 'no-address', subject: 'uid=a\u001b[2J,dc=test', message: 'no value in mail', since },
    {
      code: 'refused-by-mailcow',
      subject: 'anna@example.test',
      message:
        'create mailbox: mailcow refused it: max_mailbox_exceeded 2; is_alias_or_mailbox anna@example.test',
      since,
    },
  ]);
  state.close();
});

describe('findings', () => {
  test('are grouped by code, each group with what to do and its anchor', async () => {
    const { code, out } = await findings();
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe('3 open findings');
    expect(out).toMatch(
      /^no-address \(2\)\n {2}Give the entry one address .*\. \(docs\/findings\.md#no-address\)\n {4}since 2026-06-01 /m,
    );
  });

  test('explain mailcow’s own words, each as a whole', async () => {
    const { out } = await findings('--code', 'refused-by-mailcow');
    const words = [...out.matchAll(/^ {6}(\w+): .*\(docs\/findings\.md#(\w+)\)$/gm)];
    expect(words.map(([, word, anchor]) => [word, anchor])).toEqual([
      ['is_alias_or_mailbox', 'is_alias_or_mailbox'],
      ['max_mailbox_exceeded', 'max_mailbox_exceeded'],
    ]);
    expect(out).not.toContain('no-address');
  });

  test('show what a directory smuggles into a name', async () => {
    const { out } = await findings();
    expect(out).not.toContain('\u001b');
    expect(out).toContain('uid=a\\u001b[2J');
  });

  test('--json has them as data', async () => {
    const { out } = await findings('--json');
    expect(JSON.parse(out)).toMatchObject([
      { code: 'no-address', anchor: 'docs/findings.md#no-address', findings: [{ since }, { since }] },
      { code: 'refused-by-mailcow', findings: [{ words: [{ word: 'is_alias_or_mailbox' }, {}] }] },
    ]);
  });

  test('of a code that nobody has are none', async () => {
    expect(await findings('--code', 'drift')).toMatchObject({ code: 0, out: 'No open findings of drift.\n' });
  });

  test('without a state file are not known: 1', async () => {
    const { code, out } = await run('findings', '--env', settings(join(folder.path, 'none.sqlite3')));
    expect({ code, out }).toEqual({
      code: 1,
      out: `No sync yet: there is no state file at ${join(folder.path, 'none.sqlite3')}.\n`,
    });
  });
});
