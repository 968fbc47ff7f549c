/** The mail of everybody in a directory, by sync jobs of mailcow: slapd, the stand-in and the real program. */
import { describe, expect, test } from '@jest/globals';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { expectUntouched, syncWell, withWorld, type World } from './world.ts';

const master = 'the-master-password-there-4711';
const owner = { OWNER: 'our-school', GRACE_SPACING: '0' };
const migrating: EnvSettings = { ...owner, IMAPSYNC_HOST: 'imap.old.test', IMAPSYNC_PASSWORD: master };

const oneOfOne = '(mail=anna.berger@example.test)';

type Job = World['mailcow']['store']['tables']['syncJobs'] extends Map<number, infer Row> ? Row : never;

const jobs = (world: World): readonly Job[] => [...world.mailcow.store.tables.syncJobs.values()];

/** A password is nowhere but in mailcow. */
function expectSecret(world: World, ...passwords: readonly string[]): void {
  const seen = `${world.stateBytes()}\n${world.output()}`;
  for (const password of passwords) expect(seen.includes(password)).toBe(false);
}

describe('one person', () => {
  test('gets a job with the first sync, and the next one asks mailcow for nothing but its version', async () => {
    await withWorld({}, async (world) => {
      const settings = { ...migrating, LDAP_FILTER: oneOfOne };
      const plan = await world.run(['plan'], settings);
      expect(plan.stdout).toContain('create syncjob anna.berger@example.test');
      await syncWell(world, settings);
      expect(jobs(world)).toMatchObject([
        {
          username: 'anna.berger@example.test',
          host1: 'imap.old.test',
          port1: 993,
          user1: 'anna.berger@example.test',
          password1: master,
          enc1: 'SSL',
          customParams: '--domain1=lm.ldap.ourZschool.a.c60m',
          minsInterval: 60,
          active: 1,
        },
      ]);
      world.mailcow.resetStats();
      await expectUntouched(world, () => syncWell(world, settings));
      expect(world.mailcow.stats().calls).toEqual({ 'GET get/status/version': 1 });
      expectSecret(world, master);
    });
  });
});
