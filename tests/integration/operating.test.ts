/** The daemon as those meet it who watch it: Prometheus, a webhook, a heartbeat, `POST /sync`. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { entriesOf } from '../support/ldif.ts';
import { freePort } from '../support/slapd-process.ts';
import type { Started } from '../sandbox/program.ts';
import { openWatcher, tokens, type Watcher } from './watching.ts';
import { eventually, sampleCompany, syncWell, withWorld, type World } from './world.ts';

async function withWatcher(run: (world: World, watcher: Watcher) => Promise<void>): Promise<void> {
  const watcher = await openWatcher();
  try {
    await withWorld({}, (world) => run(world, watcher));
  } finally {
    await watcher.close();
  }
}

const syncsOf = (daemon: Started): number => daemon.stderr().split('next sync in').length - 1;

async function end(daemon: Started): Promise<void> {
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).code).toBe(0);
}

/** Has the daemon sync by HTTP and waits for the end of it. */
async function syncByHttp(daemon: Started, watcher: Watcher, path = '/sync'): Promise<void> {
  const before = syncsOf(daemon);
  const headers = { authorization: `Bearer ${tokens.http}` };
  expect((await watcher.ask(path, { method: 'POST', headers })).status).toBe(202);
  await eventually('it has synced', () => syncsOf(daemon) > before);
}

/** People of the sample company whose mailbox works. */
function peopleOf(world: World): readonly { readonly dn: string; readonly mail: string }[] {
  const { mailboxes } = world.held();
  return entriesOf(readFileSync(sampleCompany, 'utf8'))
    .map(({ dn, attributes }) => ({ dn, mail: (attributes['mail']?.[0] ?? '').toLowerCase() }))
    .filter(({ mail }) => mailboxes[mail]?.active === 1);
}

describe('who watches the daemon', () => {
  test('sees whether it is alive, ready, and what it did', async () => {
    await withWatcher(async (world, watcher) => {
      world.mailcow.fault({ mode: 'down' });
      const daemon = world.start(['run'], watcher.settings);
      await eventually('it listens', () => daemon.stderr().includes('listening on http://127.0.0.1:'));
      expect(await watcher.ask('/healthz')).toEqual({ status: 200, text: 'alive\n' });
      expect(await watcher.ask('/readyz')).toEqual({ status: 503, text: 'no sync yet\n' });
      expect(await watcher.metric('ldap_mailcow_last_success_timestamp_seconds')).toBe('0');
      world.mailcow.clearFaults();
      await eventually('it has synced', () => syncsOf(daemon) === 1, 40_000);
      expect(await watcher.ask('/readyz')).toMatchObject({ status: 200 });
      const mailboxes = String(Object.keys(world.held().mailboxes).length);
      expect(await watcher.metric('ldap_mailcow_managed{kind="mailbox"}')).toBe(mailboxes);
      const created = 'ldap_mailcow_changes_total{kind="create",resource="mailbox",result="done"}';
      expect(await watcher.metric(created)).toBe(mailboxes);
      expect(await watcher.metric('ldap_mailcow_sync_duration_seconds_count{kind="audit"}')).toBe('1');
      const since =
        Date.now() / 1000 - Number(await watcher.metric('ldap_mailcow_last_success_timestamp_seconds'));
      expect(since).toBeLessThan(60);
      await eventually('the heartbeat has come', () => watcher.beats() === 1);
      const { text } = await watcher.ask('/metrics');
      expect(text).not.toMatch(/@|dc=/);
      for (const secret of Object.values(tokens)) expect(text + daemon.stderr()).not.toContain(secret);
      await end(daemon);
      await expect(watcher.ask('/healthz')).rejects.toThrow();
      expect(watcher.told).toEqual([]);
    });
  }, 90_000);

  test('can have it sync at once, with the token', async () => {
    await withWatcher(async (world, watcher) => {
      const daemon = world.start(['run'], watcher.settings);
      await eventually('it has synced', () => syncsOf(daemon) === 1);
      const lists = world.mailcow.stats().lists;
      await syncByHttp(daemon, watcher);
      expect(world.mailcow.stats().lists).toBe(lists);
      await syncByHttp(daemon, watcher, '/sync?full=1');
      expect(world.mailcow.stats().lists).toBeGreaterThan(lists);
      expect((await watcher.ask('/sync', { method: 'POST' })).status).toBe(401);
      await end(daemon);
    });
  });

  test('does not make it hammer a mailcow that refuses the key (4.18)', async () => {
    await withWatcher(async (world, watcher) => {
      await syncWell(world);
      world.mailcow.fault({ mode: '401' });
      const daemon = world.start(['run'], watcher.settings);
      await eventually('it has been refused', () => syncsOf(daemon) === 1);
      const headers = { authorization: `Bearer ${tokens.http}` };
      const { status, text } = await watcher.ask('/sync', { method: 'POST', headers });
      expect({ status, says: text.includes('mailcow refuses the key or the address') }).toEqual({
        status: 503,
        says: true,
      });
      await end(daemon);
      expect(syncsOf(daemon)).toBe(1);
    });
  });

  test('is told why the daemon does not start when the port is taken', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((done) => other.listen(port, '127.0.0.1', done));
    try {
      await withWorld({}, async (world) => {
        const { code, stderr } = await world.run(['run'], { HTTP_LISTEN: `127.0.0.1:${port}` });
        expect(code).toBe(2);
        expect(stderr).toContain(
          `LDAP_MAILCOW_HTTP_LISTEN is 127.0.0.1:${port}: another program listens there already`,
        );
      });
    } finally {
      other.close();
    }
  });
});

describe('30 % of the people vanish (4.11)', () => {
  test('nothing is deactivated, all who watch hear it in numbers, and approve lets exactly that through', async () => {
    await withWatcher(async (world, watcher) => {
      const settings = { ...watcher.settings, GRACE_READINGS: '1' };
      const daemon = world.start(['run'], settings);
      await eventually('it has synced', () => syncsOf(daemon) === 1);
      const before = world.held();
      const total = Object.keys(before.mailboxes).length;
      const people = peopleOf(world);
      const leavers = people.slice(0, Math.ceil(people.length * 0.3));
      const gone = leavers.length;
      await world.slapd.modify(leavers.map(({ dn }) => `dn: ${dn}\nchangetype: delete\n`).join('\n'));
      await syncByHttp(daemon, watcher);

      expect(world.held().mailboxes).toEqual(before.mailboxes);
      const log = daemon.stderr();
      expect(log).toContain(`would take away ${gone} of ${total} managed mailboxes; 2 at once are allowed`);
      const [, held = ''] = /, (\d+) changes held,/.exec(log) ?? [];
      const [, id = ''] = /then: (ldap-mailcow approve [0-9a-f]+)/.exec(log) ?? [];
      expect(await watcher.metric('ldap_mailcow_held_changes')).toBe(held);
      const status = await world.run(['status'], settings);
      expect({ code: status.code, held: status.stdout.includes(`${held} changes held back`) }).toEqual({
        code: 3,
        held: true,
      });
      expect(status.stdout).toContain(id);
      expect(await watcher.metric('ldap_mailcow_managed{kind="mailbox"}')).toBe(String(total));
      expect((await watcher.ask('/readyz')).status).toBe(200);
      await eventually('the webhook was told', () => watcher.told.length === 1);
      const [told] = watcher.told;
      expect(told).toMatchObject({ event: 'hold', failures: 0 });
      const mailboxes = {
        id: id.split(' ').at(-1),
        kind: 'deactivate mailbox',
        count: gone,
        of: total,
        command: id,
      };
      expect(told?.holds).toContainEqual(mailboxes);
      expect(told?.holds.reduce((sum, { count }) => sum + count, 0)).toBe(Number(held));
      expect(told?.message).toContain(`${held} changes are held back`);
      expect(watcher.sent()).not.toMatch(/@|dc=/i);

      await syncByHttp(daemon, watcher);
      expect(world.held().mailboxes).toEqual(before.mailboxes);
      expect((await world.run(id.split(' ').slice(1), settings)).stdout).toContain(
        `Approved ${held} changes`,
      );
      await syncByHttp(daemon, watcher);
      const after = world.held().mailboxes;
      const changed = Object.keys(after).filter(
        (address) => after[address]?.active !== before.mailboxes[address]?.active,
      );
      expect(changed.sort()).toEqual(leavers.map(({ mail }) => mail).sort());
      expect(await watcher.metric('ldap_mailcow_held_changes')).toBe('0');
      const deactivated = 'ldap_mailcow_changes_total{kind="deactivate",resource="mailbox",result="done"}';
      expect(await watcher.metric(deactivated)).toBe(String(gone));
      await eventually('the webhook was told again', () => watcher.told.length === 2);
      expect(watcher.told[1]).toMatchObject({ event: 'hold-cleared', holds: [] });
      await end(daemon);
    });
  }, 60_000);
});

describe('repeated failure', () => {
  test('is told at the third sync, not again after a restart, and its end is told too', async () => {
    await withWatcher(async (world, watcher) => {
      const settings = watcher.settings;
      const daemon = world.start(['run'], settings);
      await eventually('it has synced', () => syncsOf(daemon) === 1 && watcher.beats() === 1);
      world.mailcow.fault({ route: 'get/status/version', mode: '500' });
      for (const failed of [1, 2, 3]) {
        expect(watcher.told).toEqual([]);
        await syncByHttp(daemon, watcher);
        expect(await watcher.metric('ldap_mailcow_consecutive_failures')).toBe(String(failed));
      }
      await eventually('the webhook was told', () => watcher.told.length === 1);
      expect(watcher.told[0]).toMatchObject({
        event: 'failure',
        failures: 3,
        message: '3 syncs in a row have failed: mailcow cannot be reached; the log says more',
      });
      expect((await watcher.ask('/readyz')).text).toMatch(
        /^last good sync \d+ s ago; 3 syncs have failed since\n$/,
      );
      await end(daemon);
      expect((await world.sync(settings)).code).toBe(1);
      expect({ told: watcher.told.length, beats: watcher.beats() }).toEqual({ told: 1, beats: 1 });
      world.mailcow.clearFaults();
      // A webhook that refuses is told at the next sync; the command tells too.
      watcher.refuse(true);
      const refused = await world.sync(settings);
      expect({ code: refused.code, told: watcher.told.length }).toEqual({ code: 0, told: 1 });
      expect(refused.stderr).toMatch(/NOTIFY_URL: http:\/\/127\.0\.0\.1:\d+ answers 503; syncs go on/);
      watcher.refuse(false);
      await syncWell(world, settings);
      expect(watcher.told.map(({ event }) => event)).toEqual(['failure', 'recovery']);
      for (const secret of Object.values(tokens)) expect(world.output()).not.toContain(secret);
    });
  }, 120_000);
});
