/** `explain` says what is known of one person, group or address, and writes nothing. */
import { describe, expect, test } from '@jest/globals';
import { renderExplanation } from '../../src/cli/explain-text.ts';
import type { LookedUp } from '../../src/ports.ts';
import { explainSubject, type ExplainOptions } from '../../src/sync/explain-subject.ts';
import { alias, at, group, groupDn, mailbox, markOf, person, personDn } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const open = (
  start: Parameters<typeof openMemoryMailcow>[0] = {},
  settings: Parameters<typeof openWorld>[1] = {},
): World => openWorld(openMemoryMailcow(start), settings);

const explain = async (world: World, text: string, options: ExplainOptions = {}): Promise<string> =>
  renderExplanation(await explainSubject(world.context(), text, options));

/** Each has an alias and an account, so that one person more or less makes no attribute vanish. */
const staff = Array.from({ length: 21 }, (_, index) =>
  person(`p${index}`, { aliases: [`q${index}`], account: `acc${index}` }),
);
const anna = person('anna', { aliases: ['ann'], account: 'anna.a' });

const synced = async (): Promise<World> => {
  const world = open();
  await world.sync([...staff, anna]);
  return world;
};

describe('somebody who has a mailbox', () => {
  test.each([
    ['the address', at('anna'), 'its address'],
    ['the address in capitals', 'ANNA@EXAMPLE.TEST', 'its address'],
    ['the DN', personDn('anna'), 'its dn'],
    ['the DN in another spelling', 'CN=Anna, OU=people,DC=example,DC=test', 'its dn'],
    ['the account name', 'anna.a', 'its account'],
  ])('is found by %s', async (_what, query, by) => {
    const text = await explain(await synced(), query);
    expect(text.split('\n')[0]).toBe(
      'The mailbox anna@example.test is there and works; it is managed here since 2026-06-01 (created).',
    );
    expect(text).toContain(`found by ${by}`);
  });

  test('is shown with each value and its rule, both sides, the last writes and what comes', async () => {
    const world = await synced();
    world.directory.now = {
      dialect: 'active-directory',
      people: [
        ...staff,
        person('anna', { aliases: ['ann'], account: 'anna.a', name: 'Anna B', quotaMiB: 5 }),
      ],
      groups: [],
      problems: [],
    };
    const text = await explain(world, at('anna'));
    expect(text).toContain('name: Anna B  <- displayname: "Anna B"');
    expect(text).toContain('quota: 5 MiB  <- mailquota: "5"');
    expect(text).toContain('active: yes  <- useraccountcontrol: "512"');
    expect(text).toContain('further address: ann@example.test  <- proxyaddresses');
    expect(text).toContain('mailbox: active, name "ANNA", quota 3072 MiB');
    expect(text).toMatch(/run [0-9a-f]{8} {2}create mailbox anna@example\.test: .*: done$/m);
    expect(text).toMatch(
      /^The next sync\n {2}update mailbox anna@example\.test: name "ANNA" -> "Anna B", quotaMiB 3072 -> 5 /m,
    );
  });

  test('costs mailcow a few single reads, and neither a list nor a write', async () => {
    const world = await synced();
    const [lists, written] = [world.mailcow.lists(), world.mailcow.written.length];
    const before = JSON.stringify([...world.state.remembered().snapshot]);
    await explain(world, at('anna'));
    expect([world.mailcow.lists(), world.mailcow.written.length]).toEqual([lists, written]);
    expect(JSON.stringify([...world.state.remembered().snapshot])).toBe(before);
  });

  test('is seen as mailcow has it now, not as the last sync left it', async () => {
    const world = await synced();
    await world.mailcow.editMailbox(at('anna'), { active: 0 });
    const text = await explain(world, at('anna'));
    expect(text).toContain('The mailbox anna@example.test is there and is deactivated (active 0)');
    expect(text).toContain('changed-by-hand: ');
  });
});

describe('somebody who is missing', () => {
  test('is in grace: how often, and since when', async () => {
    const world = await synced();
    await world.sync(staff);
    const { entries, conclusion } = await explainSubject(world.context(), at('anna'));
    expect(entries).toMatchObject([
      { presence: 'absent', absence: { missing: 1, of: 2, since: '2026-06-01T12:02:00.000Z' } },
    ]);
    expect(conclusion).toContain(
      `${personDn('anna')} is missing in 1 of 2 readings since 2026-06-01T12:02:00.000Z.`,
    );
  });

  test('was deactivated: by which run, and why', async () => {
    const world = await synced();
    await world.sync(staff);
    await world.sync(staff);
    const text = await explain(world, at('anna'));
    expect(text).toContain('The mailbox anna@example.test is there and is deactivated (active 0)');
    expect(text).toContain('is gone: missing in 2 readings since');
    expect(text).toMatch(/^Last written by run \w+ at .*: deactivate mailbox anna@example\.test/m);
  });

  test('and whose departure is held: with what to type', async () => {
    const world = await synced();
    const few = staff.slice(0, 10);
    await world.sync(few);
    await world.sync(few);
    const text = await explain(world, at('anna'));
    expect(text).toMatch(/^Held back: deactivate mailbox anna@example\.test.*approve [0-9a-f]{8}$/m);
  });
});

describe('an alias', () => {
  test('is explained by all who claim it', async () => {
    const world = open();
    await world.sync([...staff, anna, person('ben', { aliases: ['ann'] })]);
    const text = await explain(world, at('ann'));
    expect(text).toContain('mailcow has no mailbox and no alias ann@example.test.');
    for (const id of ['anna', 'ben'])
      expect(text).toContain(`claimed by ${personDn(id)} as a further address`);
  });

  test('that was removed: by which run, and why', async () => {
    const world = await synced();
    const report = await world.sync([...staff, person('anna', { account: 'anna.a' })]);
    expect(report.done.map(({ kind, key }) => `${kind} ${key}`)).toEqual([`remove ${at('ann')}`]);
    const text = await explain(world, at('ann'));
    expect(text).toMatch(
      new RegExp(`^Last written by run ${report.run} at .*: remove alias ann@example\\.test.*\\(.*\\)`, 'm'),
    );
  });

  test('of a group is a list, and leads to its members', async () => {
    const world = open();
    await world.sync({ people: staff, groups: [group('team', { members: ['p0', 'p1'] })] });
    for (const query of [at('team'), groupDn('team')]) {
      const text = await explain(world, query);
      expect(text).toContain(
        'team@example.test is an alias to p0@example.test, p1@example.test; it is managed',
      );
      expect(text).toContain('members: 2  <- member');
    }
  });

  test('that is somebody else’s says whose', async () => {
    const world = open({
      mailboxes: [mailbox('x', { tags: [markOf('x', 'others')] })],
      aliases: [alias('y', 'z')],
    });
    await world.sync(staff);
    expect(await explain(world, at('x'))).toContain('it is managed by another ldap-mailcow ("others")');
    expect(await explain(world, at('y'))).toContain('it is not managed here');
  });
});

describe('somebody whom no reading shows', () => {
  const looked = (fields: Partial<LookedUp>): ExplainOptions => ({
    finder: () =>
      Promise.resolve({
        dialect: 'active-directory',
        found: [
          {
            entry: person('carl', { account: 'carl' }),
            isInScope: true,
            asPerson: { hits: false, filter: '(&(a=1)(b=2))', failing: '(b=2)' },
            ...fields,
          },
        ],
      }),
  });

  test('is not let through by a part of the filter, which is named', async () => {
    const report = await explainSubject((await synced()).context(), at('carl'), looked({}));
    expect(report).toMatchObject({ known: true, entries: [{ presence: 'not read', dn: personDn('carl') }] });
    expect(report.conclusion).toContain(
      'LDAP_MAILCOW_LDAP_FILTER does not hit: its part (b=2) does not hold, or the bind account may not read what it asks for.',
    );
  });

  test('lies outside base or scope', async () => {
    const hits = { hits: true, filter: '(a=1)' };
    const text = await explain(await synced(), at('carl'), looked({ isInScope: false, asPerson: hits }));
    expect(text).toContain('It is not below LDAP_MAILCOW_LDAP_BASE_DN, or deeper than');
  });

  test('was there before a filter changed: still known, and since when missing', async () => {
    const world = await synced();
    await world.sync(staff);
    const text = await explain(world, at('anna'), looked({ entry: anna }));
    expect(text).toContain('its part (b=2) does not hold');
    expect(text).toContain('missing in 1 of 2 readings');
  });

  test('is not looked for past the filters when a reading shows it', async () => {
    const never: ExplainOptions = { finder: () => Promise.reject(new Error('asked')) };
    expect(await explain(await synced(), at('anna'), never)).not.toContain('asked');
  });
});

describe('what nobody knows', () => {
  test.each([
    ['an address', 'ana@example.test', 'anna@example.test'],
    ['an account', 'ana.a', 'anna@example.test'],
    ['a DN', personDn('ana'), 'anna@example.test'],
  ])('is answered by the nearest, and is not known: %s', async (_what, query, near) => {
    const report = await explainSubject((await synced()).context(), query);
    expect(report.known).toBe(false);
    expect(report.nearest[0]?.address).toBe(near);
    expect(report.nearest.length).toBeLessThanOrEqual(3);
    expect(renderExplanation(report)).toContain(`Nothing is known of "${query}"`);
  });

  test('has no neighbours when nothing is near', async () => {
    const report = await explainSubject((await synced()).context(), 'completely-different@nowhere.test');
    expect(report.nearest).toEqual([]);
  });
});

describe('when a side is down', () => {
  test('the directory: the state and mailcow still speak', async () => {
    const world = await synced();
    world.directory.now = new Error('LDAP server is down');
    const text = await explain(world, at('anna'));
    expect(text).toContain('The mailbox anna@example.test is there and works');
    expect(text).toContain('the directory could not be read: LDAP server is down');
    expect(text).toContain('not known: one of both sides could not be read');
  });

  test('mailcow: the directory and the state still speak', async () => {
    const world = await synced();
    Object.assign(world.mailcow, { readDomain: () => Promise.reject(new Error('mailcow is down')) });
    const text = await explain(world, at('anna'));
    expect(text).toContain('mailcow could not be read: mailcow is down');
    expect(text).toContain('name: ANNA  <- displayname: "ANNA"');
  });
});

describe('secrets', () => {
  test('a hash of the directory is in no answer, wherever an attribute is mapped to', async () => {
    const hash = '{SSHA512}a-hash-that-nobody-may-see';
    const options = {
      settings: { passwordAttribute: 'pwhash', mapping: { name: ['pwhash'], quota: 'userPassword' } },
    };
    const world = open({}, options);
    const holder = person('a', { attributes: { pwhash: [hash], userpassword: [hash] } });
    world.directory.now = { dialect: 'openldap', people: [holder], groups: [], problems: [] };
    const report = await explainSubject(world.context(), at('a'));
    expect(report.entries).toHaveLength(1);
    for (const text of [JSON.stringify(report), renderExplanation(report)]) {
      expect(text).not.toContain('a-hash-that-nobody-may-see');
    }
  });

  test('a line break in a value starts no line of its own', async () => {
    const world = open();
    world.directory.now = {
      dialect: 'active-directory',
      people: [person('a', { name: 'A\nAll is well.' })],
      groups: [],
      problems: [],
    };
    expect(await explain(world, at('a'))).not.toMatch(/^All is well/m);
  });
});

test('pins have their place', async () => {
  const world = await synced();
  const since = '2026-06-01T00:00:00.000Z';
  const pin = { resource: 'mailbox' as const, run: '1a2b3c4d', since, entry: undefined };
  world.state.putPins([
    { ...pin, key: at('anna'), directoryId: 'anna' },
    { ...pin, key: at('somebody.else'), directoryId: 'other' },
  ]);
  const text = await explain(world, at('anna'));
  expect(text).toContain('Pinned\n  mailbox anna@example.test: pinned by run 1a2b3c4d');
  expect(text).not.toContain('somebody.else');
});
