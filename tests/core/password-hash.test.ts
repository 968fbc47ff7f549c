import { describe, expect, test } from '@jest/globals';
import { chooseHash, isMailcowHash } from '../../src/core/password-hash.ts';
import { recording } from '../mailcow/recordings.ts';

/** The hash that a recorded creation sent. */
const sent = (start: string): string => {
  const { body } = recording(start).request;
  return typeof body === 'object' && body !== null && 'password' in body ? String(body.password) : '';
};

describe('a hash of the directory', () => {
  test.each([
    ['05/001', 'SSHA'],
    ['05/003', 'SSHA512'],
    ['05/004', 'SHA'],
    ['05/005', 'SMD5'],
    ['05/007', 'LDAP-MD5'],
    ['05/008', 'CRYPT, SHA-512'],
    ['05/009', 'CRYPT, SHA-512 with rounds'],
    ['05/010', 'BLF-CRYPT'],
    ['05/011', 'ARGON2ID'],
  ])('that mailcow checks goes there as it is: %s %s', (start) => {
    expect(sent(start)).not.toBe('');
    expect(chooseHash([sent(start)])).toEqual({ kind: 'hash', hash: sent(start) });
    expect(isMailcowHash(sent(start))).toBe(true);
  });

  test('is called as mailcow calls it: MD5, ARGON2, small letters', () => {
    const of = (value: string): unknown => chooseHash([value]);
    expect(of('{MD5}vrVrHXCmDUh5rMNz71kwtQ==')).toEqual({
      kind: 'hash',
      hash: '{LDAP-MD5}vrVrHXCmDUh5rMNz71kwtQ==',
    });
    expect(of('{ARGON2}$argon2id$v=19$x')).toEqual({ kind: 'hash', hash: '{ARGON2ID}$argon2id$v=19$x' });
    expect(of('{argon2}$argon2i$v=19$x')).toEqual({ kind: 'hash', hash: '{ARGON2I}$argon2i$v=19$x' });
    expect(of('{ssha}n9X7AiBVgcZqUkeUBugNakPwKCpzYWx0c2FsdA==')).toEqual({
      kind: 'hash',
      hash: '{SSHA}n9X7AiBVgcZqUkeUBugNakPwKCpzYWx0c2FsdA==',
    });
  });

  test.each([
    ['{ARGON2}$argon2d$v=19$x', '{ARGON2}'],
    ['{PBKDF2-SHA512}10000$c2Fs$d57b', '{PBKDF2-SHA512}'],
    ['{PBKDF2_SHA256}AAAg', '{PBKDF2_SHA256}'],
    ['{PBKDF2}10000$c2Fs$d57b', '{PBKDF2}'],
    ['{CRYPT}$y$j9T$x', '{CRYPT}'],
    ['{SSHA}', '{SSHA}'],
    ['{SSHA}with blanks', '{SSHA}'],
    ['{PLAIN}secret-word', '{PLAIN}'],
    ['{SASL}anna@EXAMPLE.TEST', '{SASL}'],
    ['$2y$04$r9zZ15T8FJn1Khg2xisbC', 'a crypt hash without a scheme'],
    ['secret-word', 'no known scheme'],
    ['{secret-word}1', 'no known scheme'],
    ['', 'no known scheme'],
  ])('that would open the mailbox to who knows the hash, or to nobody, is refused: %s', (value, scheme) => {
    expect(chooseHash([value])).toEqual({ kind: 'unusable', schemes: [scheme] });
    expect(isMailcowHash(value)).toBe(false);
  });

  test('is the best one of several, whatever their order', () => {
    const [ssha, argon, ssha512] = [sent('05/001'), sent('05/011'), sent('05/003')];
    expect(chooseHash([ssha, 'in clear', argon])).toEqual({ kind: 'hash', hash: argon });
    expect(chooseHash([ssha, ssha512])).toEqual({ kind: 'hash', hash: ssha512 });
    const other = ssha.replace('n9X7', 'a9X7');
    expect(chooseHash([ssha, other])).toEqual(chooseHash([other, ssha]));
  });
});
