import { describe, expect, test } from '@jest/globals';
import { openDirectory } from '../../src/directory/directory.ts';
import { parseMemberFilter, validateMemberFilter } from '../../src/directory/member-filter.ts';
import { plain, withScript } from './setup.ts';

describe('a member filter', () => {
  test.each([
    [
      '(&(objectClass=person)(mail=*)(distinguishedName={MEMBER_CN}))',
      '(&(objectClass=person)(mail=*)(objectClass=*))',
      undefined,
    ],
    ['(entryDN={MEMBER_CN})', '(objectClass=*)', undefined],
    ['(&(DN={MEMBER_CN})(mail=*))', '(&(objectClass=*)(mail=*))', undefined],
    ['(&(mail=*)(UID={MEMBER_CN}))', '(&(mail=*)(objectClass=*))', 'uid'],
    ['(&(a=b) (& (c=d) (cn={MEMBER_CN}) ) )', '(&(a=b)(&(c=d)(objectClass=*)))', 'cn'],
    [
      '(&(uid={MEMBER_CN})(|(mail=*)(!(mail=x*)))(!(uid=root)))',
      '(&(objectClass=*)(|(mail=*)(!(mail=x*)))(!(uid=root)))',
      'uid',
    ],
  ])('%s selects %s', (text, candidates, key) => {
    const parsed = parseMemberFilter(text);
    expect({ key: parsed.key, candidates: parsed.candidates.toString() }).toEqual({ key, candidates });
    expect(validateMemberFilter(text)).toEqual({ ok: true, filter: text });
  });

  test.each([
    ['(&(objectClass=person)(mail=*))', '{MEMBER_CN} is missing'],
    ['(distinguishedName={MEMBER_DN})', '{MEMBER_CN} is missing'],
    ['(distinguishedName={member_cn})', 'add (distinguishedName={MEMBER_CN})'],
    ['(&(dn={MEMBER_CN})(uid={MEMBER_CN}))', 'stands in it 2 times'],
    ['(|(dn={MEMBER_CN})(&(uid={MEMBER_CN})(mail=*)))', 'stands in it 2 times'],
    ['(cn={MEMBER_CN}{MEMBER_CN})', 'stands in it 2 times'],
    ['(&(mail=*)(!(dn={MEMBER_CN})))', 'inside a “!”'],
    ['(!(&(mail=*)(dn={MEMBER_CN})))', 'inside a “!”'],
    ['(|(dn={MEMBER_CN})(mail=*))', 'inside a “|”'],
    ['(&(mail=*)(|(a=b)(&(c=d)(dn={MEMBER_CN}))))', 'inside a “|”'],
    ['(&(mail=*)(memberOf=cn=x,{MEMBER_CN}))', 'in (memberOf=cn=x,{MEMBER_CN}) there is more beside it'],
    ['(uid= {MEMBER_CN})', 'there is more beside it'],
    ['(proxyAddresses=*{MEMBER_CN})', 'in (proxyAddresses=*{MEMBER_CN}) there is more beside it'],
    ['(proxyAddresses=a*{MEMBER_CN}*b)', 'there is more beside it'],
    ['(uid>={MEMBER_CN})', 'compared by “=”, and here it is (uid>={MEMBER_CN})'],
    ['(uid~={MEMBER_CN})', 'compared by “=”'],
    ['(memberOf:1.2.840.113556.1.4.1941:={MEMBER_CN})', 'compared by “=”'],
    ['(&(dn={MEMBER_CN})', 'a closing bracket is missing at the end'],
    ['', 'it is empty'],
  ])('%s is refused, because one search for all could not mean the same', (text, why) => {
    expect(validateMemberFilter(text)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  test('that is refused is never sent, not even in part', async () => {
    await withScript({}, async (server) => {
      const groupMemberFilter = '(|(dn={MEMBER_CN})(mail=*))';
      const options = { ...plain, uris: [server.uri], readGroups: true, groupMemberFilter };
      await expect(openDirectory(options).read()).rejects.toMatchObject({
        name: 'DirectoryRefused',
        message: expect.stringContaining('LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER'),
      });
      expect(server.searches()).toEqual([]);
    });
  });
});
