/** The profile for schools on the sample school, with nothing else set but where both sides are. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { startSlapd } from '../support/slapd.ts';
import { expectUntouched, syncWell, withDirectory } from './world.ts';

const folder = 'tests/fixtures/ldif';

type Expected = {
  readonly domains: readonly string[];
  readonly mailboxes: Readonly<Record<string, { readonly name: string }>>;
};

const isList = ([, { name }]: readonly [string, { readonly name: string }]): boolean =>
  name.endsWith(' (list)');

const withoutLists = (mailboxes: Expected['mailboxes']): Expected['mailboxes'] =>
  Object.fromEntries(Object.entries(mailboxes).filter((entry) => !isList(entry)));

test('the people of a school and their domains are as its rules say, and a second sync writes nothing', async () => {
  const expected = JSON.parse(readFileSync(`${folder}/school.expected.json`, 'utf8')) as Expected;
  const slapd = await startSlapd({
    ldif: [`${folder}/school.ldif`],
    schema: ['tests/support/adlike.schema', `${folder}/sophomorix.schema`],
  });
  const { uri, baseDn, bindDn, bindPassword } = slapd;
  const settings = {
    LDAP_URI: uri,
    LDAP_BASE_DN: baseDn,
    LDAP_BIND_DN: bindDn,
    LDAP_BIND_DN_PASSWORD: bindPassword,
    PROFILE: 'linuxmuster',
  };
  try {
    await withDirectory(
      settings,
      async (played) => {
        await syncWell(played);
        expect(withoutLists(played.held().mailboxes)).toEqual(withoutLists(expected.mailboxes));
        const { domains } = played.mailcow.store.snapshot();
        expect(domains.map(({ domain }) => domain).sort()).toEqual(expected.domains);
        await expectUntouched(played, () => syncWell(played));
      },
      { domains: [] },
    );
  } finally {
    await slapd.stop();
  }
}, 180_000);
