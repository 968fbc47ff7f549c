import { describe, expect, test } from '@jest/globals';
import type { BeforeImage, WrittenChange } from '../../src/core/before-image.ts';
import { sortForApply, type Change } from '../../src/core/change.ts';
import { indexLedger } from '../../src/core/ledger.ts';
import type { Mailbox } from '../../src/core/model.ts';
import { planUndo, type UndoInput } from '../../src/core/undo.ts';
import { alias, at, brief, change, currentOf, mailbox, markOf, OWNER } from '../support/builders.ts';
import { mailboxJobs } from '../support/builders-migration.ts';

const box = (name: string, id = name, fields: Partial<Mailbox> = {}): Mailbox =>
  mailbox(name, { tags: [markOf(id)], ...fields });

const kept = (name: string): Mailbox => mailbox(name, { tags: [markOf(name), 'ldap-keep'] });

let seq = 0;
const wrote = (text: string, fields: Partial<Change> = {}, image: BeforeImage = {}): WrittenChange => ({
  seq: (seq += 1),
  change: change(text, fields),
  image,
});

const undo = (told: Pick<UndoInput, 'written' | 'current'> & Partial<UndoInput>): readonly string[] => {
  const { changes } = planUndo({
    run: 'r1',
    renamedSince: [],
    ledger: indexLedger([]),
    settings: { owner: OWNER, inactiveState: 0, protectedAddresses: new Set([at('p')]) },
    deleteEmpty: false,
    messages: new Map(),
    hasMigration: true,
    ...told,
  });
  return sortForApply(changes).map(brief);
};

const filters = new Map([
  [at('a'), { address: at('a'), id: 5, goto: [at('x')], active: true, hasRival: false }],
]);
const syncJobs = new Map([[at('a'), mailboxJobs('a', { job: { host: 'new.test' } })]]);

describe('what belongs to a mailbox goes with its mark', () => {
  const fields = { directoryId: 'a', after: { goto: [at('x')] } };
  test.each([
    ['of somebody who has the address now', box('a', 'other')],
    ['with the tag ldap-keep', kept('a')],
  ])('the filter of a mailbox %s stays', (_, one) => {
    const current = { ...currentOf({ mailboxes: [one] }), filters };
    expect(undo({ written: [wrote('create filter a', fields)], current })).toEqual([]);
    const update = wrote(
      'update filter a',
      { ...fields, before: { goto: [at('y')] } },
      { filter: { address: at('a'), id: 5, goto: [at('y')], active: true, hasRival: false } },
    );
    expect(
      undo({
        written: [update],
        current: { ...currentOf({ mailboxes: [one, box('y'), box('x')] }), filters },
      }),
    ).toEqual([]);
  });

  test.each([
    ['of somebody who has the address now', box('a', 'other')],
    ['with the tag ldap-keep', kept('a')],
  ])('the sync job of a mailbox %s stays', (_, one) => {
    const current = { ...currentOf({ mailboxes: [one] }), syncJobs };
    const written = [wrote('create syncjob a', { directoryId: 'a' })];
    expect(undo({ written, current })).toEqual([]);
  });
});

describe('an alias that comes again', () => {
  const was = alias('x', 'a', { privateComment: markOf('a') });
  const removed = wrote('remove alias x', { directoryId: 'a' }, { alias: was });
  const rename = change('rename mailbox a', { before: { address: at('a') }, after: { address: at('n') } });

  test('follows its mailbox, not the one that has the address now', () => {
    const current = currentOf({ mailboxes: [box('n', 'a'), box('a', 'other')] });
    expect(undo({ written: [removed], renamedSince: [rename], current })).toEqual([
      expect.stringMatching(/^create alias x .*goto=n /),
    ]);
  });

  test('or is led back follows it too', () => {
    const current = currentOf({
      mailboxes: [box('n', 'a'), box('a', 'other'), box('b')],
      aliases: [alias('x', 'b', { privateComment: markOf('a') })],
    });
    const fields = { directoryId: 'a', before: { goto: [at('a')] }, after: { goto: [at('b')] } };
    const written = [wrote('update alias x', fields, { alias: was })];
    expect(undo({ written, renamedSince: [rename], current })).toEqual(['update alias x goto=b->n']);
  });

  test('leads nobody’s mail to somebody who has the address now', () => {
    const current = currentOf({ mailboxes: [box('a', 'other')] });
    expect(undo({ written: [removed], current })).toEqual([]);
  });

  test('does not come on a protected address', () => {
    const protectedOne = wrote(
      'remove alias p',
      { directoryId: 'a' },
      { alias: alias('p', 'a', { privateComment: markOf('a') }) },
    );
    expect(undo({ written: [protectedOne], current: currentOf({ mailboxes: [box('a')] }) })).toEqual([]);
  });
});

describe('a release taken back', () => {
  test.each([
    ['ldap-keep', ['ldap-keep']],
    ['the mark of another', [markOf('z', 'others')]],
  ])('leaves a mailbox alone that bears %s', (_, tags) => {
    const written = [wrote('release mailbox a', { directoryId: 'a' })];
    expect(undo({ written, current: currentOf({ mailboxes: [mailbox('a', { tags })] }) })).toEqual([]);
  });
});
