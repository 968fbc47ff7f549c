import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { domainOf, localPartOf, parseAddress } from '../../src/core/address.ts';

const label63 = 'a'.repeat(63);

describe('an address that mailcow takes is trimmed and lower-cased', () => {
  test.each([
    ['anna@example.test', 'anna@example.test'],
    [' Anna@Example.Test\t', 'anna@example.test'],
    ["o'brien+list/x=1@example.test", "o'brien+list/x=1@example.test"],
    ['!#$%&*?^_`{|}~-@example.test', '!#$%&*?^_`{|}~-@example.test'],
    ['49ers@example.test', '49ers@example.test'],
    ['a.b.c@sub.example.test', 'a.b.c@sub.example.test'],
    [`${'x'.repeat(64)}@example.test`, `${'x'.repeat(64)}@example.test`],
    ['a@xn--mller-kva.test', 'a@xn--mller-kva.test'],
    [`a@${label63}.test`, `a@${label63}.test`],
    ['a@1.2.test', 'a@1.2.test'],
  ])('%s', (text, expected) => {
    expect(parseAddress(text)).toBe(expected);
  });
});

describe('no address for mailcow is', () => {
  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['no @', 'anna.example.test'],
    ['no local part', '@example.test'],
    ['no domain', 'anna@'],
    ['two @', 'anna@x@example.test'],
    ['a dot at the start', '.anna@example.test'],
    ['a dot at the end', 'anna.@example.test'],
    ['two dots', 'an..na@example.test'],
    ['a blank inside', 'an na@example.test'],
    ['a quoted local part', '"an na"@example.test'],
    ['a comment', 'anna(x)@example.test'],
    ['a comma', 'anna,bert@example.test'],
    ['angle brackets', '<anna@example.test>'],
    ['an umlaut', 'müller@example.test'],
    ['an umlaut in the domain', 'anna@müller.test'],
    ['a Kelvin sign that lower-cases to k', '\u212Aarl@example.test'],
    ['a Kelvin sign in the domain', 'karl@\u212Aelvin.test'],
    ['a dotted capital I', '\u0130da@example.test'],
    ['a full-width letter', '\uFF41nna@example.test'],
    ['a zero-width space', 'an\u200Bna@example.test'],
    ['a line break', 'anna\n@example.test'],
    ['65 characters before the @', `${'x'.repeat(65)}@example.test`],
    ['an underscore in the domain', 'anna@ex_ample.test'],
    ['a hyphen at the edge of a label', 'anna@-example.test'],
    ['a hyphen at the end of a label', 'anna@example-.test'],
    ['a dot at the end of the domain', 'anna@example.test.'],
    ['an empty label', 'anna@example..test'],
    ['a label of 64', `anna@${label63}a.test`],
    ['a host name of 254', `anna@${`${label63}.`.repeat(3)}${'a'.repeat(62)}`],
    ['an address literal', 'anna@[127.0.0.1]'],
  ])('%s', (_what, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

test('the answer does not depend on what was asked before', () => {
  const hosts = Array.from({ length: 1500 }, (_, index) => `a@host${index}.test`);
  expect(hosts.map(parseAddress)).toEqual(hosts);
  expect(hosts.map(parseAddress)).toEqual(hosts);
});

test('whatever comes out is ASCII, lower case, parses to itself and splits into its parts', () => {
  const piece = fc.string({ unit: 'grapheme', maxLength: 12 });
  fc.assert(
    fc.property(
      fc.oneof(
        piece,
        fc.emailAddress(),
        fc.tuple(piece, piece).map((pair) => pair.join('@')),
      ),
      (text) => {
        const address = parseAddress(text);
        if (address === undefined) return;
        expect(address).toMatch(/^[\x21-\x7e]+$/);
        expect(address).toBe(text.trim().toLowerCase());
        expect(parseAddress(address)).toBe(address);
        expect(`${localPartOf(address)}@${domainOf(address)}`).toBe(address);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
