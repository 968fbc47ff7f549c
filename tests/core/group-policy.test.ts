import { expect, test } from '@jest/globals';
import { matchesPattern, parseGroupPolicyWords } from '../../src/core/group-policy.ts';

const plain = { ignore: false, internal: false, sendAs: false };

test.each([
  ['list', plain],
  ['internal', { ...plain, internal: true }],
  ['send-as', { ...plain, sendAs: true }],
  ['ignore', { ...plain, ignore: true }],
  ['Mailbox', { ...plain, mailbox: true }],
  ['internal+send-as', { ...plain, internal: true, sendAs: true }],
  [' List + Send-As ', { ...plain, sendAs: true }],
])('the words “%s” are a policy', (text, policy) => {
  expect(parseGroupPolicyWords(text)).toEqual(policy);
});

test.each([
  '',
  ' ',
  'public',
  'sendas',
  'internal send-as',
  'list+',
  '+',
  'ignore+list',
  'send-as+ignore',
  'mailbox+internal',
])('the words “%s” are none', (text) => {
  expect(parseGroupPolicyWords(text)).toBeUndefined();
});

test.each([
  ['staff-*', 'staff-berlin@example.test'],
  ['staff-*', 'staff-@example.test'],
  ['STAFF', 'Staff@Example.test'],
  ['*', 'anything@example.test'],
  ['*-all', 'berlin-all@example.test'],
  ['a*b*c', 'a-b-b-c@example.test'],
  ['office@example.test', 'office@example.test'],
  ['*@sub.example.test', 'office@sub.example.test'],
  ['off*@*.test', 'office@example.test'],
])('the pattern “%s” matches %s', (pattern, address) => {
  expect(matchesPattern(pattern, address)).toBe(true);
});

test.each([
  ['staff-*', 'my-staff-berlin@example.test'],
  ['staff', 'staff-berlin@example.test'],
  ['staff', 'staf@example.test'],
  ['*-all', 'berlin-all-2@example.test'],
  ['ab*ba', 'aba@example.test'],
  ['a*b*c', 'a-c-b@example.test'],
  ['*test', 'office@example.test'],
  ['office@example.test', 'office@example.test.org'],
  ['*@example.test', 'office@sub.example.test'],
  ['a.c', 'abc@example.test'],
])('the pattern “%s” does not match %s', (pattern, address) => {
  expect(matchesPattern(pattern, address)).toBe(false);
});

test('a pattern of many stars is compared at once', () => {
  const address = `${'a'.repeat(60)}@example.test`;
  expect(matchesPattern('*a'.repeat(30) + 'b', address)).toBe(false);
});
