import { describe, expect, test } from '@jest/globals';
import type { BeforeImage, WrittenChange } from '../../src/core/before-image.ts';
import { sortForApply, type Change } from '../../src/core/change.ts';
import { planUndo, type UndoInput } from '../../src/core/undo.ts';
import type { CurrentState } from '../../src/core/current.ts';
import type { Mailbox } from '../../src/core/model.ts';
import {
  alias,
  at,
  brief,
  change,
  currentOf,
  domain,
  mailbox,
  markOf,
  ownedAlias,
  OWNER,
  row,
} from '../support/builders.ts';
import { indexLedger } from '../../src/core/ledger.ts';
import { mailboxJobs } from '../support/builders-migration.ts';

const box = (name: string, fields: Partial<Mailbox> = {}): Mailbox =>
  mailbox(name, { tags: [markOf(name)], ...fields });

let seq = 0;
const wrote = (text: string, fields: Partial<Change> = {}, image: BeforeImage = {}): WrittenChange => ({
  seq: (seq += 1),
  change: change(text, fields),
  image,
});

const ledger = indexLedger([row('alias', 'x', { directoryId: 'a' })]);

type Case = {
  readonly written: readonly WrittenChange[];
  readonly current: CurrentState;
} & Partial<UndoInput>;

const undo = (told: Case) =>
  planUndo({
    run: 'r1',
    renamedSince: [],
    ledger,
    settings: { owner: OWNER, inactiveState: 0, protectedAddresses: new Set([at('p')]) },
    deleteEmpty: false,
    messages: new Map(),
    hasMigration: true,
    ...told,
  });

const briefly = (told: Case): readonly string[] => {
  const { changes, impossible, skips } = undo(told);
  return [
    ...sortForApply(changes).map(brief),
    ...impossible.map(({ key, reason }) => `impossible ${key}: ${reason}`),
    ...skips.map(({ key, reason }) => `stays ${key}: ${reason}`),
  ];
};

const updated = wrote(
  'update mailbox a',
  { before: { name: 'Old', quotaMiB: 1 }, after: { name: 'New', quotaMiB: 2 } },
  { mailbox: box('a', { name: 'Old', quotaMiB: 1 }) },
);
const created = wrote('create mailbox a', { after: { name: 'A', active: 1 } });
const renamed = wrote(
  'rename mailbox a',
  { before: { address: at('a') }, after: { address: at('b') }, keepAlias: true, stage: 3 },
  { mailbox: box('a') },
);
const left = alias('a', 'b', { privateComment: `${markOf('a')} former address` });
const moved = box('b', { tags: [markOf('a')] });
const password = wrote('update mailbox a', { after: { password: 'changed' } }, { mailbox: box('a') });
const owned = ownedAlias('x', 'a').alias ?? alias('x', 'a');
const removed = wrote('remove alias x', { directoryId: 'a', stage: 8 }, { alias: owned });
const madeAlias = wrote('create alias x', { directoryId: 'a', after: { goto: [at('a')] }, stage: 6 });
const ours = domain('new.test', { description: markOf('domain') });
const madeDomain = wrote('create domain new.test', { directoryId: 'domain', stage: 1 });
const domainOfRun: WrittenChange = { ...madeDomain, change: { ...madeDomain.change, key: 'new.test' } };
const job = mailboxJobs('a', { job: { host: 'new.test' } });
const jobs = (current: CurrentState): CurrentState => ({ ...current, syncJobs: new Map([[at('a'), job]]) });
const withFilter = (goto: readonly string[]): CurrentState => ({
  ...currentOf({ mailboxes: [box('a'), box('b')] }),
  filters: new Map([
    [at('a'), { address: at('a'), id: 5, goto: goto.map(at), active: true, hasRival: false }],
  ]),
});

describe('what takes a write back', () => {
  test.each<[string, Case, readonly string[]]>([
    [
      'fields of a mailbox',
      { written: [updated], current: currentOf({ mailboxes: [box('a', { name: 'New', quotaMiB: 2 })] }) },
      ['update mailbox a name=New->Old quotaMiB=2->1'],
    ],
    [
      'only the fields that are as the run left them',
      { written: [updated], current: currentOf({ mailboxes: [box('a', { name: 'Hand', quotaMiB: 2 })] }) },
      ['update mailbox a quotaMiB=2->1', `stays ${at('a')}: name changed since: left as it is`],
    ],
    [
      'nothing where it is as before already',
      { written: [updated], current: currentOf({ mailboxes: [box('a', { name: 'Old', quotaMiB: 1 })] }) },
      [],
    ],
    [
      'nothing of what is not there any more',
      { written: [updated], current: currentOf({}) },
      [`stays ${at('a')}: is not there any more`],
    ],
    [
      'nothing of what lost its mark',
      { written: [updated], current: currentOf({ mailboxes: [box('a', { tags: [] })] }) },
      [`stays ${at('a')}: does not bear the mark of its entry any more`],
    ],
    [
      'nothing of what has the tag ldap-keep',
      {
        written: [updated],
        current: currentOf({ mailboxes: [box('a', { tags: [markOf('a'), 'ldap-keep'] })] }),
      },
      [`stays ${at('a')}: the mailbox has the tag ldap-keep`],
    ],
    [
      'no password',
      { written: [password], current: currentOf({ mailboxes: [box('a')] }) },
      [`impossible ${at('a')}: its password was changed: no journal has the former one, set a new one`],
    ],
    [
      'a created mailbox, by switching it off',
      { written: [created], current: currentOf({ mailboxes: [box('a')] }) },
      ['deactivate mailbox a active=1->0'],
    ],
    [
      'a created mailbox without mail, by deleting it',
      {
        written: [created],
        current: currentOf({ mailboxes: [box('a')] }),
        deleteEmpty: true,
        messages: new Map([[at('a'), 0]]),
      },
      ['delete mailbox a'],
    ],
    [
      'a created mailbox with mail, by switching it off',
      {
        written: [created],
        current: currentOf({ mailboxes: [box('a')] }),
        deleteEmpty: true,
        messages: new Map([[at('a'), 3]]),
      },
      ['deactivate mailbox a active=1->0'],
    ],
    [
      'a rename, and the alias that it left goes first',
      { written: [renamed], current: currentOf({ mailboxes: [moved], aliases: [left] }) },
      ['remove alias a', 'rename mailbox b address=b->a'],
    ],
    [
      'no rename to an address that somebody else has',
      { written: [renamed], current: currentOf({ mailboxes: [moved, box('a', { tags: [] })] }) },
      [`stays ${at('a')}: somebody else has its former address now`],
    ],
    [
      'no rename of a mailbox that is off',
      { written: [renamed], current: currentOf({ mailboxes: [{ ...moved, active: 0 }], aliases: [left] }) },
      [`stays ${at('a')}: is off, and mailcow renames none that is: activate it first`],
    ],
    [
      'fields of a mailbox that a later run renamed, where it is now',
      {
        written: [updated],
        renamedSince: [renamed.change],
        current: currentOf({ mailboxes: [{ ...moved, name: 'New', quotaMiB: 2 }] }),
      },
      ['update mailbox b name=New->Old quotaMiB=2->1'],
    ],
    [
      'a removed alias, as it was',
      { written: [removed], current: currentOf({ mailboxes: [box('a')] }) },
      [`create alias x active=1 comment=${markOf('a')} goto=a internal=false senderAllowed=true`],
    ],
    [
      'no removed alias to nobody',
      { written: [removed], current: currentOf({}) },
      [`stays ${at('x')}: whom it led to is not there any more`],
    ],
    [
      'a created alias',
      { written: [madeAlias], current: currentOf({ mailboxes: [box('a')], aliases: [owned] }) },
      ['remove alias x'],
    ],
    [
      'no created alias that somebody leads elsewhere',
      {
        written: [madeAlias],
        current: currentOf({ aliases: [{ ...owned, goto: ['x@else.test'] }] }),
      },
      [`stays ${at('x')}: leads to x@else.test since: left as it is`],
    ],
    [
      'an adoption',
      {
        written: [
          wrote('adopt mailbox a'),
          wrote(
            'adopt alias x',
            { directoryId: 'a', stage: 6 },
            { alias: { ...owned, privateComment: 'note' } },
          ),
        ],
        current: currentOf({
          mailboxes: [box('a')],
          aliases: [{ ...owned, privateComment: `note ${markOf('a')}` }],
        }),
      },
      ['release alias x comment=note', 'release mailbox a'],
    ],
    [
      'no deletion',
      { written: [wrote('delete mailbox a', { stage: 12 }, { mailbox: box('a') })], current: currentOf({}) },
      [`impossible ${at('a')}: was deleted with its mail: only a backup of mailcow has it`],
    ],
    [
      'no created domain, unless it is to be deleted',
      { written: [domainOfRun], current: currentOf({ domains: [ours] }) },
      ['impossible new.test: was created, and stays: with --delete-empty it goes when it is empty'],
    ],
    [
      'a created domain, by deleting it when nothing is in it',
      { written: [domainOfRun], current: currentOf({ domains: [ours] }), deleteEmpty: true },
      ['delete domain new.test'],
    ],
    [
      'a filter that the run made',
      {
        written: [wrote('create filter a', { after: { goto: [at('b')] }, stage: 5 })],
        current: withFilter(['b']),
      },
      ['delete filter a'],
    ],
    [
      'whom a filter led to',
      {
        written: [
          wrote(
            'update filter a',
            { after: { goto: [at('b')] }, stage: 5 },
            { filter: { address: at('a'), id: 5, goto: [at('a')], active: true, hasRival: false } },
          ),
        ],
        current: withFilter(['b']),
      },
      ['update filter a goto=b->a'],
    ],
    [
      'the settings of a sync job, and not its password',
      {
        written: [
          wrote(
            'update syncjob a',
            { after: { host: 'new.test', password: 'another password' }, stage: 7 },
            { syncJobs: mailboxJobs('a', { job: { host: 'old.test' } }) },
          ),
        ],
        current: jobs(currentOf({ mailboxes: [box('a')] })),
      },
      [
        'update syncjob a host=new.test->old.test',
        `impossible ${at('a')}: its password was changed: no journal has the former one, set a new one`,
      ],
    ],
    [
      'a sync job that the run made, by switching it off',
      {
        written: [wrote('create syncjob a', { after: { active: 1 }, stage: 7 })],
        current: jobs(currentOf({ mailboxes: [box('a')] })),
      },
      ['deactivate syncjob a active=1->0'],
    ],
  ])('%s', (_what, told, expected) => {
    expect(briefly(told)).toEqual(expected);
  });

  test('a chain of renames goes back from its end', () => {
    const second = wrote(
      'rename mailbox b',
      { after: { address: at('c') }, stage: 3, directoryId: 'b' },
      { mailbox: box('b') },
    );
    const first = wrote(
      'rename mailbox a',
      { after: { address: at('b') }, stage: 3, needs: [`rename mailbox ${at('b')}`] },
      { mailbox: box('a') },
    );
    const current = currentOf({ mailboxes: [moved, box('c', { tags: [markOf('b')] })] });
    expect(briefly({ written: [second, first], current })).toEqual([
      'rename mailbox b address=b->a',
      'rename mailbox c address=c->b',
    ]);
  });
});
