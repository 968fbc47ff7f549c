/** "Why does this person have no mailbox?" is answered for every finding there is. */
import { describe, expect, test } from '@jest/globals';
import { renderExplanation } from '../../src/cli/explain-text.ts';
import { findingAdvice } from '../../src/core/finding-advice.ts';
import type { DirectoryEntry, Reading } from '../../src/core/model.ts';
import { explainSubject } from '../../src/sync/explain-subject.ts';
import { alias, at, domain, group, groupDn, mailbox, markOf, person, personDn } from '../support/builders.ts';
import { migration } from '../support/builders-migration.ts';
import { openWorld, syncSettings, type SettingsPatch, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;
type Says = readonly DirectoryEntry[] | Partial<Reading>;

/** A world after these syncs; the last reading is what `explain` sees. */
async function after(
  says: readonly Says[],
  {
    start = {},
    settings = {},
    then,
  }: {
    readonly start?: Parameters<typeof openMemoryMailcow>[0];
    readonly settings?: SettingsPatch;
    /** Before the last sync. */
    readonly then?: (world: World) => void | Promise<void>;
  } = {},
): Promise<World> {
  const world = openWorld(openMemoryMailcow(start), { settings });
  for (const [index, one] of says.entries()) {
    if (index === says.length - 1) await then?.(world);
    await world.sync(one);
  }
  return world;
}

const crowd = (count: number, idOf: (index: number) => string = (index) => `p${index}`): DirectoryEntry[] =>
  Array.from({ length: count }, (_, index) => person(idOf(index)));
const ids = (people: readonly DirectoryEntry[]): readonly string[] => people.map(({ id }) => id);

const asMailbox: SettingsPatch = {
  groupPolicies: [{ pattern: '*', policy: { ignore: false, internal: false, sendAs: false, mailbox: true } }],
};
const provider = {
  uris: ['ldaps://dc1.example.test'],
  baseDn: 'dc=example,dc=test',
  bindDn: 'cn=reader,dc=example,dc=test',
  bindPassword: 'a-secret-of-the-directory',
  startTls: false,
  tlsVerify: true,
  userFilter: '(objectClass=user)',
};
const byProvider: SettingsPatch = { provider, plan: { logins: 'provider' } };
const full = (
  fields: Parameters<typeof domain>[1],
): { readonly start: { readonly domains: ReturnType<typeof domain>[] } } => ({
  start: { domains: [domain('example.test', fields)] },
});
const staff = crowd(21);
const two = crowd(2);
/** Beside somebody whom nothing is wrong with, `a` has no address. */
const nobody = [...crowd(1), person('a', { mail: undefined })];

const withUid = (id: string, uid = id): DirectoryEntry => person(id, { attributes: { uid: [uid] } });
const migrating: SettingsPatch = { plan: { migration } };
const logins =
  (migrationLogins: World['migrationLogins']) =>
  (world: World): void => {
    world.migrationLogins = migrationLogins;
  };
const known = { kind: 'read', passwordOf: () => 'a-password-there' } as const;

type Scenario = { readonly world: Promise<World>; readonly ask: string };

const stored = (code: string): Promise<World> =>
  after([nobody]).then((world) => {
    const finding = {
      code,
      subject: 'logins',
      message: `because of ${code}`,
      since: '2026-06-01T00:00:00.000Z',
    };
    world.state.replaceFindings([finding]);
    return world;
  });

const scenarios: Readonly<Record<string, () => Scenario>> = {
  'no-address': () => ({ world: after([nobody]), ask: personDn('a') }),
  'several-addresses': () => ({ world: after([[person('a', { mail: ['a', 'b'] })]]), ask: at('b') }),
  'invalid-address': () => ({ world: after([[person('a', { mail: 'a b' })]]), ask: personDn('a') }),
  'unknown-domain': () => ({
    world: after([[person('a', { mail: 'a@nowhere.test' })]]),
    ask: 'a@nowhere.test',
  }),
  'duplicate-address': () => ({
    world: after([[person('a'), person('b', { mail: 'a' })]]),
    ask: personDn('b'),
  }),
  'address-has-former-owner': () => ({
    world: after([
      [...staff, person('a')],
      [...staff, person('b', { mail: 'a' })],
    ]),
    ask: at('a'),
  }),
  'invalid-quota': () => ({
    world: after([[person('a', { attributes: { mailquota: ['much'] } })]]),
    ask: at('a'),
  }),
  'invalid-alias': () => ({ world: after([[person('a', { aliases: ['a b'] })]]), ask: at('a') }),
  'alias-unknown-domain': () => ({
    world: after([[person('a', { aliases: ['x@nowhere.test'] })]]),
    ask: 'x@nowhere.test',
  }),
  'alias-is-mailbox': () => ({
    world: after([[person('a', { aliases: ['b'] }), person('b')]]),
    ask: at('b'),
  }),
  'alias-claimed-twice': () => ({
    world: after([[person('a', { aliases: ['x'] }), person('b', { aliases: ['x'] })]]),
    ask: at('x'),
  }),
  'primary-differs': () => ({
    world: after([[person('a', { attributes: { proxyaddresses: [`SMTP:${at('x')}`] } })]]),
    ask: at('x'),
  }),
  'no-mailbox': () => ({
    world: after([[person('a', { aliases: ['x'] })]], { settings: { plan: { syncMailboxes: false } } }),
    ask: at('a'),
  }),
  'empty-group': () => ({ world: after([{ people: two, groups: [group('g')] }]), ask: at('g') }),
  'group-not-selected': () => ({
    world: after([
      { people: two, groups: [group('g', { members: ['p0'] })] },
      { people: two, groups: [{ ...group('g', { members: ['p0'] }), nestedOnly: true }] },
    ]),
    ask: at('g'),
  }),
  'members-unread': () => ({
    world: after([{ people: two, groups: [group('g', { members: ['p0'], partial: ['member'] })] }]),
    ask: groupDn('g'),
  }),
  'ambiguous-member': () => ({
    world: after([
      {
        dialect: 'openldap',
        people: ['a', 'b'].map((id) => person(id, { attributes: { uid: ['x'] } })),
        groups: [group('g', { attributes: { memberuid: ['x'] } })],
      },
    ]),
    ask: at('g'),
  }),
  'list-too-long': () => {
    const many = crowd(1000, (index) => String(index).padStart(60, 'x'));
    const says = { people: many, groups: [group('g', { members: ids(many) })] };
    return { world: after([says]), ask: at('g') };
  },
  'list-too-long-for-sieve': () => {
    const many = crowd(101);
    const says = { people: many, groups: [group('g', { members: ids(many) })] };
    return { world: after([says], { settings: asMailbox }), ask: at('g') };
  },
  'list-outgrew-sieve': () => {
    const many = crowd(101);
    const of = (members: readonly string[]): Says => ({ people: many, groups: [group('g', { members })] });
    return { world: after([of(['p0']), of(ids(many))], { settings: asMailbox }), ask: at('g') };
  },
  'filter-in-the-way': () => {
    const of = (...members: readonly string[]): Says => ({ people: two, groups: [group('g', { members })] });
    const then = async ({ mailcow }: World): Promise<void> => {
      const holiday = {
        description: 'on holiday',
        script: 'keep;',
        kind: 'prefilter',
        active: true,
      } as const;
      await mailcow.createFilter({ username: at('g'), ...holiday });
    };
    return { world: after([of('p0'), of('p0', 'p1')], { settings: asMailbox, then }), ask: at('g') };
  },
  'invalid-group-policy': () => ({
    world: after(
      [{ people: two, groups: [group('g', { members: ['p0'], attributes: { policy: ['no'] } })] }],
      {
        settings: { mapping: { groupPolicy: 'policy' } },
      },
    ),
    ask: groupDn('g'),
  }),
  'address-taken': () => ({
    world: after([[person('a')]], { start: { aliases: [alias('a', 'elsewhere@other.test')] } }),
    ask: at('a'),
  }),
  'foreign-owner': () => ({
    world: after([[person('a')]], {
      start: { mailboxes: [mailbox('a', { tags: [markOf('a', 'others')] })] },
    }),
    ask: at('a'),
  }),
  'foreign-alias': () => ({
    world: after([[person('a', { aliases: ['x'] })]], {
      start: { aliases: [alias('x', 'elsewhere@other.test')] },
    }),
    ask: at('x'),
  }),
  'login-files': () => ({ world: stored('login-files'), ask: personDn('a') }),
  'logins-refused': () => ({ world: stored('logins-refused'), ask: personDn('a') }),
  'identity-provider-foreign': () => ({
    world: after([nobody], {
      settings: byProvider,
      then: ({ mailcow }) => {
        mailcow.logins.provider = { kind: 'other', type: 'keycloak' };
      },
    }),
    ask: personDn('a'),
  }),
  'identity-provider-unreachable': () => ({
    world: after([nobody], {
      settings: byProvider,
      then: ({ mailcow }) => {
        mailcow.logins.canBind = () => false;
      },
    }),
    ask: personDn('a'),
  }),
  'identity-provider-missing': () => ({
    world: after([nobody], {
      settings: byProvider,
      then: ({ mailcow }) => {
        mailcow.logins.provider = 'no-route';
      },
    }),
    ask: personDn('a'),
  }),
  'login-to-foreign-mailbox': () => ({
    world: after([[person('a')]], {
      start: { mailboxes: [mailbox('a')] },
      settings: { plan: { logins: 'templates', adopt: false } },
    }),
    ask: at('a'),
  }),
  'password-scheme': () => ({
    world: after([[person('a', { attributes: { userpassword: ['{X-HOME-MADE}abc'] } })]], {
      settings: { passwordAttribute: 'userpassword' },
    }),
    ask: at('a'),
  }),
  'passwords-unread': () => ({
    world: after([nobody], { settings: { passwordAttribute: 'userpassword' } }),
    ask: personDn('a'),
  }),
  'changed-by-hand': () => ({
    world: after([[person('a')], [person('a')]], {
      then: async ({ mailcow }) => {
        await mailcow.editMailbox(at('a'), { active: 0 });
      },
    }),
    ask: at('a'),
  }),
  drift: () => ({
    world: after([[person('a')], [person('a')]], {
      settings: { plan: { reportDrift: true } },
      then: async ({ mailcow }) => {
        await mailcow.editMailbox(at('a'), { name: 'Somebody' });
      },
    }),
    ask: at('a'),
  }),
  'half-deleted-mailbox': () => ({
    world: after([[]]).then((world) => {
      const readMailbox: World['mailcow']['readMailbox'] = () => Promise.resolve('half-deleted');
      Object.assign(world.mailcow, { readMailbox });
      return world.sync([person('a')]).then(() => world);
    }),
    ask: at('a'),
  }),
  'domain-mailboxes-full': () => ({ world: after([[person('a')]], full({ maxMailboxes: 0 })), ask: at('a') }),
  'domain-quota-full': () => ({ world: after([[person('a')]], full({ quotaMiB: 10 })), ask: at('a') }),
  'quota-exceeds-domain-maximum': () => ({
    world: after([[person('a')]], full({ maxMailboxQuotaMiB: 10 })),
    ask: at('a'),
  }),
  'domain-aliases-full': () => ({
    world: after([[person('a', { aliases: ['x'] })]], full({ maxAliases: 0 })),
    ask: at('x'),
  }),
  'rename-waits-for-enable': () => ({
    world: after([
      [...staff, person('a', { disabled: true })],
      [...staff, person('a', { disabled: true, mail: 'b' })],
    ]),
    ask: at('b'),
  }),
  'mailbox-moved-domain': () => ({
    world: after(
      [
        [...staff, person('a')],
        [...staff, person('a', { mail: 'a@other.test' })],
      ],
      {
        start: { domains: [domain(), domain('other.test')] },
      },
    ),
    ask: 'a@other.test',
  }),
  'migration-no-login': () => ({
    world: after([[person('a')]], { settings: migrating, then: logins(known) }),
    ask: at('a'),
  }),
  'migration-login-shared': () => ({
    world: after([[withUid('a'), withUid('b', 'a')]], { settings: migrating, then: logins(known) }),
    ask: at('a'),
  }),
  'migration-logins-unreadable': () => ({
    world: after([nobody], {
      settings: migrating,
      then: logins({ kind: 'unreadable', path: '/logins', why: 'there is no such file' }),
    }),
    ask: personDn('a'),
  }),
  'migration-logins-exposed': () => ({
    world: after([nobody], {
      settings: migrating,
      then: logins({ ...known, exposed: '/logins may be read by others than its owner' }),
    }),
    ask: personDn('a'),
  }),
  'sync-job-taken': () => ({
    world: after([[withUid('a')]], {
      settings: migrating,
      then: (world) => {
        logins(known)(world);
        const { host, port, security } = migration;
        const settings = { host, port, user: 'a', security: 'SSL' as const, exclude: '', customParams: '' };
        const more = { intervalMinutes: 5, active: true, deleteThere: false, deleteHere: false };
        expect(security).toBe('ssl');
        world.mailcow.syncJobs.set(99, {
          ...{ id: 99, mailbox: at('a'), isRunning: false, password: 'x' },
          ...settings,
          ...more,
        });
      },
    }),
    ask: at('a'),
  }),
  'reading-incomplete': () => ({
    world: after([nobody, { people: nobody, problems: ['a limit of the server cut it off'] }]),
    ask: personDn('a'),
  }),
  'owner-changed': () => ({
    world: after([nobody, nobody], {
      then: (world) => {
        world.settings = syncSettings({ owner: 'renamed' });
      },
    }),
    ask: personDn('a'),
  }),
  'attribute-vanished': () => ({
    world: after([[...crowd(1), person('a', { mail: undefined, aliases: ['x'] })], nobody]),
    ask: personDn('a'),
  }),
  'refused-by-mailcow': () => ({
    world: after([[person('a')]], {
      then: ({ mailcow }) => {
        const words = [{ word: 'password_complexity', args: [] }];
        mailcow.intercept = () => ({ answer: { kind: 'refused', words } });
      },
    }),
    ask: at('a'),
  }),
};

describe('explain answers why somebody has no mailbox, or no alias, with the sentence of', () => {
  test('every finding that there is', () => {
    expect(Object.keys(scenarios).sort()).toEqual(Object.keys(findingAdvice).sort());
  });

  test.each(Object.entries(scenarios))('%s', async (code, scene) => {
    const { world: opened, ask } = scene();
    const world = await opened;
    const written = world.mailcow.written.length;
    const report = await explainSubject(world.context(), ask);
    expect(world.mailcow.written.length).toBe(written);
    expect(report.problems.filter((problem) => !problem.includes('cut it off'))).toEqual([]);
    const all = [...report.findings, ...report.generalFindings];
    expect(all.map((finding) => finding.code)).toContain(code);
    const message = all.find((finding) => finding.code === code)?.message ?? '';
    expect(report.conclusion.join('\n')).toContain(`${code}: ${message}`);
    const text = renderExplanation(report);
    expect(text).toContain(`${findingAdvice[code] ?? ''} (docs/findings.md#${code})`);
    expect(text).not.toContain('{X-HOME-MADE}abc');
  });
});
