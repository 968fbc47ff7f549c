/** Which way people log in, by what a mailcow shows (facts/auth.md section 2). */
import { describe, expect, test } from '@jest/globals';
import { chooseLogins, type LoginMode, type LoginSigns } from '../../src/core/choose-logins.ts';

const none = { age: undefined, isDovecotMounted: false, isSogoMounted: false, isDovecot24: false };
const mounted = { ...none, isDovecotMounted: true, isSogoMounted: true };

const legacy: LoginSigns = {
  version: '2025-02',
  hasProviderRoute: false,
  hasAuthSource: false,
  volumes: { ...mounted, age: 'legacy' },
};
const modern: LoginSigns = {
  version: '2026-07a',
  hasProviderRoute: true,
  hasAuthSource: true,
  volumes: { ...mounted, age: 'new' },
};

const choose = (mode: LoginMode, signs: LoginSigns, asked = {}) =>
  chooseLogins(mode, signs, { hasMailboxes: true, wantsSogoSource: false, ...asked });

const files23 = { kind: 'templates', files: { syntax: '2.3', sogo: 'plist' } };

describe('auto', () => {
  test.each<[string, LoginSigns, object]>([
    ['renders files on a mailcow up to 2025-02', legacy, files23],
    [
      'renders nothing where they are not mounted, and says what to mount',
      { ...legacy, volumes: none },
      { kind: 'nothing', advice: expect.stringContaining('/conf/dovecot') },
    ],
    [
      'changes nothing on a newer mailcow, and recommends its own provider',
      modern,
      { kind: 'nothing', advice: expect.stringContaining('LDAP_MAILCOW_AUTH=identity-provider') },
    ],
    [
      'takes the first month of the provider for a newer one',
      { ...modern, version: '2025-03' },
      { kind: 'nothing', advice: expect.stringContaining('identity-provider') },
    ],
    ['goes without the version of a development state', { ...legacy, version: 'abc1234' }, files23],
    ['goes without mailboxes to look at', { ...legacy, hasAuthSource: undefined }, files23],
  ])('%s', (_what, signs, expected) => {
    expect(choose('auto', signs)).toMatchObject(expected);
  });
});

describe('signs that disagree change nothing, whatever is asked for', () => {
  const disagreeing: readonly (readonly [string, LoginSigns])[] = [
    ['the version', { ...modern, version: '2025-02' }],
    ['the provider', { ...modern, hasProviderRoute: false }],
    ['the mailboxes', { ...modern, hasAuthSource: false }],
    ['the folders', { ...modern, volumes: { ...mounted, age: 'legacy' } }],
  ];
  const modes: readonly LoginMode[] = ['auto', 'templates', 'identity-provider'];
  test.each(disagreeing.flatMap(([what, signs]) => modes.map((mode) => [what, mode, signs] as const)))(
    'of %s with %s',
    (_what, mode, signs) => {
      const { kind, why } = choose(mode, signs);
      expect(kind).toBe('nothing');
      expect(why).toContain('disagrees');
    },
  );
});

describe('what is asked for', () => {
  test.each<[string, LoginMode, LoginSigns, object, object]>([
    ['the provider on a newer mailcow', 'identity-provider', modern, {}, { kind: 'identity-provider' }],
    [
      'the provider on a legacy one is refused',
      'identity-provider',
      legacy,
      {},
      { kind: 'nothing', advice: expect.stringContaining('templates') },
    ],
    [
      'templates on a newer mailcow: Dovecot only, and what they cannot do',
      'templates',
      modern,
      {},
      {
        kind: 'templates',
        files: { syntax: '2.3', sogo: 'nothing' },
        advice: expect.stringContaining('ActiveSync'),
      },
    ],
    [
      'templates with a source for SOGo',
      'templates',
      modern,
      { wantsSogoSource: true },
      { files: { sogo: 'script' } },
    ],
    [
      'templates without mounted folders',
      'templates',
      { ...modern, volumes: none },
      {},
      { kind: 'nothing', advice: expect.stringContaining('mount') },
    ],
    [
      'templates without SOGo’s folder',
      'templates',
      { ...legacy, volumes: { ...mounted, age: 'legacy', isSogoMounted: false } },
      {},
      { files: { sogo: 'nothing' }, advice: expect.stringContaining('/conf/sogo') },
    ],
    [
      'templates for Dovecot 2.4',
      'templates',
      { ...modern, volumes: { ...modern.volumes, isDovecot24: true } },
      {},
      { files: { syntax: '2.4' } },
    ],
    [
      'hashes, whatever mailcow is',
      'password-hash',
      { ...modern, version: '2025-02' },
      {},
      { kind: 'password-hash' },
    ],
    ['none', 'none', legacy, {}, { kind: 'nothing' }],
    [
      'anything, with aliases only',
      'templates',
      legacy,
      { hasMailboxes: false },
      { kind: 'nothing', why: 'only aliases are synced' },
    ],
  ])('%s', (_what, mode, signs, asked, expected) => {
    expect(choose(mode, signs, asked)).toMatchObject(expected);
  });

  test('nothing is known of a mailcow that shows nothing', () => {
    const signs = { version: 'abc', hasProviderRoute: undefined, hasAuthSource: undefined, volumes: none };
    expect(choose('auto', signs).kind).toBe('nothing');
  });
});
