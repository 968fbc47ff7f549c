import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FilterEdit, Mailcow, NewFilter } from '../../src/ports-mailcow.ts';
import { MailcowMalformed } from '../../src/mailcow/errors.ts';
import { judgeDeletions } from '../../src/mailcow/verdict-deletions.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { failure, openAt, openOn } from './opened.ts';
import type { Opened } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const script = 'require ["fileinto"];\nif header :contains "subject" "spam" { fileinto "Junk"; }\n';
const forward: NewFilter = {
  username: 'anna@al.test',
  description: 'ldap-sync forward',
  script,
  kind: 'prefilter',
  active: true,
};
const done = { kind: 'done' };
const unclear = { kind: 'unclear', why: expect.any(String) };
const refused = (word: string, ...args: readonly string[]): object => ({
  kind: 'refused',
  words: [{ word, args }],
});
const recorded = (start: string): Answer => ({ text: recording(start).response.text });
const row = (fields: Readonly<Record<string, unknown>> = {}): object => ({
  active: 1,
  id: 7,
  username: 'anna@al.test',
  filter_type: 'prefilter',
  script_data: script,
  script_desc: 'ldap-sync forward',
  ...fields,
});

function sent({ server }: Opened): readonly (readonly [string, unknown])[] {
  return server.asked
    .filter(({ method }) => method === 'POST')
    .map(({ url, body }) => [url, JSON.parse(body)] as const);
}
const urls = ({ server }: Opened): readonly string[] => server.asked.map(({ url }) => url);

describe('filters are read', () => {
  test('all of them, or those of one mailbox', async () => {
    const opened = await openOn(recorded('09/002'));
    const { mailcow } = opened;
    const [all, one] = [await mailcow.listFilters(), await mailcow.listFilters('Anna@AL.test')];
    expect(all).toEqual([{ ...forward, id: 1 }]);
    expect(one).toEqual(all);
    expect(urls(opened)).toEqual(['/api/v1/get/filters/all', '/api/v1/get/filters/anna%2540al.test']);
  });

  test('as none where mailcow writes {}', async () => {
    const { mailcow } = await openOn(recorded('09/005'));
    expect(await mailcow.listFilters()).toEqual([]);
    expect(await mailcow.listFilters('ghost@al.test')).toEqual([]);
  });

  test('from the whole list for an address with a slash, which no URL can name', async () => {
    const opened = await openOn({ json: [row(), row({ id: 8, username: 'a/b@al.test' })] });
    expect(await opened.mailcow.listFilters('A/b@al.test')).toMatchObject([{ id: 8 }]);
    expect(urls(opened)).toEqual(['/api/v1/get/filters/all']);
  });

  test('without those of another mailbox than the one asked for', async () => {
    const { mailcow } = await openOn({ json: [row({ username: 'bert@al.test' })] });
    expect(await mailcow.listFilters('anna@al.test')).toEqual([]);
  });

  test('whatever the type of the numbers; null is no text', async () => {
    const { mailcow } = await openOn({ json: [row({ id: '9', active: '0', script_desc: null })] });
    expect(await mailcow.listFilters()).toEqual([{ ...forward, id: 9, active: false, description: '' }]);
  });

  test.each([
    ['without an id', row({ id: null })],
    ['of an unknown kind', row({ filter_type: 'middle' })],
    ['of nobody', row({ username: '' })],
  ])('not at all when there is one %s', async (_what, bad) => {
    const { mailcow } = await openOn({ json: [row(), bad] });
    const error = await failure(mailcow.listFilters());
    expect(error).toBeInstanceOf(MailcowMalformed);
    expect(error.message).toMatch(/^GET get\/filters\/all: .*\b1\./);
  });
});

describe('a new filter', () => {
  const reply = (read: Answer) => (asked: { readonly method: string }) =>
    asked.method === 'GET' ? read : recorded('09/001');

  test('is sent with everything, and its id is read', async () => {
    const opened = await openOn(reply(recorded('09/003')));
    expect(await opened.mailcow.createFilter(forward)).toEqual({ kind: 'done', id: 1 });
    expect(sent(opened)).toEqual([
      [
        '/api/v1/add/filter',
        {
          username: 'anna@al.test',
          script_desc: 'ldap-sync forward',
          script_data: script,
          filter_type: 'prefilter',
          active: 1,
        },
      ],
    ]);
    expect(urls(opened)).toEqual(['/api/v1/add/filter', '/api/v1/get/filters/anna%2540al.test']);
  });

  test('is the newest of those that are equal to it', async () => {
    const rows = [
      row({ id: 8, active: 0 }),
      row({ id: 12 }),
      row({ id: 13, filter_type: 'postfilter' }),
      row({ id: 14, script_data: 'keep;' }),
      row({ id: 15, script_desc: 'other' }),
      row({ id: 9 }),
    ];
    const { mailcow } = await openOn(reply({ json: rows }));
    expect(await mailcow.createFilter(forward)).toEqual({ kind: 'done', id: 12 });
  });

  test.each([
    ['reads differently', { json: [row({ script_data: `${script} ` })] }],
    ['is not there when read', recorded('09/004')],
    ['cannot be read', { text: '<html>' }],
    ['cannot be read for want of access', { status: 401, text: '{"type":"error"}' }],
  ] as const)('that %s is unclear, not an error: it was created', async (_what, read) => {
    const opened = await openOn(reply(read));
    expect(await opened.mailcow.createFilter(forward)).toEqual({
      kind: 'unclear',
      why: expect.stringMatching(/^the filter was created, but /),
    });
    expect(sent(opened)).toHaveLength(1);
  });

  test.each([
    ['09/009', 'sieve_error', ['line 1: block start where string list expected near {']],
    ['09/011', 'sieve_error', ['line 1: unknown command fileinto']],
    ['09/014', 'script_empty', []],
    ['09/016', 'value_missing', []],
    ['09/017', 'filter_type', []],
    ['09/018', 'access_denied', []],
    ['09/019', 'no_user_defined', []],
  ])('%s is refused with %s', async (start, word, args) => {
    const opened = await openOn(recorded(start));
    expect(await opened.mailcow.createFilter(forward)).toEqual(refused(word, ...args));
    expect(opened.server.asked).toHaveLength(1);
  });

  test.each([['09/020'], ['09/021']])('%s, an empty reply, is unclear and sent once', async (start) => {
    const opened = await openOn(recorded(start));
    expect(await opened.mailcow.createFilter(forward)).toEqual(unclear);
    expect(opened.server.asked).toHaveLength(1);
  });

  test('may be inactive, and as long as mailcow can hold', async () => {
    const long = { description: 'ü'.repeat(255), script: '#'.repeat(65_535), active: false };
    const opened = await openOn(recorded('09/018'));
    await opened.mailcow.createFilter({ ...forward, ...long });
    expect(sent(opened)[0]?.[1]).toMatchObject({ active: 0, script_desc: long.description });
  });
});

describe('what mailcow would ignore or die of is not sent', () => {
  test.each<[string, FilterEdit]>([
    ['script_empty', { script: '' }],
    ['script_empty', { script: '0' }],
    ['value_missing', { description: '' }],
    ['value_missing', { description: '0', active: true }],
    ['script_too_long', { script: `#${'ü'.repeat(32_768)}` }],
    ['description_too_long', { description: 'd'.repeat(256) }],
  ])('%s', async (word, edit) => {
    const opened = await openOn(recorded('09/022'));
    expect(await opened.mailcow.createFilter({ ...forward, ...edit })).toEqual(refused(word));
    expect(await opened.mailcow.editFilter(1, edit)).toEqual(refused(word));
    expect(opened.server.asked).toEqual([]);
  });
});

describe('an edit of a filter', () => {
  test('names it by number and sends the given fields only', async () => {
    const opened = await openOn(recorded('09/022'));
    const edits: readonly FilterEdit[] = [
      { description: 'renamed', active: true },
      { script: 'keep;' },
      { active: false },
    ];
    for (const edit of edits) expect(await opened.mailcow.editFilter(1, edit)).toEqual(done);
    expect(sent(opened)).toEqual(
      [{ script_desc: 'renamed', active: 1 }, { script_data: 'keep;' }, { active: 0 }].map((attr) => [
        '/api/v1/edit/filter',
        { items: [1], attr },
      ]),
    );
  });

  test('is not sent when there is nothing to change', async () => {
    const opened = await openOn(recorded('09/022'));
    expect(await opened.mailcow.editFilter(1, {})).toEqual(done);
    expect(opened.server.asked).toEqual([]);
  });

  test.each([
    ['09/023', refused('sieve_error', 'line 1: block start where identifier expected near {')],
    ['09/025', refused('access_denied')],
    ['09/020', unclear],
  ])('%s is judged', async (start, verdict) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.editFilter(1, { script: 'if {' })).toEqual(verdict);
  });
});

describe('the deletion of filters', () => {
  const text = (start: string): string => recording(start).response.text;

  test('is one call with numbers, and none for none', async () => {
    const opened = await openOn(recorded('09/026'));
    expect(await opened.mailcow.deleteFilters([2])).toEqual([done]);
    expect(await opened.mailcow.deleteFilters([])).toEqual([]);
    expect(sent(opened)).toEqual([['/api/v1/delete/filter', [2]]]);
  });

  test('has a verdict for each, in the order asked', () => {
    expect(judgeDeletions(text('09/027'), { ids: [3, 9999], word: 'delete_filter' })).toEqual([
      done,
      refused('access_denied'),
    ]);
    expect(judgeDeletions(text('09/027'), { ids: [9999, 3], word: 'delete_filter' })).toEqual([
      refused('access_denied'),
      done,
    ]);
  });

  test('is unclear where the reply says too little', () => {
    expect(judgeDeletions(text('09/027'), { ids: [3, 8, 9], word: 'delete_filter' })).toEqual([
      done,
      unclear,
      unclear,
    ]);
    expect(judgeDeletions(text('09/026'), { ids: [2, 3], word: 'delete_filter' })).toEqual([done, unclear]);
    expect(judgeDeletions(text('09/028'), { ids: [2, 3], word: 'delete_filter' })).toEqual([
      unclear,
      unclear,
    ]);
    expect(judgeDeletions('', { ids: [2, 3], word: 'delete_filter' })).toEqual([unclear, unclear]);
    const deadlock = '[{"type":"success","log":[],"msg":"SQLSTATE[40001]: Deadlock"}]';
    expect(judgeDeletions(deadlock, { ids: [2], word: 'delete_filter' })).toEqual([unclear]);
  });

  test('is unclear for all when the connection is lost, and refused for all when the call is', async () => {
    const lost = await openOn('drop');
    expect(await lost.mailcow.deleteFilters([1, 2])).toEqual([unclear, unclear]);
    const { status, text: body } = recording('02/022').response;
    const unknown = await openOn({ status, text: body });
    expect(await unknown.mailcow.deleteFilters([1, 2])).toEqual([
      refused('route not found'),
      refused('route not found'),
    ]);
  });
});

describe('on a whole mailcow', () => {
  const world: { standIn?: MailcowStandIn; mailcow?: Mailcow } = {};
  const standIn = (): MailcowStandIn => {
    if (world.standIn === undefined) throw new Error('not started');
    return world.standIn;
  };
  const mailcow = (): Mailcow => {
    if (world.mailcow === undefined) throw new Error('not started');
    return world.mailcow;
  };
  const anna = "anna.o'b+c@example.test";
  const filter: NewFilter = { ...forward, username: anna };

  beforeEach(async () => {
    world.standIn = await startMailcow();
    world.mailcow = openAt(world.standIn.url, { apiKey: world.standIn.apiKey });
    for (const address of [anna, 'a/b@example.test']) {
      await world.mailcow.createMailbox({ address, name: 'A', quotaMiB: 1, active: 1, tags: [] });
    }
  });
  afterEach(async () => {
    await world.standIn?.close();
  });

  const create = async (fields: Partial<NewFilter> = {}): Promise<number> => {
    const result = await mailcow().createFilter({ ...filter, ...fields });
    if (result.kind !== 'done') throw new Error(JSON.stringify(result));
    return result.id;
  };

  test('a filter lives its life, read back after each step', async () => {
    const id = await create();
    expect(await mailcow().listFilters(anna)).toEqual([{ ...filter, id }]);
    const edit = { description: 'Söhne & "Co" <x>', script: 'keep;\r\n# ✉\n', active: false };
    expect(await mailcow().editFilter(id, edit)).toEqual(done);
    expect(await mailcow().listFilters(anna)).toEqual([{ ...filter, ...edit, id }]);
    expect(await mailcow().editFilter(id, { script: 'stop;' })).toEqual(done);
    expect(await mailcow().listFilters(anna)).toMatchObject([{ script: 'stop;', active: false }]);
    expect(await mailcow().deleteFilters([id, id + 1])).toEqual([done, refused('access_denied')]);
    expect(await mailcow().listFilters()).toEqual([]);
  });

  test('equal filters are told apart by their ids, also of an address with a slash', async () => {
    const ids = [await create(), await create(), await create({ username: 'a/b@example.test' })];
    expect(new Set(ids).size).toBe(3);
    expect(await mailcow().listFilters('a/b@example.test')).toMatchObject([{ id: ids[2], active: true }]);
  });

  test('a new active filter deactivates the other of its kind, not that of the other kind', async () => {
    const first = await create();
    const post = await create({ kind: 'postfilter' });
    const second = await create({ script: 'keep;' });
    const active = async (): Promise<readonly number[]> =>
      (await mailcow().listFilters(anna)).filter((one) => one.active).map(({ id }) => id);
    expect(await active()).toEqual([post, second]);
    await mailcow().editFilter(first, { active: true });
    expect(await active()).toEqual([first, post]);
  });

  test('what is too long leaves the active filter of the mailbox alone', async () => {
    const id = await create();
    const results = [
      await mailcow().createFilter({ ...filter, description: 'd'.repeat(256) }),
      await mailcow().createFilter({ ...filter, script: '#'.repeat(70_000) }),
    ];
    expect(results.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
    expect(await mailcow().listFilters(anna)).toEqual([{ ...filter, id }]);
  });

  test.each<[string, readonly string[], Partial<NewFilter>]>([
    ['sieve_error', ['line 1: unknown command fileinto'], { script: 'fileinto "Junk";' }],
    ['access_denied', [], { username: 'ghost@example.test' }],
    ['no_user_defined', [], { username: 'nobody' }],
  ])('%s refuses a new filter', async (word, args, fields) => {
    expect(await mailcow().createFilter({ ...filter, ...fields })).toEqual(refused(word, ...args));
    expect(await mailcow().listFilters()).toEqual([]);
  });

  test('sieve_error and access_denied refuse an edit', async () => {
    const id = await create();
    const bad = await mailcow().editFilter(id, { script: 'if {', description: 'other' });
    expect(bad).toEqual(refused('sieve_error', 'line 1: block start where identifier expected near {'));
    expect(await mailcow().editFilter(id + 1, { active: false })).toEqual(refused('access_denied'));
    expect(await mailcow().listFilters()).toEqual([{ ...filter, id }]);
  });

  test('a creation that mailcow carried out without saying so is unclear, and there when read', async () => {
    standIn().resetStats();
    standIn().fault({ route: 'add/filter', times: 1, mode: 'empty', done: true });
    expect(await mailcow().createFilter(filter)).toEqual(unclear);
    expect(await mailcow().listFilters(anna)).toMatchObject([filter]);
    expect(standIn().stats().writes).toBe(1);
  });
});
