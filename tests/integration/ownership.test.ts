/** Whose is it: only what is managed is touched, and what fits is adopted (DESIGN.md 4.5, 4.7, 4.9). */
import { describe, expect, test } from '@jest/globals';
import { compareHoldings, type Holdings } from '../sandbox/holdings.ts';
import { first } from '../sandbox/demo/expected.ts';
import type { JsonObject } from '../support/mailcow/json.ts';
import { roomyState, type StartState } from '../support/mailcow/start-state.ts';
import { expectUntouched, syncWell, withWorld, type World } from './world.ts';

const password = { password: 'Of-Somebody-Else-1', password2: 'Of-Somebody-Else-1' };

const mailboxBody = (localPart: string, more: JsonObject = {}): JsonObject => ({
  local_part: localPart,
  domain: 'example.test',
  name: 'Set by hand',
  quota: '512',
  active: '1',
  ...password,
  ...more,
});

const stateOf = (state: Omit<StartState, 'domains'>): StartState => ({ ...roomyState, ...state });

/** The rows of the tables that hold these addresses, whole. */
const rowsOf = ({ mailcow }: World, addresses: readonly string[]): unknown => {
  const { mailboxes, aliases } = mailcow.store.snapshot();
  return [
    ...mailboxes.filter(({ username }) => addresses.includes(username)),
    ...aliases.filter(({ address }) => addresses.includes(address)),
  ];
};

const disable = (dn: string): string =>
  `dn: ${dn},dc=example,dc=test\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n-\n`;

const without = ({ mailboxes, aliases }: Holdings, keys: readonly string[]): Holdings => ({
  mailboxes: Object.fromEntries(Object.entries(mailboxes).filter(([key]) => !keys.includes(key))),
  aliases: Object.fromEntries(Object.entries(aliases).filter(([key]) => !keys.includes(key))),
});

type Case = {
  readonly what: string;
  readonly state: StartState;
  /** Addresses whose rows must stay as they are to the last field. */
  readonly untouched: readonly string[];
  /** What the sample company would have and cannot have here. */
  readonly lost?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly says?: RegExp;
};

const cases: readonly Case[] = [
  {
    what: 'a mailbox and an alias that nobody in the directory has',
    state: stateOf({
      mailboxes: [mailboxBody('printer')],
      aliases: [{ address: 'info@example.test', goto: 'printer@example.test', active: '1' }],
    }),
    untouched: ['printer@example.test', 'info@example.test'],
  },
  {
    what: 'a mailbox that another of these programs manages',
    state: stateOf({ mailboxes: [mailboxBody('anna.berger', { tags: ['ldap-mailcow:elsewhere:id-1'] })] }),
    untouched: ['anna.berger@example.test'],
    lost: ['boss@example.test'],
    says: /finding \S+: anna\.berger@example\.test/,
  },
  {
    what: 'a mailbox with the tag ldap-keep, also when its person is disabled',
    state: stateOf({ mailboxes: [mailboxBody('karla.lang', { tags: ['ldap-keep'] })] }),
    untouched: ['karla.lang@example.test'],
  },
  {
    what: 'a protected mailbox, also when its person is disabled',
    state: stateOf({ mailboxes: [mailboxBody('karla.lang')] }),
    untouched: ['karla.lang@example.test'],
    settings: { PROTECTED: 'karla.lang@example.test' },
  },
  {
    what: 'an alias of the same address that points to somebody else',
    state: stateOf({
      mailboxes: [mailboxBody('printer')],
      aliases: [{ address: 'greta@example.test', goto: 'printer@example.test', active: '1' }],
    }),
    untouched: ['greta@example.test', 'printer@example.test'],
    says: /finding \S+: greta@example\.test/,
  },
  {
    what: 'an alias to the outside at the address of a person',
    state: stateOf({
      aliases: [{ address: 'vera.vogel@example.test', goto: 'vera@gmail.invalid', active: '1' }],
    }),
    untouched: ['vera.vogel@example.test'],
    lost: ['vera.vogel@example.test'],
    says: /finding \S+: vera\.vogel@example\.test/,
  },
  {
    what: 'an alias that is protected',
    state: stateOf({
      mailboxes: [mailboxBody('printer')],
      aliases: [{ address: 'office@example.test', goto: 'printer@example.test', active: '1' }],
    }),
    untouched: ['office@example.test', 'printer@example.test'],
    settings: { PROTECTED: 'office@example.test' },
  },
];

describe('never touched is', () => {
  test.each(cases)('$what', async ({ state, untouched, lost = [], settings, says = /./ }) => {
    await withWorld({ state }, async (world) => {
      const before = rowsOf(world, untouched);
      const { code, stderr } = await world.sync(settings);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(says) });
      await world.slapd.modify(disable('cn=Karla Lang,ou=Development'));
      await syncWell(world, settings);
      expect(rowsOf(world, untouched)).toEqual(before);
      const karla = ['karla.lang@example.test', 'karla@example.test', 'karla@other.test'];
      const keys = [...untouched, ...lost, ...karla];
      expect(compareHoldings(without(first, keys), without(world.held(), keys))).toEqual([]);
      await expectUntouched(world, () => syncWell(world, settings));
    });
  });
});

describe('what exists already and fits', () => {
  const boss = { address: 'boss@example.test', goto: 'anna.berger@example.test', active: '1' };
  const state = stateOf({
    mailboxes: [mailboxBody('anna.berger', { name: 'Anna Berger', quota: '3072' })],
    aliases: [boss],
  });

  test('is adopted: it keeps its password and gets a mark, and nothing else happens to it', async () => {
    await withWorld({ state }, async (world) => {
      const before = world.mailcow.store
        .snapshot()
        .mailboxes.find(({ localPart }) => localPart === 'anna.berger');
      await syncWell(world);
      expect(compareHoldings(first, world.held())).toEqual([]);
      const { mailboxes, aliases } = world.mailcow.store.snapshot();
      const after = mailboxes.find(({ localPart }) => localPart === 'anna.berger');
      expect(after?.password).toBe(before?.password);
      expect(after?.tags).toEqual(
        expect.arrayContaining([expect.stringMatching(/^ldap-mailcow:/), 'ldap-adopted']),
      );
      const alias = aliases.find(({ address }) => address === boss.address);
      expect(alias?.privateComment).toMatch(/^ldap-mailcow:/);
      await expectUntouched(world, () => syncWell(world));
    });
  });

  test('is not deactivated with its person without approval', async () => {
    await withWorld({ state }, async (world) => {
      await syncWell(world);
      await world.slapd.modify(disable('cn=Anna Berger,ou=Management'));
      const { code, stderr } = await world.sync();
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: expect.stringMatching(/held: deactivate mailbox anna\.berger@example\.test: .*adopted/),
      });
      expect(world.held().mailboxes['anna.berger@example.test']).toMatchObject({ active: 1 });
    });
  });

  test('is left alone when adopting is switched off', async () => {
    await withWorld({ state }, async (world) => {
      const addresses = ['anna.berger@example.test', 'boss@example.test'];
      const before = rowsOf(world, addresses);
      await syncWell(world, { ADOPT: 'false' });
      expect(rowsOf(world, addresses)).toEqual(before);
    });
  });
});

describe('what an administrator changed by hand', () => {
  test('a mailbox deactivated and a quota set in mailcow stay so, and are found', async () => {
    await withWorld({}, async (world) => {
      await syncWell(world);
      const { tables } = world.mailcow.store;
      const [ida, hugo] = ['ida.jung@example.test', 'hugo.ivers@example.test'].map((key) =>
        tables.mailboxes.get(key),
      );
      if (ida === undefined || hugo === undefined) throw new Error('They must have mailboxes.');
      tables.mailboxes.put({ ...ida, active: 0 });
      tables.mailboxes.put({ ...hugo, quota: 99 * 1024 * 1024 });
      await expectUntouched(world, async () => {
        const { code, stderr } = await world.run(['sync', '--full']);
        expect({ code, stderr }).toEqual({
          code: 0,
          stderr: expect.stringMatching(/changed-by-hand: ida\.jung/),
        });
      });
    });
  });
});
