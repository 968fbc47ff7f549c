/** The mail of everybody in a directory, by sync jobs of mailcow: slapd, the stand-in and the real program. */
import { describe, expect, test } from '@jest/globals';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { expectUntouched, syncWell, withWorld, type World } from './world.ts';

const master = 'the-master-password-there-4711';
const owner = { OWNER: 'our-school', GRACE_SPACING: '0' };
const migrating: EnvSettings = { ...owner, IMAPSYNC_HOST: 'imap.old.test', IMAPSYNC_PASSWORD: master };

const oneOfOne = '(mail=anna.berger@example.test)';

type Job = World['mailcow']['store']['tables']['syncJobs'] extends Map<number, infer Row> ? Row : never;

const jobs = (world: World): readonly Job[] => [...world.mailcow.store.tables.syncJobs.values()];
const jobOf = (world: World, name: string): Job | undefined =>
  jobs(world).find(({ username }) => username === `${name}@example.test`);
const stateOf = (world: World, name: string): unknown => jobOf(world, name)?.active;

/** Changes a job past our program. */
function byHand(world: World, name: string, fields: Partial<Job>): void {
  const job = jobOf(world, name);
  if (job === undefined) throw new Error(`${name} has no job`);
  world.mailcow.store.tables.syncJobs.set(job.id, { ...job, ...fields });
}

/** What is written to sync jobs meanwhile. */
async function jobWrites(world: World, run: () => Promise<unknown>): Promise<readonly string[]> {
  const before = world.mailcow.writes.length;
  await run();
  return world.mailcow.writes
    .slice(before)
    .map(({ route }) => route)
    .filter((route) => route.endsWith('/syncjob'));
}

const deletionOf = (dns: readonly string[]): string =>
  dns.map((dn) => `dn: ${dn}\nchangetype: delete\n`).join('\n');

const annaDn = 'cn=Anna Berger,ou=Management,dc=example,dc=test';
const anna = `dn: ${annaDn}
changetype: add
objectClass: inetOrgPerson
objectClass: user
cn: Anna Berger
sn: Berger
displayName: Anna Berger
mail: anna.berger@example.test
userAccountControl: 512
objectCategory: person
`;

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

describe('everybody', () => {
  test('has one job, whatever becomes of the state file', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, migrating);
      const people = world.mailcow.store.snapshot().mailboxes.length;
      const made = jobs(world);
      expect(made.length).toBe(made.filter(({ active }) => active === 1).length);
      expect(made.length).toBeGreaterThan(15);
      expect(made.length).toBeLessThanOrEqual(people);
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${world.stateFile}${suffix}`, { force: true });
      // Which passwords mailcow has, nobody knows any more: each is written once.
      const again = await jobWrites(world, () => syncWell(world, migrating));
      expect(new Set(again)).toEqual(new Set(['edit/syncjob']));
      expect(jobs(world).map(({ id }) => id)).toEqual(made.map(({ id }) => id));
      await expectUntouched(world, () => syncWell(world, migrating));
      expectSecret(world, master);
    });
  });

  test('keeps the jobs when a filter slips, and when a reading is cut off', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, migrating);
      await expectUntouched(world, async () => {
        const slip = {
          ...migrating,
          LDAP_FILTER: '(&(objectClass=user)(|(mail=a*)(mail=b*)(mail=c*)(mail=d*)))',
        };
        // Grace begins anew with another filter; then what it would take away is held.
        const codes = [];
        for (const _ of [1, 2, 3, 4]) codes.push((await world.sync(slip)).code);
        expect(codes.slice(2)).toEqual([3, 3]);
        const { dn, password } = world.slapd.limited;
        const cut = { ...migrating, LDAP_BIND_DN: dn, LDAP_BIND_DN_PASSWORD: password };
        for (const _ of [1, 2, 3]) expect((await world.sync(cut)).code).toBe(1);
      });
      expect(jobs(world).every(({ active }) => active === 1)).toBe(true);
    });
  });
});

describe('who leaves', () => {
  test('keeps the job in grace, loses it with the mailbox, and has it again on the way back', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, migrating);
      await world.slapd.modify(deletionOf([annaDn]));
      await expectUntouched(world, () => syncWell(world, migrating));
      expect(await jobWrites(world, () => syncWell(world, migrating))).toEqual(['edit/syncjob']);
      const routes = world.mailcow.writes.slice(-2).map(({ route }) => route);
      expect(routes).toEqual(['edit/syncjob', 'edit/mailbox']);
      expect(stateOf(world, 'anna.berger')).toBe(0);
      await world.slapd.modify(anna);
      await syncWell(world, migrating);
      await syncWell(world, migrating);
      expect(stateOf(world, 'anna.berger')).toBe(1);
      await expectUntouched(world, () => syncWell(world, migrating));
    });
  });

  test('takes the job along to a new address of the same domain', async () => {
    await withWorld({}, async (world) => {
      const settings = { ...migrating, IMAPSYNC_USER: '{cn}' };
      await syncWell(world, settings);
      const id = jobOf(world, 'anna.berger')?.id;
      await world.slapd.modify(`dn: ${annaDn}
changetype: modify
replace: mail
mail: anna.neu@example.test
-
replace: proxyAddresses
proxyAddresses: SMTP:anna.neu@example.test
`);
      const count = jobs(world).length;
      await syncWell(world, settings);
      expect([jobOf(world, 'anna.neu')?.id, jobs(world).length]).toEqual([id, count]);
      const { code } = await world.run(['sync', '--full'], settings);
      expect([code, jobs(world).length, jobOf(world, 'anna.neu')?.user1]).toEqual([0, count, 'Anna Berger']);
    });
  });
});

describe('in mailcow', () => {
  const one = {
    ...migrating,
    LDAP_FILTER: '(|(mail=anna.berger@example.test)(mail=bernd.conrad@example.test))',
  };
  const full = (world: World, settings: EnvSettings = one): Promise<unknown> =>
    world.run(['sync', '--full'], settings);

  test('what somebody deletes is made again, what somebody changes is put right, what somebody stops stays so', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, one);
      world.mailcow.store.tables.syncJobs.delete(jobOf(world, 'anna.berger')?.id ?? 0);
      const flags = jobOf(world, 'bernd.conrad')?.flags;
      byHand(world, 'bernd.conrad', { port1: 143, flags: { ...flags, delete1: 1 } });
      expect(await jobWrites(world, () => full(world))).toEqual(['add/syncjob', 'edit/syncjob']);
      expect(jobOf(world, 'bernd.conrad')).toMatchObject({ port1: 993, flags: { delete1: 0 } });
      byHand(world, 'anna.berger', { active: 0 });
      expect(await jobWrites(world, () => full(world))).toEqual([]);
      expect(world.output()).toContain('finding changed-by-hand: anna.berger@example.test');
      byHand(world, 'anna.berger', { active: 1, customParams: '' });
      expect(await jobWrites(world, () => full(world))).toEqual([]);
      expect(world.output()).toContain('finding sync-job-taken: anna.berger@example.test');
      expect(world.output()).toContain('settled changed-by-hand: anna.berger@example.test');
    });
  });

  test('the jobs of another owner are nobody’s business', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, one);
      const theirs = jobs(world);
      const other = { ...one, OWNER: 'another', IMAPSYNC_HOST: 'imap.new.test' };
      await full(world, other);
      expect(jobs(world)).toEqual(theirs);
    });
  });

  test('an end stays an end until the mail comes from elsewhere; without a server nothing is touched', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world, one);
      byHand(world, 'anna.berger', {
        active: 0,
        customParams: '--domain1=lm.ldap.ourZschool.aD.c60m',
        lastRun: 'x',
      });
      expect(await jobWrites(world, () => full(world))).toEqual([]);
      const progress = await world.run(['imapsync', 'progress'], one);
      expect(progress.stdout).toMatch(/anna\.berger@example\.test +done/);
      expect(progress.stdout).toContain('50 %, 1 of 2 done');
      const json: unknown = JSON.parse((await world.run(['imapsync', 'progress', '--json'], one)).stdout);
      expect(json).toMatchObject({ totals: { people: 2, percent: 50 } });
      await syncWell(world, { ...one, IMAPSYNC_HOST: 'imap.new.test' });
      expect(jobOf(world, 'anna.berger')).toMatchObject({
        active: 1,
        host1: 'imap.new.test',
        customParams: '--domain1=lm.ldap.ourZschool.a.c60m',
        lastRun: null,
      });
      const without = { ...owner, LDAP_FILTER: one.LDAP_FILTER };
      const said = '2 sync jobs of the migration go on';
      const { stderr } = await expectUntouched(world, () => world.run(['sync', '--full'], without));
      expect(stderr).toContain(said);
      const next = await expectUntouched(world, () => world.run(['sync', '--full'], without));
      expect(next.stderr).not.toContain(said);
    });
  });
});

describe('passwords', () => {
  const few = {
    ...owner,
    IMAPSYNC_HOST: 'imap.old.test',
    LDAP_FILTER: '(|(mail=anna.berger@example.test)(mail=bernd.conrad@example.test))',
  };

  test('of each person come from a file, which is read anew each time', async () => {
    await withWorld({}, async (world) => {
      const file = join(world.folder, 'logins.csv');
      const settings = { ...few, IMAPSYNC_LOGINS: file };
      writeFileSync(file, 'anna.berger@example.test,secret-of-anna-1\n', { mode: 0o644 });
      chmodSync(file, 0o644);
      await syncWell(world, settings);
      expect(jobs(world)).toMatchObject([
        { username: 'anna.berger@example.test', password1: 'secret-of-anna-1' },
      ]);
      expect(world.output()).toContain('finding migration-logins-exposed');
      expect(world.output()).toContain('finding migration-no-login: bernd.conrad@example.test');
      chmodSync(file, 0o600);
      writeFileSync(
        file,
        'anna.berger@example.test,secret-of-anna-2\nbernd.conrad@example.test,"secret,of,bernd"\n',
      );
      await syncWell(world, settings);
      expect(jobs(world).map(({ password1 }) => password1)).toEqual(['secret-of-anna-2', 'secret,of,bernd']);
      const plan = await world.run(['plan', '--json'], settings);
      expect(JSON.parse(plan.stdout)).toMatchObject({ changes: [], findings: [{ code: 'empty-group' }] });
      writeFileSync(file, 'anna.berger@example.test,"secret-of-anna-3\n');
      await expectUntouched(world, () => syncWell(world, settings));
      expect(world.output()).toContain('finding migration-logins-unreadable');
      expectSecret(world, 'secret-of-anna', 'secret,of,bernd');
    });
  });

  test('are asked for before anything is done', async () => {
    await withWorld({}, async (world) => {
      const { code, stderr } = await world.sync(few);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('LDAP_MAILCOW_IMAPSYNC_HOST needs LDAP_MAILCOW_IMAPSYNC_PASSWORD'),
      });
    });
  });
});
