/** Mail domains on a real directory: made with what is in them, by the program as it is shipped. */
import { expect, test } from '@jest/globals';
import { syncWell, withWorld } from './world.ts';

const pupil = (name: string): string => `dn: cn=${name},dc=example,dc=test
objectClass: inetOrgPerson
cn: ${name}
sn: ${name}
mail: ${name}@school.test
`;

test('a domain that mailcow lacks comes with its mailboxes, and a second sync finds nothing to do', async () => {
  const settings = { MANAGE_DOMAINS: 'true', LDAP_FILTER: '(objectClass=inetOrgPerson)', API_QUOTA: '500' };
  await withWorld({ text: `${pupil('anna')}\n${pupil('ben')}` }, async (world) => {
    const without = await world.run(['plan'], { ...settings, MANAGE_DOMAINS: 'false' });
    expect(without.stdout).toContain('mailcow has no domain school.test');
    await syncWell(world, settings);
    const { domains, mailboxes } = world.mailcow.store.snapshot();
    expect(domains.find(({ domain }) => domain === 'school.test')).toMatchObject({ active: 1 });
    expect(mailboxes.map(({ username }) => username)).toEqual(
      expect.arrayContaining(['anna@school.test', 'ben@school.test']),
    );
    const writes = world.mailcow.writes.length;
    const { stderr } = await world.sync(settings);
    expect(stderr).toContain('nothing to change');
    expect(world.mailcow.writes).toHaveLength(writes);
  });
});
