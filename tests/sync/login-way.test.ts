/** What a sync does about logins: decided, said once, installed, and read by whom it concerns. */
import { describe, expect, test } from '@jest/globals';
import type { LoginMode, VolumeSigns } from '../../src/core/choose-logins.ts';
import type { FilesChanged, LoginFiles, Restarter, Service } from '../../src/ports-logins.ts';
import type { Facts } from '../../src/ports-state.ts';
import { arrangeWay, type LoginWayContext, type LoginWayQuestion } from '../../src/sync/login-way.ts';
import { keepingLog } from '../support/memory-directory.ts';

type Fake = {
  readonly volumes?: Partial<VolumeSigns>;
  /** What installing finds to change, in turn. */
  readonly changes?: readonly (readonly ('dovecot' | 'sogo')[] | Error)[];
  readonly installed?: boolean;
  readonly provider?: 'no-route' | undefined;
  readonly restarts?: boolean;
  readonly mode?: LoginMode;
  /** Why services do not restart, in turn. */
  readonly problems?: readonly (string | undefined)[];
};

function open(fake: Fake = {}) {
  const log = keepingLog();
  const calls: string[] = [];
  const changes = [...(fake.changes ?? [])];
  const problems = [...(fake.problems ?? [])];
  const mounted = { age: 'legacy', isDovecotMounted: true, isSogoMounted: true, isDovecot24: false } as const;
  const files: LoginFiles = {
    signs: () => ({ ...mounted, ...fake.volumes }),
    refusal: () => undefined,
    areInstalled: () => fake.installed === true,
    install: ({ syntax, sogo }, { dialect }): FilesChanged => {
      calls.push(`install ${syntax} ${sogo} ${dialect}`);
      const next = changes.shift() ?? [];
      if (next instanceof Error) throw next;
      return { paths: next.map((service) => `/conf/${service}`), services: new Set(next), problems: [] };
    },
    remove: () => ({ paths: [], services: new Set(), problems: [] }),
  };
  const restarter: Restarter = {
    restart: (services) => {
      calls.push(`restart ${services.join('+')}`);
      const problem = problems.shift();
      return Promise.resolve(
        services.map((service: Service) => ({ service, ...(problem !== undefined && { problem }) })),
      );
    },
  };
  const context: LoginWayContext = {
    settings: { mode: fake.mode ?? 'auto', wantsSogoSource: false, restarts: fake.restarts ?? false },
    files,
    restarter,
    mailcow: {
      readIdentityProvider: () => {
        calls.push('ask');
        return Promise.resolve('provider' in fake ? fake.provider : 'no-route');
      },
    },
    log,
    remember: ({ waiting }) => {
      if (waiting.length > 0) calls.push(`remember ${waiting.join('+')}`);
    },
  };
  let facts: Facts = {};
  const arrange = async (more: Partial<LoginWayQuestion> = {}) => {
    const arranged = await arrangeWay(context, {
      directory: { dialect: 'active-directory', seen: new Set() },
      version: '2025-02',
      hasMailboxes: true,
      hasAuthSource: false,
      facts,
      audit: false,
      observe: false,
      ...more,
    });
    facts = { ...facts, logins: arranged.facts };
    return arranged;
  };
  const said = (): readonly string[] => log.lines.splice(0).map(({ message }) => message);
  return { arrange, calls, said };
}

describe('a mailcow up to 2025-02 with its folders', () => {
  test('gets files, and the log says once what to type', async () => {
    const { arrange, calls, said } = open({ changes: [['dovecot', 'sogo']] });
    await arrange();
    expect(calls.slice(0, 2)).toEqual(['ask', 'install 2.3 plist active-directory']);
    expect(said()).toEqual([
      'logins: templates, because files for Dovecot and SOGo on a mailcow up to 2025-02',
      'logins: wrote /conf/dovecot',
      'logins: wrote /conf/sogo',
      'logins: to make the changed files count, type: docker compose restart dovecot-mailcow memcached-mailcow sogo-mailcow',
    ]);
  });

  test('is looked after by each sync, without asking mailcow again and without a word', async () => {
    const { arrange, calls, said } = open({ changes: [['dovecot']] });
    await arrange();
    said();
    calls.splice(0);
    await arrange();
    expect([calls, said()]).toEqual([['install 2.3 plist active-directory'], []]);
  });

  test('is asked again by an audit, and when its version or its folders change', async () => {
    const { arrange, calls } = open();
    await arrange();
    calls.splice(0);
    await arrange({ audit: true });
    await arrange({ version: '2025-01' });
    expect(calls.filter((call) => call === 'ask')).toHaveLength(2);
  });

  test('is not written to with POLICY=observe', async () => {
    const { arrange, calls } = open();
    await arrange({ observe: true });
    expect(calls).toEqual(['ask']);
  });

  test('whose folders cannot be written is a finding, and no reason to stop', async () => {
    const { arrange } = open({ changes: [new Error('/conf/dovecot cannot be written: start …')] });
    expect((await arrange()).findings).toEqual([
      { code: 'login-files', subject: 'logins', message: '/conf/dovecot cannot be written: start …' },
    ]);
  });
});

describe('with AUTH_RESTART=dockerapi', () => {
  test('whom it concerns is restarted', async () => {
    const { arrange, calls } = open({ changes: [['sogo'], ['dovecot'], []], restarts: true });
    await arrange();
    await arrange();
    await arrange();
    expect(calls.filter((call) => call.startsWith('restart'))).toEqual([
      'restart memcached+sogo',
      'restart dovecot',
    ]);
  });

  test('a kill while services restart does not forget them', async () => {
    const { arrange, calls } = open({ changes: [['sogo']], restarts: true });
    await arrange();
    expect(calls.slice(2)).toEqual(['remember memcached+sogo', 'restart memcached+sogo']);
  });

  test('POLICY=observe restarts nobody, and keeps who waits', async () => {
    const { arrange, calls } = open({ changes: [['dovecot']], restarts: true, problems: ['no'] });
    await arrange();
    calls.splice(0);
    expect((await arrange({ observe: true })).facts.waiting).toEqual(['dovecot']);
    expect(calls).toEqual([]);
  });

  test('a restart that failed is tried again by the next sync', async () => {
    const { arrange, calls, said } = open({
      changes: [['dovecot']],
      restarts: true,
      problems: ['dockerapi cannot be reached'],
    });
    await arrange();
    expect(said()).toEqual(
      expect.arrayContaining([
        'logins: dockerapi cannot be reached',
        'logins: tried again by the next sync; by hand: docker compose restart dovecot-mailcow',
      ]),
    );
    await arrange();
    await arrange();
    expect(calls.filter((call) => call.startsWith('restart'))).toEqual([
      'restart dovecot',
      'restart dovecot',
    ]);
  });
});

describe('a newer mailcow', () => {
  const modern = { version: '2026-07a', hasAuthSource: true } as const;
  const fake = { provider: undefined, volumes: { age: 'new' } } as const;

  test('is left alone, and the log says once what is recommended', async () => {
    const { arrange, calls, said } = open(fake);
    await arrange(modern);
    await arrange(modern);
    expect(calls).toEqual(['ask']);
    expect(said()).toEqual([
      expect.stringContaining('logins: nothing is changed'),
      expect.stringContaining('LDAP_MAILCOW_AUTH=identity-provider'),
    ]);
  });

  test('that still has files of ours is told how to be rid of them', async () => {
    const { arrange } = open({ ...fake, installed: true });
    const [finding] = (await arrange(modern)).findings;
    expect([finding?.code, finding?.message.includes('auth remove')]).toEqual(['logins-refused', true]);
  });

  test('that disagrees with itself is left alone whatever is asked for', async () => {
    const { arrange, calls } = open({ ...fake, mode: 'templates', provider: 'no-route' });
    const { choice, findings } = await arrange(modern);
    expect([choice.kind, findings.map(({ code }) => code)]).toEqual(['nothing', ['logins-refused']]);
    expect(calls).toEqual(['ask']);
  });
});

test('auto that recommends something is no finding', async () => {
  const { arrange } = open({ provider: undefined, volumes: { age: 'new' } });
  expect((await arrange({ version: '2026-07a', hasAuthSource: true })).findings).toEqual([]);
});

test('with aliases only, or none, mailcow is not asked', async () => {
  const { arrange, calls } = open();
  await arrange({ hasMailboxes: false });
  const none = open({ mode: 'none' });
  await none.arrange();
  expect([...calls, ...none.calls]).toEqual([]);
});
