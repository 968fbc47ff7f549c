/** The daemon as an administrator meets it: signals, locks, schedules, refusals. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { entriesOf } from '../support/ldif.ts';
import { eventually, expectUntouched, sampleCompany, syncWell, withWorld, type World } from './world.ts';

const newcomer = `dn: cn=New Comer,dc=example,dc=test
changetype: add
objectClass: inetOrgPerson
objectClass: user
cn: New Comer
sn: Comer
mail: new.comer@example.test
objectCategory: person
`;

const count = (world: World, route: string): number => world.mailcow.stats().calls[route] ?? 0;
/** People of the sample company whose mailbox works. */
function peopleOf(world: World): readonly { readonly dn: string; readonly mail: string }[] {
  const { mailboxes } = world.held();
  return entriesOf(readFileSync(sampleCompany, 'utf8'))
    .map(({ dn, attributes }) => ({ dn, mail: (attributes['mail']?.[0] ?? '').toLowerCase() }))
    .filter(({ mail }) => mailboxes[mail]?.active === 1);
}

/** Whether a process has opened a file. */
function hasOpen(pid: number | undefined, path: string): boolean {
  const folder = `/proc/${pid ?? 'none'}/fd`;
  try {
    return readdirSync(folder).some((name) => readlinkSync(`${folder}/${name}`) === path);
  } catch {
    // It opens and closes files while we look.
    return false;
  }
}

const lists = (world: World): number => world.mailcow.stats().lists;

describe('the daemon', () => {
  test('goes on syncing, and ends on SIGTERM with exit code 0', async () => {
    await withWorld({}, async (world) => {
      const daemon = world.start(['run'], { SYNC_INTERVAL: '1' });
      await eventually('it has synced twice', () => daemon.stderr().split('next sync in 1 s').length > 2);
      daemon.child.kill('SIGTERM');
      const { code, stderr } = await daemon.ended;
      expect(code).toBe(0);
      expect(stderr).toContain('stopped');
    });
  });

  test('finishes the write in flight on SIGTERM and begins no other', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 1500, times: 1 });
      const daemon = world.start(['run']);
      await eventually('a mailbox is being made', () => count(world, 'POST add/mailbox') === 1);
      daemon.child.kill('SIGTERM');
      expect((await daemon.ended).code).toBe(0);
      expect(world.mailcow.writes).toHaveLength(1);
      expect(Object.keys(world.held().mailboxes)).toHaveLength(1);
      expect(daemon.stderr()).toMatch(
        /sync cut short by a signal in .* 1 mailbox created, \d+ changes left for the next sync, .*stopping\n.*stopped\n$/,
      );
      await syncWell(world);
      expect(count(world, 'POST add/mailbox')).toBe(Object.keys(world.held().mailboxes).length);
    });
  });

  test('gives up waiting after eight seconds, and the next start reads what became of the write', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 9300, times: 1 });
      const daemon = world.start(['run']);
      await eventually('a mailbox is being made', () => count(world, 'POST add/mailbox') === 1);
      const asked = Date.now();
      daemon.child.kill('SIGTERM');
      expect((await daemon.ended).code).toBe(0);
      expect(Date.now() - asked).toBeLessThan(10_000);
      expect(daemon.stderr()).toMatch(
        /sync cut off by a signal: nothing written; .* the next sync reads what became of it\n$/,
      );
      const { code, stderr } = await world.sync();
      expect({ code, settled: stderr.includes('writes may have been cut short last time') }).toEqual({
        code: 0,
        settled: true,
      });
      // PHP went on after its client had died: made once, not twice, not refused.
      expect(count(world, 'POST add/mailbox')).toBe(Object.keys(world.held().mailboxes).length);
    });
  }, 60_000);

  test('reads everything on SIGUSR1', async () => {
    await withWorld({}, async (world) => {
      const daemon = world.start(['run']);
      await eventually('it has synced', () => daemon.stderr().includes('next sync in'));
      const before = lists(world);
      daemon.child.kill('SIGUSR1');
      await eventually('it has read the lists again', () => lists(world) === before + 3);
      await eventually('it has synced again', () => daemon.stderr().split('next sync in').length > 2);
      daemon.child.kill('SIGTERM');
      expect((await daemon.ended).code).toBe(0);
    });
  });

  test('keeps to a cron expression, which wins over the interval and says so', async () => {
    await withWorld({}, async (world) => {
      const daemon = world.start(['run'], {
        SYNC_SCHEDULE: '* * * * * *',
        SYNC_INTERVAL: '3000',
      });
      await eventually('it has synced twice', () => daemon.stderr().split('next sync in').length > 2);
      daemon.child.kill('SIGTERM');
      expect((await daemon.ended).stderr).toContain('are both set: the schedule wins');
    });
  });

  test('does not hammer a mailcow that refuses the key (4.18)', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ mode: '401' });
      const daemon = world.start(['run'], { SYNC_INTERVAL: '60' });
      await eventually('it has been refused', () => daemon.stderr().includes('next sync in 60 s'));
      daemon.child.kill('SIGTERM');
      await daemon.ended;
      // Once while waiting for mailcow, once in the sync.
      expect(count(world, 'GET get/status/version')).toBeLessThanOrEqual(2);
    });
  });

  test('is healthy after a sync, also after one that failed, and not before the first', async () => {
    await withWorld({}, async (world) => {
      expect((await world.run(['healthcheck'])).code).toBe(1);
      await syncWell(world);
      expect((await world.run(['healthcheck'])).code).toBe(0);
      world.mailcow.fault({ mode: 'down' });
      expect((await world.sync()).code).toBe(1);
      expect((await world.run(['healthcheck'])).code).toBe(0);
    });
  });
});

describe('one sync (the command) that gets a signal', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s ends in order with %i and says what was done and what is left',
    async (signal, expected) => {
      await withWorld({}, async (world) => {
        world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 1000, times: 1 });
        const { child, ended } = world.start(['sync']);
        await eventually('a mailbox is being made', () => count(world, 'POST add/mailbox') === 1);
        child.kill(signal);
        const { code, stderr } = await ended;
        expect(code).toBe(expected);
        expect(stderr).toMatch(/ 1 mailbox created, \d+ changes left for the next sync, \d+ findings?\n$/);
        expect(world.mailcow.writes).toHaveLength(1);
        await syncWell(world);
      });
    },
  );

  test('ends with 143 also when a write takes longer than its patience', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 9300, times: 1 });
      const { child, ended } = world.start(['sync']);
      await eventually('a mailbox is being made', () => count(world, 'POST add/mailbox') === 1);
      child.kill('SIGTERM');
      const { code, stderr } = await ended;
      expect(code).toBe(143);
      expect(stderr).toContain('sync cut off by a signal: nothing written;');
      await syncWell(world);
    });
  }, 60_000);

  test('does not wait for another sync any longer', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 6000, times: 1 });
      const other = world.start(['sync']);
      await eventually('the other one writes', () => count(world, 'POST add/mailbox') === 1);
      const { child, ended } = world.start(['sync']);
      await eventually('it has opened the state file', () => hasOpen(child.pid, world.stateFile));
      child.kill('SIGTERM');
      const { code, stderr } = await ended;
      expect(code).toBe(143);
      expect(stderr).toContain('told to end while another sync was running: nothing was done');
      expect((await other.ended).code).toBe(0);
    });
  }, 60_000);

  test('every other command ends at once', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'get/', mode: 'slow', ms: 5000 });
      const { child, ended } = world.start(['plan']);
      await eventually('it reads', () => Object.keys(world.mailcow.stats().calls).length > 0);
      const asked = Date.now();
      child.kill('SIGINT');
      expect((await ended).code).toBe(130);
      expect(Date.now() - asked).toBeLessThan(3000);
    });
  });
});

describe('one sync at a time (4.15)', () => {
  test('a command waits for the daemon, and then finds nothing to do', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 1000, times: 1 });
      const daemon = world.start(['run']);
      await eventually('the daemon writes', () => count(world, 'POST add/mailbox') > 0);
      const { code, stderr } = await world.sync();
      expect({ code, nothing: stderr.includes('nothing to change') }).toEqual({ code: 0, nothing: true });
      daemon.child.kill('SIGTERM');
      await daemon.ended;
      expect(count(world, 'POST add/mailbox')).toBe(Object.keys(world.held().mailboxes).length);
    });
  });

  test('a dead holder does not keep the lock', async () => {
    await withWorld({}, async (world) => {
      world.mailcow.fault({ route: 'add/mailbox', mode: 'slow', ms: 1000, times: 1 });
      const daemon = world.start(['run']);
      await eventually('the daemon writes', () => count(world, 'POST add/mailbox') > 0);
      daemon.child.kill('SIGKILL');
      await daemon.ended;
      await syncWell(world);
      expect(count(world, 'POST add/mailbox')).toBe(Object.keys(world.held().mailboxes).length);
    });
  });
});

describe('what is held waits for approve (4.11)', () => {
  const leave = (dns: readonly string[]): string =>
    dns.map((dn) => `dn: ${dn}\nchangetype: delete\n`).join('\n');

  test('which lets exactly that through, and the id does not move with ordinary creations', async () => {
    await withWorld({}, async (world) => {
      const settings = { GRACE_READINGS: '1' };
      await syncWell(world, settings);
      const owners = peopleOf(world).slice(0, 12);
      await world.slapd.modify(leave(owners.map(({ dn }) => dn)));
      const held = await expectUntouched(world, () => world.sync(settings));
      expect(held.code).toBe(3);
      const [, id = ''] = /then: ldap-mailcow approve ([0-9a-f]+)/.exec(held.stderr) ?? [];
      await world.slapd.modify(newcomer);
      const plan = JSON.parse((await world.run(['plan', '--json'], settings)).stdout) as { id: string };
      expect(plan.id).toBe(id);
      const wrong = await world.run(['approve', '00000000'], settings);
      expect({ code: wrong.code, right: wrong.stdout.includes(`ldap-mailcow approve ${id}`) }).toEqual({
        code: 1,
        right: true,
      });
      expect((await world.run(['approve', id], settings)).stdout).toContain('Approved');
      await syncWell(world, settings);
      const { mailboxes } = world.held();
      expect(owners.map(({ mail }) => mailboxes[mail]?.active)).toEqual(owners.map(() => 0));
      expect(mailboxes['new.comer@example.test']?.active).toBe(1);
    });
  });
});
