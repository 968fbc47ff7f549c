/** The migration's half of a plan, before policy and guard. */
import { describe, expect, test } from '@jest/globals';
import type { DirectoryEntry } from '../../src/core/model.ts';
import { migrationForm } from '../../src/imap/migration.ts';
import { at, brief, ownedMailbox, person, type PersonFields } from '../support/builders.ts';
import { briefRow, draftOf, type Scene } from '../support/builders-plan.ts';
import { mailboxJobs, migration, ownJob } from '../support/builders-migration.ts';

const settings = { migration };
const mark = '--domain1=lm.ldap.tests.a.c60m';
const digests = { syncDigestOf: (): string => 'digest' };
const somebody = (id: string, fields: PersonFields = {}): DirectoryEntry =>
  person(id, { ...fields, attributes: { uid: [id], ...fields.attributes } });

/** A person with a mailbox of ours. */
const scene = (more: Partial<Scene> = {}): Scene => ({
  people: [somebody('a')],
  managed: [ownedMailbox('a')],
  settings,
  ...digests,
  ...more,
});

const created = `create syncjob a active=1 exclude=^Shared(\\/.*)?$|^Public(\\/.*)?$ host=imap.old.test intervalMinutes=60 login=a options=${mark} port=993 security=SSL`;
const none = { writes: [], notes: [] };
const otherHost = { migration: { ...migration, host: 'imap.new.test' } };
const anew = 'host=imap.old.test->imap.new.test';

type Row = { writes: readonly string[]; notes: readonly string[] };

describe('a job', () => {
  test.each<[string, Scene, Row]>([
    ['is made for who has a mailbox', scene(), { writes: [created], notes: [] }],
    ['that is right stays', scene({ syncJobs: [mailboxJobs('a')] }), none],
    ['is none of our business without a migration', scene({ settings: {} }), none],
    ['is not made where the logins cannot be read', { ...scene(), syncDigestOf: undefined } as never, none],
    ['waits for a login', scene({ people: [person('a')] }), { writes: [], notes: ['migration-no-login a'] }],
    [
      'stays as it is where the login is gone',
      scene({ people: [person('a')], syncJobs: [mailboxJobs('a')], settings: otherHost }),
      { writes: [], notes: ['migration-no-login a'] },
    ],
    [
      'waits for a login that is one line',
      scene({ people: [somebody('a', { attributes: { uid: ['a\r\nx LOGOUT'] } })] }),
      { writes: [], notes: ['migration-no-login a'] },
    ],
    [
      'waits for a password',
      scene({ syncDigestOf: () => undefined }),
      { writes: [], notes: ['migration-no-login a'] },
    ],
    [
      'is not made where another one stands in its place',
      scene({ syncJobs: [{ mailbox: at('a'), others: [{ host: 'IMAP.old.test', user: 'A' }] }] }),
      { writes: [], notes: ['sync-job-taken a'] },
    ],
    [
      'is made beside others',
      scene({ syncJobs: [{ mailbox: at('a'), others: [{ host: 'imap.old.test', user: 'other' }] }] }),
      { writes: [created], notes: [] },
    ],
    [
      'is not made in a mailbox with ldap-keep',
      scene({ managed: [ownedMailbox('a', { mailbox: { tags: ['ldap-mailcow:tests:a', 'ldap-keep'] } })] }),
      { writes: [], notes: ['(mailbox a)', '(syncjob a)'] },
    ],
    [
      'is not made for who is disabled',
      scene({
        people: [somebody('a', { disabled: true })],
        managed: [ownedMailbox('a', { mailbox: { active: 0 } })],
      }),
      none,
    ],
    [
      'follows its person to another server, at once',
      scene({ syncJobs: [mailboxJobs('a')], settings: otherHost }),
      { writes: [`update syncjob a ${anew}`], notes: [] },
    ],
    [
      'does not follow where another one stands in its place',
      scene({
        syncJobs: [mailboxJobs('a', { others: [{ host: 'imap.new.test', user: 'a' }] })],
        settings: otherHost,
      }),
      { writes: [], notes: ['sync-job-taken a'] },
    ],
    [
      'gets another password',
      scene({ syncJobs: [mailboxJobs('a', { passwordDigest: 'before' })] }),
      { writes: ['update syncjob a password=another password'], notes: [] },
    ],
    [
      'that somebody deleted is made again',
      scene({ syncJobs: [{ mailbox: at('a'), others: [], written: ownJob('a') }] }),
      { writes: [created], notes: [] },
    ],
    [
      'that somebody deleted is only reported, where drift is',
      scene({
        syncJobs: [{ mailbox: at('a'), others: [], written: ownJob('a') }],
        settings: { migration, reportDrift: true },
      }),
      { writes: [], notes: ['drift a'] },
    ],
    [
      'that somebody changed is put right',
      scene({ syncJobs: [mailboxJobs('a', { job: { port: 143, deleteThere: true } })] }),
      { writes: ['update syncjob a deleteThere=true->false port=143->993'], notes: [] },
    ],
    [
      'that somebody changed is only reported, where drift is',
      scene({
        syncJobs: [mailboxJobs('a', { job: { port: 143 } })],
        settings: { migration, reportDrift: true },
      }),
      { writes: [], notes: ['drift a'] },
    ],
    [
      'that somebody switched off stays so',
      scene({ syncJobs: [mailboxJobs('a', { job: { active: false } })], settings: otherHost }),
      { writes: [], notes: ['changed-by-hand a'] },
    ],
    [
      'whose mark somebody took away is not ours, and stands in the place of a new one',
      scene({
        syncJobs: [
          { mailbox: at('a'), others: [{ host: 'imap.old.test', user: 'a' }], written: ownJob('a') },
        ],
      }),
      { writes: [], notes: ['sync-job-taken a'] },
    ],
    [
      'gets the file by which its runs are stopped',
      scene({
        syncJobs: [mailboxJobs('a')],
        settings: { migration: { ...migration, form: migrationForm(() => '/run/a.pid') } },
      }),
      { writes: [`update syncjob a options=${mark}->${mark} --pidfile=/run/a.pid`], notes: [] },
    ],
  ])('%s', (_title, given, expected) => {
    expect(briefRow(given)).toEqual(expected);
  });
});

describe('a job that has come to its end', () => {
  const done = (more: Parameters<typeof mailboxJobs>[1] = {}) =>
    mailboxJobs('a', { job: { isDone: true }, ...more });

  test.each<[string, Scene, Row]>([
    ['is right', scene({ syncJobs: [done()] }), none],
    [
      'is right when somebody switched it on',
      scene({ syncJobs: [done({ job: { isDone: true, active: true } })] }),
      none,
    ],
    ['does not run for another password', scene({ syncJobs: [done({ passwordDigest: 'before' })] }), none],
    [
      'does not begin anew for another login, which may be that of a former person',
      scene({ syncJobs: [done({ job: { isDone: true, user: 'before@example.test' } })] }),
      none,
    ],
    [
      'begins anew on another server',
      scene({ syncJobs: [done({ passwordDigest: 'before' })], settings: otherHost }),
      {
        writes: [
          `reactivate syncjob a active=0->1 ${anew} options=--domain1=lm.ldap.tests.aD.c60m->${mark} password=another password`,
        ],
        notes: [],
      },
    ],
    [
      'begins anew with other folders',
      scene({
        syncJobs: [done()],
        settings: { migration: { ...migration, exclude: ['^Junk$'] } },
      }),
      {
        writes: [
          'reactivate syncjob a active=0->1 exclude=^Shared(\\/.*)?$|^Public(\\/.*)?$->^Shared(\\/.*)?$|^Public(\\/.*)?$|^Junk$ options=--domain1=lm.ldap.tests.aD.c60m->--domain1=lm.ldap.tests.x.c60m',
        ],
        notes: [],
      },
    ],
  ])('%s', (_title, given, expected) => {
    expect(briefRow(given)).toEqual(expected);
  });

  test('runs at once when it begins anew, and so does one with another login', () => {
    const both = [
      scene({ syncJobs: [done()], settings: otherHost }),
      scene({ syncJobs: [mailboxJobs('a')], settings: otherHost }),
    ];
    expect(both.map((one) => draftOf(one).changes.map(({ runNow }) => runNow))).toEqual([[true], [true]]);
    const interval = { migration: { ...migration, intervalMinutes: 5 } };
    expect(draftOf(scene({ syncJobs: [mailboxJobs('a')], settings: interval })).changes).toMatchObject([
      { kind: 'update', after: { intervalMinutes: 5 } },
    ]);
  });
});

describe('a job and its mailbox', () => {
  test('come together', () => {
    const { changes } = draftOf(scene({ managed: [] }));
    expect(changes.map(brief).map((text) => text.split(' ').slice(0, 3).join(' '))).toEqual([
      'create mailbox a',
      'create syncjob a',
    ]);
    expect(changes[1]?.needs).toEqual([`create mailbox ${at('a')}`]);
  });

  test('go together, the job first', () => {
    const { writes } = briefRow(scene({ people: [], gone: [somebody('a')], syncJobs: [mailboxJobs('a')] }));
    expect(writes).toEqual(['deactivate syncjob a active=1->0', 'deactivate mailbox a active=1->0']);
    const { changes } = draftOf(scene({ people: [], gone: [somebody('a')], syncJobs: [mailboxJobs('a')] }));
    expect(changes.find(({ resource }) => resource === 'syncjob')?.needs).toEqual([
      `deactivate mailbox ${at('a')}`,
    ]);
  });

  test.each<[string, Scene, Row]>([
    [
      'go together when the person is disabled',
      scene({ people: [somebody('a', { disabled: true })], syncJobs: [mailboxJobs('a')] }),
      { writes: ['deactivate syncjob a active=1->0', 'deactivate mailbox a active=1->0'], notes: [] },
    ],
    [
      'stay while the person is in grace',
      scene({ people: [], inGrace: [somebody('a')], syncJobs: [mailboxJobs('a')], settings: otherHost }),
      none,
    ],
    [
      'stay where mailboxes of leavers do',
      scene({
        people: [],
        gone: [somebody('a')],
        syncJobs: [mailboxJobs('a')],
        settings: { migration, disableDeleted: false },
      }),
      { writes: [], notes: ['(mailbox a)'] },
    ],
    [
      'are off both, also when the mailbox was before',
      scene({
        people: [],
        gone: [somebody('a')],
        managed: [ownedMailbox('a', { mailbox: { active: 0 } })],
        syncJobs: [mailboxJobs('a')],
      }),
      { writes: ['deactivate syncjob a active=1->0'], notes: [] },
    ],
    [
      'come back together',
      scene({
        managed: [ownedMailbox('a', { mailbox: { active: 0 } })],
        syncJobs: [mailboxJobs('a', { job: { active: false }, offByUs: true })],
      }),
      { writes: ['reactivate mailbox a active=0->1', 'reactivate syncjob a active=0->1'], notes: [] },
    ],
    [
      'stay apart while the mailbox was switched off by hand',
      scene({
        managed: [ownedMailbox('a', { mailbox: { active: 0 }, row: { lastActive: true } })],
        syncJobs: [mailboxJobs('a')],
        settings: otherHost,
      }),
      { writes: [], notes: ['changed-by-hand a'] },
    ],
    [
      'wait for each other while the mailbox is renamed',
      scene({
        people: [somebody('a', { mail: 'b' })],
        syncJobs: [mailboxJobs('a')],
        settings: otherHost,
      }),
      { writes: ['rename mailbox a address=a->b'], notes: [] },
    ],
  ])('%s', (_title, given, expected) => {
    const { writes, notes } = briefRow(given);
    expect({ writes, notes }).toEqual(expected);
  });
});
