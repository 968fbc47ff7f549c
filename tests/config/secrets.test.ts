import { describe, expect, test } from '@jest/globals';
import { describeSettings, secretValues } from '../../src/config/describe.ts';
import { allSettings } from '../../src/config/schema.ts';
import { variableOf } from '../../src/config/setting.ts';
import { filesOf, load, problemsOf } from './builders.ts';

const secrets = allSettings.map(({ setting }) => setting).filter(({ secret }) => secret === true);
const names = secrets.map(({ name }) => name);

/** A URL where one is wanted. */
const secretOf = (name: string): string =>
  name.endsWith('_URL') ? 'https://example.test/from-the-file' : 'from-the-file';

describe('a secret from a file', () => {
  test.each(names)('%s_FILE gives the value, one line break at its end left out', (name) => {
    const files = filesOf({ '/run/secrets/x': `${secretOf(name)}\r\n` });
    const loaded = load({ [name]: undefined, [`${name}_FILE`]: '/run/secrets/x' }, { files });
    expect(secretValues(loaded)).toContain(secretOf(name));
    const described = describeSettings(loaded).find((setting) => setting.name === `LDAP_MAILCOW_${name}`);
    expect(described).toEqual({
      name: `LDAP_MAILCOW_${name}`,
      value: '(hidden)',
      origin: `file /run/secrets/x (LDAP_MAILCOW_${name}_FILE, environment)`,
    });
  });

  test.each(names)('%s together with its file is a problem', (name) => {
    const files = filesOf({ '/run/secrets/x': 'a' });
    expect(problemsOf({ [name]: 'typed', [`${name}_FILE`]: '/run/secrets/x' }, { files })).toEqual([
      `LDAP_MAILCOW_${name} and LDAP_MAILCOW_${name}_FILE are both set: keep one of them (an empty value counts as not set)`,
    ]);
  });

  test('an empty name beside the file does not count', () => {
    const files = filesOf({ '/run/secrets/x': 'abc' });
    expect(load({ API_KEY: '', API_KEY_FILE: '/run/secrets/x' }, { files }).config.mailcow.apiKey).toBe(
      'abc',
    );
  });

  test('only one line break is left out, and blanks stay', () => {
    const files = filesOf({ '/x': ' pass word \n\n' });
    const { ldap } = load(
      { LDAP_BIND_DN_PASSWORD: undefined, LDAP_BIND_DN_PASSWORD_FILE: '/x' },
      { files },
    ).config;
    expect(ldap.bindPassword).toBe(' pass word \n');
  });

  test('a file that is missing, unreadable or empty is a problem that names the path', () => {
    const files = filesOf({ '/closed': 'EACCES', '/empty': '\n' });
    const problem = (path: string): readonly string[] =>
      problemsOf({ API_KEY: undefined, API_KEY_FILE: path }, { files });
    expect(problem('/none')).toEqual([
      'LDAP_MAILCOW_API_KEY_FILE: the file /none cannot be read (there is no such file)',
    ]);
    expect(problem('/closed')).toEqual([
      'LDAP_MAILCOW_API_KEY_FILE: the file /closed cannot be read (permission denied)',
    ]);
    expect(problem('/empty')).toEqual(['LDAP_MAILCOW_API_KEY_FILE: the file /empty is empty']);
  });

  test('works with a hyphen too', () => {
    const files = filesOf({ '/x': 'abc' });
    const { config } = load({ API_KEY: undefined, 'LDAP-MAILCOW_API_KEY_FILE': '/x' }, { files });
    expect(config.mailcow.apiKey).toBe('abc');
  });
});

describe('secrets stay hidden', () => {
  test('in problems', () => {
    const problems = problemsOf({ API_KEY: 'two words', SYNC_INTERVAL: 'x' });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toBe(
      'LDAP_MAILCOW_API_KEY cannot be used (its value is not shown): there is a blank, a line break or a character outside of ASCII in it',
    );
    expect(problems.join()).not.toContain('two words');
  });

  test('in what check shows, and in warnings', () => {
    const loaded = load({ LDAP_BIND_DN_PASSWORD: '"quoted-secret"', API_KEY: 'key-secret' });
    const shown = JSON.stringify([describeSettings(loaded), loaded.warnings]);
    expect(shown).not.toContain('quoted-secret');
    expect(shown).not.toContain('key-secret');
    expect(loaded.warnings.join()).toContain('LDAP_MAILCOW_LDAP_BIND_DN_PASSWORD: the quotation marks');
  });

  test('whatever is named like one is marked as one', () => {
    const suspicious = allSettings
      .map(({ setting }) => setting)
      .filter(({ name }) => /PASSWORD|KEY$|TOKEN|SECRET/.test(name) && !name.endsWith('_ATTRIBUTE'));
    expect(suspicious.filter(({ secret }) => secret !== true).map(variableOf)).toEqual([]);
  });
});
