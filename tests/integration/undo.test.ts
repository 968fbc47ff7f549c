/** One sync with every kind of change, taken back: slapd, the stand-in of mailcow and the real program. */
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { EnvSettings } from '../sandbox/env-file.ts';
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { expectUntouched, syncWell, withWorld, type World } from './world.ts';

const base = 'dc=example,dc=test';
const dnOf = (name: string): string => `cn=${name},${base}`;

type Fields = Readonly<Record<string, string | readonly string[]>>;

const lines = (fields: Fields): readonly string[] =>
  Object.entries(fields).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`));

/** Somebody of the crew: everybody else of the sample company is none of our business. */
const member = (name: string, fields: Fields = {}): string =>
  [
    `dn: ${dnOf(name)}`,
    'objectClass: inetOrgPerson',
    'objectClass: user',
    'employeeType: crew',
    ...lines({
      cn: name,
      sn: name,
      displayName: name,
      mail: `${name}@example.test`,
      userAccountControl: '512',
      mailQuota: '500',
      description: `${name}-there`,
      ...fields,
    }),
    '',
  ].join('\n');

const group = (name: string, members: readonly string[]): string =>
  [`dn: ${dnOf(name)}`, 'objectClass: group', `cn: ${name}`, `mail: ${name}@example.test`]
    .concat(
      members.map((one) => `member: ${dnOf(one)}`),
      '',
    )
    .join('\n');

const replace = (name: string, attribute: string, ...values: readonly string[]): string =>
  [
    `dn: ${dnOf(name)}`,
    'changetype: modify',
    `replace: ${attribute}`,
    ...values.map((value) => `${attribute}: ${value}`),
    '',
  ].join('\n');
const remove = (name: string): string => `dn: ${dnOf(name)}\nchangetype: delete\n`;
const add = (text: string): string => text.replace(/^(dn: .*)$/m, '$1\nchangetype: add');

const fillers = Array.from({ length: 24 }, (_, index) => `filler${index}`);
const before = [
  ...fillers.map((name) => member(name)),
  member('renamed', { proxyAddresses: 'smtp:of-renamed@example.test' }),
  member('updated'),
  member('leaver', { proxyAddresses: 'smtp:of-leaver@example.test' }),
  member('waking', { userAccountControl: '514' }),
  member('disabled'),
  member('freed', { proxyAddresses: ['smtp:given-up@example.test', 'smtp:kept@example.test'] }),
  member('long-gone'),
  member('new-domain', { mail: 'first@made.test', mailQuota: '5000' }),
  group('team', ['renamed', 'updated', 'filler0', 'filler1', 'filler2', 'filler3']),
  group('crew', ['updated', 'filler0', 'filler1', 'filler2', 'filler3', 'filler4']),
];

/** Everything at once. */
const changes = [
  replace('renamed', 'mail', 'moved@example.test'),
  replace('updated', 'displayName', 'Another Name'),
  replace('updated', 'mailQuota', '900'),
  replace('updated', 'description', 'another-there'),
  remove('leaver'),
  replace('waking', 'userAccountControl', '512'),
  replace('disabled', 'userAccountControl', '514'),
  replace('freed', 'proxyAddresses', 'smtp:kept@example.test', 'smtp:fresh@example.test'),
  replace('team', 'member', ...['updated', 'filler0', 'filler1', 'filler2', 'filler3', 'filler5'].map(dnOf)),
  replace('crew', 'member', ...['updated', 'filler0', 'filler1', 'filler2', 'filler3', 'filler6'].map(dnOf)),
  add(member('newcomer', { proxyAddresses: 'smtp:of-newcomer@example.test' })),
  add(member('adopted', { proxyAddresses: 'smtp:adopted-too@example.test' })),
  add(member('second', { mail: 'second@made.test', mailQuota: '9000' })),
  add(member('other', { mail: 'x@brand-new.test' })),
  add(group('fresh-crew', ['filler0', 'filler1'])),
];

const settings: EnvSettings = {
  LDAP_FILTER: '(employeeType=crew)',
  LDAP_GROUP_FILTER: '(&(objectClass=group)(|(cn=team)(cn=crew)(cn=fresh-crew)))',
  GROUP_POLICY: '*crew@example.test=mailbox',
  MANAGE_DOMAINS: 'true',
  GRACE_READINGS: '1',
  DELETE_AFTER_DAYS: '2',
  IMAPSYNC_HOST: 'imap.old.test',
  IMAPSYNC_USER: '{description}',
  IMAPSYNC_PASSWORD: 'the-master-password-there',
};

const own = { password: 'Of-Somebody-Else-1', password2: 'Of-Somebody-Else-1' };
const state = {
  domains: [roomyDomain('example.test'), roomyDomain('other.test')],
  mailboxes: [
    { local_part: 'adopted', domain: 'example.test', name: 'Before', quota: 77, active: 1, ...own },
  ],
  aliases: [
    { address: 'adopted-too@example.test', goto: 'adopted@example.test', active: 1, sogo_visible: 1 },
  ],
};

type Photo = Readonly<Record<string, unknown>>;

const marks = (text: string | null): string | undefined => /ldap-mailcow:\S+/.exec(text ?? '')?.[0];

/** The managed fields of mailcow's tables. */
function photo({ mailcow }: World): Photo {
  const { tables } = mailcow.store;
  const { mailboxes, aliases, domains, filters } = mailcow.store.snapshot();
  const rows: (readonly [string, unknown])[] = [
    ...mailboxes.map((row) => {
      const { name, quota, active, authsource, tags } = row;
      return [
        `mailbox ${row.username}`,
        { name, quota, active, authsource, tags: [...tags].sort() },
      ] as const;
    }),
    ...aliases.map((row) => {
      const { active, internal, senderAllowed } = row;
      const goto = row.goto.split(',').sort().join();
      return [
        `alias ${row.address}`,
        { goto, active, internal, senderAllowed, mark: marks(row.privateComment) },
      ] as const;
    }),
    ...domains.map((row) => {
      const { description, aliases: most, mailboxes: boxes, defquota, maxquota, quota, gal } = row;
      return [`domain ${row.domain}`, { description, most, boxes, defquota, maxquota, quota, gal }] as const;
    }),
    ...filters.map(
      ({ username, scriptData, active }) => [`filter ${username}`, { scriptData, active }] as const,
    ),
    ...[...tables.syncJobs.values()].map(({ username, host1, user1, active, minsInterval }) => {
      return [`syncjob ${username}`, { host1, user1, active, minsInterval }] as const;
    }),
  ];
  return Object.fromEntries(rows);
}

/** What differs, in words. */
function differences(one: Photo, other: Photo): readonly string[] {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.flatMap((key) => {
    if (JSON.stringify(one[key]) === JSON.stringify(other[key])) return [];
    return [`${!(key in one) ? 'more' : !(key in other) ? 'less' : 'other'}: ${key}`];
  });
}

/** What was counted as absent until now was so three days earlier. */
function passDays({ stateFile }: World): void {
  const db = new Database(stateFile);
  db.exec(`UPDATE snapshot SET
    missing_since = strftime('%Y-%m-%dT%H:%M:%fZ', missing_since, '-3 day'),
    counted_at = strftime('%Y-%m-%dT%H:%M:%fZ', counted_at, '-3 day'),
    counted_uptime = NULL,
    missing_days = missing_days + 2,
    missing_day = date(missing_day, '-3 day') WHERE missing_since IS NOT NULL`);
  db.close();
}

function lastRun({ stateFile }: World): string {
  const db = new Database(stateFile, { readonly: true });
  const row = db.prepare('SELECT id FROM runs ORDER BY started_at DESC LIMIT 1').get() as {
    readonly id: string;
  };
  db.close();
  return row.id;
}

/** What a run wrote, as `<kind> <resource>`, each once. */
function kindsOf({ stateFile }: World, run: string): readonly string[] {
  const db = new Database(stateFile, { readonly: true });
  const rows = db
    .prepare(
      `SELECT DISTINCT json_extract(change, '$.kind') || ' ' || resource AS kind FROM journal
      WHERE run = ? AND outcome = 'done' ORDER BY 1`,
    )
    .all(run) as readonly { readonly kind: string }[];
  db.close();
  return rows.map(({ kind }) => kind);
}

/** Everything is as in `before`, and one sync with every kind of change comes next. */
async function prepare(world: World): Promise<void> {
  await syncWell(world, settings);
  await syncWell(world, settings);
  await world.slapd.modify(remove('long-gone'));
  await syncWell(world, settings);
  passDays(world);
}

describe('undo of a sync with every kind of change', () => {
  test('gives back the managed fields of all of mailcow’s lists, except what it announced', async () => {
    await withWorld({ text: before.join('\n'), state }, async (world) => {
      await prepare(world);
      const was = photo(world);
      await world.slapd.modify(changes.join('\n'));
      await syncWell(world, settings);
      const run = lastRun(world);
      const written = photo(world);
      expect(kindsOf(world, run)).toEqual([
        'adopt alias',
        'adopt mailbox',
        'create alias',
        'create domain',
        'create filter',
        'create mailbox',
        'create syncjob',
        'deactivate alias',
        'deactivate mailbox',
        'deactivate syncjob',
        'delete mailbox',
        'reactivate mailbox',
        'remove alias',
        'rename mailbox',
        'update alias',
        'update domain',
        'update filter',
        'update mailbox',
        'update syncjob',
      ]);

      const dry = await expectUntouched(world, () => world.run(['undo', run, '--dry-run'], settings));
      expect(dry.stdout).toContain('Cannot be taken back');
      expect(dry.stdout).toContain('mailbox long-gone@example.test: was deleted with its mail');
      const undone = await world.run(['undo', run, '--delete-empty', '--yes'], settings);
      expect({ code: undone.code, failed: undone.stdout.match(/failed: .*/g) }).toEqual({
        code: 0,
        failed: null,
      });
      expect(differences(was, photo(world))).toEqual([
        'less: mailbox long-gone@example.test',
        'less: syncjob long-gone@example.test',
        // Created, and switched off.
        'more: syncjob waking@example.test',
      ]);
      expect(photo(world)['syncjob waking@example.test']).toMatchObject({ active: 0 });

      const back = photo(world);
      await syncWell(world, settings);
      expect(differences(back, photo(world))).toEqual([]);
      const pins = await world.run(['pins', '--json'], settings);
      expect((JSON.parse(pins.stdout) as readonly unknown[]).length).toBeGreaterThan(15);

      const redo = /Run (\w+):/.exec(undone.stdout)?.[1] ?? '';
      expect((await world.run(['undo'], settings)).stdout).toContain(`${redo}  `);
      expect((await world.run(['unpin', '--all'], settings)).code).toBe(0);
      await syncWell(world, settings);
      expect(differences(written, photo(world))).toEqual([]);
    });
  });

  test('is taken back itself', async () => {
    await withWorld({ text: before.join('\n'), state }, async (world) => {
      await prepare(world);
      await world.slapd.modify(changes.join('\n'));
      await syncWell(world, settings);
      const written = photo(world);
      const undone = await world.run(['undo', lastRun(world), '--yes'], settings);
      expect(undone.code).toBe(0);
      const again = await world.run(['undo', lastRun(world), '--yes'], settings);
      expect({ code: again.code, text: again.code === 0 ? '' : again.stdout }).toEqual({ code: 0, text: '' });
      expect(differences(written, photo(world))).toEqual([]);
      expect((await world.run(['pins'], settings)).stdout).toContain('Nothing is pinned.');
    });
  });

  test('is refused for what is no run, or wrote nothing', async () => {
    await withWorld({ text: before.join('\n'), state }, async (world) => {
      expect((await world.run(['undo', 'nothing'], settings)).stdout).toContain('there is no run "nothing"');
      await syncWell(world, settings);
      await syncWell(world, settings);
      await syncWell(world, settings);
      expect((await world.run(['undo', lastRun(world)], settings)).stdout).toContain('wrote nothing');
    });
  });

  test('asks for --yes where the guard would hold it, and lists what it pinned', async () => {
    await withWorld({ text: before.join('\n'), state }, async (world) => {
      await syncWell(world, settings);
      const run = lastRun(world);
      const asked = await expectUntouched(world, () => world.run(['undo', run], settings));
      expect(asked.code).toBe(3);
      expect(asked.stdout).toContain('managed mailboxes');
      expect(asked.stdout).toContain(`ldap-mailcow undo ${run} --yes`);
      expect((await world.run(['undo', run, '--yes'], settings)).code).toBe(0);
      const plan = await world.run(['plan'], settings);
      expect(plan.stdout).toContain('mailbox updated@example.test: pinned by run');
      expect((await world.run(['unpin', 'updated@example.test'], settings)).stdout).toContain(
        'unpinned mailbox',
      );
      expect((await world.run(['unpin', 'updated@example.test'], settings)).code).toBe(1);
    });
  });
});

describe('adopt and release', () => {
  test('take up what is there, and give up everything, until a sync is told to begin again', async () => {
    const people = [member('adopted'), ...fillers.slice(0, 2).map((name) => member(name))].join('\n');
    await withWorld({ text: people, state }, async (world) => {
      const shy = { ...settings, ADOPT: 'false' };
      await syncWell(world, shy);
      const dry = await expectUntouched(world, () => world.run(['adopt', '--dry-run'], shy));
      expect(dry.stdout).toContain('adopt mailbox adopted@example.test');
      expect((await world.run(['adopt'], shy)).code).toBe(0);
      expect(photo(world)['mailbox adopted@example.test']).toMatchObject({ name: 'Before', active: 1 });

      expect((await world.run(['release', '--all'], shy)).code).toBe(0);
      const { mailboxes, aliases } = world.mailcow.store.snapshot();
      expect(mailboxes.flatMap(({ tags }) => tags)).toEqual([]);
      expect(aliases.filter(({ privateComment }) => marks(privateComment) !== undefined)).toEqual([]);
      const refused = await expectUntouched(world, () => world.sync(shy));
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('marks and ledger were given up on');
      const begun = await world.run(['sync', '--after-release'], settings);
      expect(begun.code).toBe(0);
      expect(photo(world)['mailbox filler0@example.test']).toMatchObject({
        tags: expect.arrayContaining(['ldap-adopted']),
      });
    });
  });
});
