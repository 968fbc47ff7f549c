/** The reading commands of the real program on a real directory and the stand-in. */
import { describe, expect, test } from '@jest/globals';
import { expectUntouched, secrets, syncWell, withWorld, type World } from './world.ts';

const explain = async (
  world: World,
  query: string,
  settings: Parameters<World['run']>[1] = {},
): Promise<{ readonly code: number | null; readonly stdout: string }> => {
  const before = world.stateBytes();
  const ended = await expectUntouched(world, () => world.run(['explain', query], settings));
  expect(world.stateBytes().length).toBe(before.length);
  return ended;
};

describe('status, findings and explain', () => {
  test('tell the same story before, after and while somebody is missing', async () => {
    await withWorld({}, async (world) => {
      expect(await world.run(['status'])).toMatchObject({ code: 1 });
      await syncWell(world);

      const status = await world.run(['status']);
      expect(status.code).toBe(0);
      expect(status.stdout).toMatch(/^All is well\.$/m);
      expect(status.stdout).toMatch(/^ {2}\d+ mailboxes: \d+ active, \d+ deactivated$/m);

      const findings = await world.run(['findings', '--code', 'duplicate-address']);
      expect(findings.stdout).toMatch(/since .* karl|koch/i);

      const koch = await explain(world, 'cn=Karl Koch,ou=Sales,dc=example,dc=test');
      expect(koch.code).toBe(0);
      expect(koch.stdout).toMatch(/^duplicate-address: claimed by cn=Karl Koch,.* and cn=Käthe Koch,/m);

      const anna = await explain(world, 'boss@example.test');
      expect(anna.stdout).toMatch(/^boss@example\.test is an alias to anna\.berger@example\.test/m);
      expect(anna.stdout).toContain('further address: boss@example.test  <- proxyaddresses');

      const adviser = await explain(world, 'cn=Tax Adviser,ou=Contacts,dc=example,dc=test');
      expect(adviser.code).toBe(0);
      expect(adviser.stdout).toMatch(
        /^LDAP_MAILCOW_LDAP_FILTER does not hit: its part \(objectClass=user\)/m,
      );

      const scoped = await explain(world, 'anna.berger@example.test', {
        LDAP_BASE_DN: 'ou=Sales,dc=example,dc=test',
      });
      expect(scoped.stdout).toContain('not in this reading');

      const nobody = await explain(world, 'anna.burger@example.test');
      expect(nobody.code).toBe(1);
      expect(nobody.stdout).toMatch(/^ {2}anna\.berger@example\.test {2}cn=Anna Berger,/m);

      const json = await world.run(['explain', 'anna.berger@example.test', '--json']);
      expect(JSON.parse(json.stdout)).toMatchObject({ known: true, problems: [], pins: [] });
      for (const secret of Object.values(secrets)) expect(world.output()).not.toContain(secret);
    });
  }, 120_000);
});
