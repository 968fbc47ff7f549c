import { describe, expect, test } from '@jest/globals';
import { validateFilter } from '../../src/directory/filter.ts';
import { openDirectory } from '../../src/directory/directory.ts';
import { dialectDefaults } from '../../src/core/mapping.ts';
import { plain, withScript } from './setup.ts';

const accepted = (filter: string): unknown => ({ ok: true, filter });

describe('a filter is accepted', () => {
  test.each([
    '(mail=*)',
    '(&(objectClass=user)(objectCategory=person))',
    '(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))',
    '(memberOf:1.2.840.113556.1.4.1941:=CN=Группа,DC=example,DC=test)',
    '(|(cn=a*b)(cn>=a)(cn<=z)(cn~=x))',
    '(cn=\\28x\\29\\2a\\5c)',
    '(cn=Müller)',
    '(cn= a )',
  ])('as it is: %s', (filter) => {
    expect(validateFilter(filter)).toEqual(accepted(filter));
  });

  test.each([
    [' (mail=*)\n', '(mail=*)'],
    ['(& (a=b)\n  (c=d) )', '(&(a=b)(c=d))'],
    ['( ! ( a=b ) )', '(!(a=b ))'],
    ['mail=*', '(mail=*)'],
    ['(cn=M\\c3\\bcller)', '(cn=Müller)'],
    ['(cn=\\D0\\9F*\\28)', '(cn=П*\\28)'],
  ])('in the form that is sent: %j', (text, filter) => {
    expect(validateFilter(text)).toEqual(accepted(filter));
  });

  test.each(
    Object.values(dialectDefaults).flatMap(({ userFilter, groupFilter }) => [userFilter, groupFilter]),
  )('as a default: %s', (filter) => {
    expect(validateFilter(filter)).toEqual(accepted(filter));
  });
});

describe('a filter is refused, because a server would read something else', () => {
  test.each([
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['(&(a=b)(c=d)', 'a closing bracket is missing at the end'],
    ['(&(a=b)(|(c=d)(e=f))', 'a closing bracket is missing at the end'],
    ['(a=b', 'a closing bracket is missing at the end'],
    ['(a=b))', 'there is more after its end: “)”'],
    ['(a=b)(c=d)', 'there is more after its end: “(c=d)”'],
    ['(cn=a(b)', 'a closing bracket is missing before “(b)”'],
    ['(&)', '“&” has nothing to combine'],
    ['()', 'a pair of brackets is empty'],
    ['(!(a=b)(c=d))', '“!” takes exactly one condition'],
    ['(!a=b)', '“!” has nothing to combine'],
    ['(cn)', 'Invalid expression'],
    ['(cn=\\zz)', 'Invalid escaped hex character'],
    ['(objectGUID=\\a1\\b2)', 'a filter cannot compare with binary values'],
    ['(userCertificate;binary=*)', 'Invalid expression'],
  ])('%j', (text, why) => {
    expect(validateFilter(text)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  test.each(['', '(&(a=b)'])('and is never sent: %j', async (userFilter) => {
    await withScript({}, async (server) => {
      const reading = openDirectory({ ...plain, uris: [server.uri], userFilter }).read();
      await expect(reading).rejects.toMatchObject({ name: 'DirectoryRefused' });
      expect(server.searches()).toEqual([]);
    });
  });
});

test('an escaped name reaches the server as the bytes that were meant', async () => {
  await withScript({}, async (server) => {
    await openDirectory({ ...plain, uris: [server.uri], userFilter: '(cn=\\d0\\9f)' }).read();
    expect(server.searches()[0]?.filter.toString('hex')).toBe('a3080402636e0402d09f');
  });
});
