import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { MailcowRefused } from '../../src/mailcow/errors.ts';
import { unusablePasswordHash } from '../../src/mailcow/password.ts';
import type { NewAliases, NewMailbox } from '../../src/ports-mailcow.ts';
import { failure, openOn } from './opened.ts';
import type { Opened } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer, Asked } from './scripted.ts';

const anna: NewMailbox = {
  address: "anna.o'b+c@mb.test",
  name: 'Anna',
  quotaMiB: 3072,
  active: 1,
  tags: ['ldap-mailcow:o:1'],
};
const sales: NewAliases = {
  addresses: ['sales@al.test'],
  goto: ['anna@al.test', 'bert@al.test'],
  active: 1,
  privateComment: 'mark',
  internal: false,
  sogoVisible: true,
  senderAllowed: true,
};
const success = (...words: readonly string[]): Answer => ({
  json: words.map((word) => ({ type: 'success', log: [], msg: [word, 'x'] })),
});
const recorded = (start: string): Answer => ({ text: recording(start).response.text });

function sent({ server }: Opened): readonly (readonly [string, unknown])[] {
  return server.asked
    .filter(({ method }) => method === 'POST')
    .map(({ url, body }) => [url, JSON.parse(body)] as const);
}

describe('mailboxes', () => {
  test('are created with everything said that mailcow would guess', async () => {
    const opened = await openOn(recorded('04/002'));
    expect(await opened.mailcow.createMailbox(anna)).toEqual({ kind: 'done' });
    const hash = expect.stringMatching(/^\{SSHA512\}/);
    expect(sent(opened)).toEqual([
      [
        '/api/v1/add/mailbox',
        {
          local_part: "anna.o'b+c",
          domain: 'mb.test',
          name: 'Anna',
          quota: 3072,
          active: 1,
          authsource: 'mailcow',
          password: hash,
          password2: hash,
          tags: ['ldap-mailcow:o:1'],
          force_pw_update: 0,
        },
      ],
    ]);
  });

  test('have both copies of a password equal and no two mailboxes the same', async () => {
    const opened = await openOn(recorded('04/002'));
    await opened.mailcow.createMailbox(anna);
    await opened.mailcow.createMailbox(anna);
    const bodies = sent(opened).map(([, body]) => body as Record<string, unknown>);
    expect(bodies.map(({ password, password2 }) => password === password2)).toEqual([true, true]);
    expect(bodies[0]?.['password']).not.toBe(bodies[1]?.['password']);
  });

  test('get a template by its id, keeping its tags beside ours', async () => {
    const opened = await openOn(({ method }) => (method === 'GET' ? recorded('11/035') : recorded('04/002')));
    await opened.mailcow.createMailbox({ ...anna, template: 'staff' });
    await opened.mailcow.createMailbox({ ...anna, template: 'staff' });
    const [, body] = sent(opened)[0] ?? [];
    expect(body).toMatchObject({ template: '4', tags: ['from-ldap', 'ldap-mailcow:o:1'], quota: 3072 });
    expect(body).not.toHaveProperty('force_pw_update');
    expect(opened.server.asked.map(({ url }) => url)).toEqual([
      '/api/v1/get/mailbox/template/all',
      '/api/v1/add/mailbox',
      '/api/v1/add/mailbox',
    ]);
  });

  test('are not created with a template that is not there: mailcow would take the default', async () => {
    const opened = await openOn(recorded('11/035'));
    expect(await opened.mailcow.createMailbox({ ...anna, template: 'stuff' })).toEqual({
      kind: 'refused',
      words: [{ word: 'template_not_found', args: ['stuff'] }],
    });
    expect(sent(opened)).toEqual([]);
  });

  test('are edited in the given fields only', async () => {
    const opened = await openOn(success('mailbox_modified'));
    const { mailcow } = opened;
    expect(await mailcow.editMailbox('a@x.test', { name: 'A' })).toEqual({ kind: 'done' });
    await mailcow.editMailbox('a@x.test', { quotaMiB: 0, active: 0 });
    await mailcow.editMailbox('a@x.test', { addTags: ['t'] });
    expect(sent(opened)).toEqual([
      ['/api/v1/edit/mailbox', { items: ['a@x.test'], attr: { name: 'A' } }],
      ['/api/v1/edit/mailbox', { items: ['a@x.test'], attr: { quota: 0, active: 0 } }],
      ['/api/v1/edit/mailbox', { items: ['a@x.test'], attr: { tags: ['t'] } }],
    ]);
  });

  test('are not written to when there is nothing to change', async () => {
    const opened = await openOn(success('mailbox_modified'));
    expect(await opened.mailcow.editMailbox('a@x.test', { addTags: [] })).toEqual({ kind: 'done' });
    expect(await opened.mailcow.editAlias(7, {})).toEqual({ kind: 'done' });
    expect(await opened.mailcow.removeAliases([])).toEqual([]);
    expect(sent(opened)).toEqual([]);
  });

  test('have their TLS policy, tags, name and end by routes of their own', async () => {
    const opened = await openOn(success('mailbox_modified', 'mailbox_renamed', 'mailbox_removed'));
    const { mailcow } = opened;
    const verdicts = [
      await mailcow.editTlsPolicy('a@x.test', { in: true, out: false }),
      await mailcow.removeMailboxTag('a+b@x.test', 'ldap-mailcow:o:1'),
      await mailcow.renameMailbox({ from: 'a@x.test', to: 'b@x.test', keepAlias: true }),
      await mailcow.deleteMailbox('a@x.test'),
    ];
    expect(verdicts.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done']);
    const rename = { domain: 'x.test', old_local_part: 'a', new_local_part: 'b', create_alias: 1 };
    expect(sent(opened)).toEqual([
      ['/api/v1/edit/tls_policy', { items: ['a@x.test'], attr: { tls_enforce_in: 1, tls_enforce_out: 0 } }],
      ['/api/v1/delete/mailbox/tag/a%252Bb%2540x.test', ['ldap-mailcow:o:1']],
      ['/api/v1/edit/rename-mbox', { items: ['a@x.test'], attr: rename }],
      ['/api/v1/delete/mailbox', ['a@x.test']],
    ]);
  });

  test('the recorded rename, tag, policy and deletion of a half-deleted one are done', async () => {
    const starts = ['06/046', '06/023', '06/008', '14/004'];
    const { mailcow } = await openOn((_asked, before) => recorded(starts[before] ?? ''));
    expect([
      await mailcow.renameMailbox({
        from: 'full.user@mb.test',
        to: 'renamed@mb.test',
        keepAlias: true,
      }),
      await mailcow.removeMailboxTag('full.user@mb.test', 'new'),
      await mailcow.editTlsPolicy('full.user@mb.test', { in: false, out: false }),
      await mailcow.deleteMailbox('m0001946@perf.test'),
    ]).toEqual([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }, { kind: 'done' }]);
  });

  test('a rename whose alias failed is unclear: the mailbox has moved', async () => {
    const json = [
      { type: 'danger', log: [], msg: ['is_alias_or_mailbox', 'a@x.test'] },
      { type: 'success', log: [], msg: ['mailbox_renamed', 'a@x.test', 'b@x.test'] },
    ];
    const { mailcow } = await openOn({ json });
    const verdict = await mailcow.renameMailbox({ from: 'a@x.test', to: 'b@x.test', keepAlias: true });
    expect(verdict.kind).toBe('unclear');
  });

  test('what mailcow would take wrongly is not sent', async () => {
    const opened = await openOn(success('mailbox_modified'));
    const verdicts = [
      await opened.mailcow.removeMailboxTag('a/b@x.test', 't'),
      await opened.mailcow.renameMailbox({ from: 'a@x.test', to: 'a@y.test', keepAlias: false }),
    ];
    expect(verdicts.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
    expect(sent(opened)).toEqual([]);
  });
});

describe('the password of a new mailbox', () => {
  test('meets the strictest policy as the text it is', () => {
    for (let i = 0; i < 200; i += 1) {
      const hash = unusablePasswordHash();
      for (const rule of [/^.{100,255}$/, /[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/]) expect(hash).toMatch(rule);
    }
  });

  test('has the form of dovecot: digest of 64 bytes, then the salt', () => {
    const bytes = Buffer.from(unusablePasswordHash().slice('{SSHA512}'.length), 'base64');
    expect(bytes).toHaveLength(64 + 16);
    const guess = createHash('sha512').update('').update(bytes.subarray(64)).digest();
    expect(guess.equals(bytes.subarray(0, 64))).toBe(false);
  });
});

describe('aliases', () => {
  test('are created in one call with all flags sent', async () => {
    const opened = await openOn(recorded('08/033'));
    const addresses = ['m1@al.test', 'm2@al.test', 'sales@al.test', 'x@unknown.test'];
    const verdicts = await opened.mailcow.createAliases({ ...sales, addresses });
    expect(verdicts.map((verdict) => (verdict.kind === 'done' ? verdict.id : verdict.kind))).toEqual([
      50,
      51,
      'refused',
      'refused',
    ]);
    expect(sent(opened)).toEqual([
      [
        '/api/v1/add/alias',
        {
          address: addresses.join(','),
          goto: 'anna@al.test,bert@al.test',
          active: 1,
          internal: 0,
          sogo_visible: 1,
          sender_allowed: 1,
          private_comment: 'mark',
        },
      ],
    ]);
  });

  test('an address that mailcow would split is refused, the others are created', async () => {
    const opened = await openOn(recorded('08/008'));
    const addresses = ['a b@al.test', 'sales@al.test', 'c,d@al.test'];
    const verdicts = await opened.mailcow.createAliases({ ...sales, addresses });
    expect(verdicts.map(({ kind }) => kind)).toEqual(['refused', 'done', 'refused']);
    expect(sent(opened)[0]?.[1]).toMatchObject({ address: 'sales@al.test' });
  });

  test.each([
    ['goto_empty', []],
    ['goto_invalid', ['a b@x.test']],
  ])('a goto that mailcow would ignore or split is refused: %s', async (word, goto) => {
    const opened = await openOn(success('alias_modified'));
    const refused = { kind: 'refused', words: [expect.objectContaining({ word })] };
    expect(await opened.mailcow.createAliases({ ...sales, goto })).toEqual([refused]);
    expect(await opened.mailcow.editAlias(7, { goto, active: 1 })).toEqual(refused);
    expect(sent(opened)).toEqual([]);
  });

  test('are edited and removed by number', async () => {
    const opened = await openOn((asked) =>
      asked.url.includes('edit') ? recorded('08/049') : recorded('08/048'),
    );
    const edit = {
      goto: ['b@x.test', 'a@x.test'],
      active: 0,
      privateComment: '',
      senderAllowed: false,
      internal: true,
    };
    expect(await opened.mailcow.editAlias(43, edit)).toEqual({ kind: 'done' });
    expect(await opened.mailcow.removeAliases([58, 59])).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    const attr = {
      goto: 'b@x.test,a@x.test',
      active: 0,
      private_comment: '',
      sender_allowed: 0,
      internal: 1,
    };
    expect(sent(opened)).toEqual([
      ['/api/v1/edit/alias', { items: [43], attr }],
      ['/api/v1/delete/alias', [58, 59]],
    ]);
  });

  test('a lost connection makes every one of a call unclear', async () => {
    const { mailcow } = await openOn('drop');
    const added = await mailcow.createAliases({ ...sales, addresses: ['a@x.test', 'b@x.test'] });
    const removed = await mailcow.removeAliases([1, 2, 3]);
    expect([...added, ...removed].map(({ kind }) => kind)).toEqual(Array(5).fill('unclear'));
  });
});

describe('a write that is refused as a whole', () => {
  const calls = (opened: Opened): readonly (() => Promise<unknown>)[] => [
    () => opened.mailcow.createMailbox(anna),
    () => opened.mailcow.editMailbox('a@x.test', { active: 0 }),
    () => opened.mailcow.createAliases(sales),
    () => opened.mailcow.removeAliases([1, 2]),
    () => opened.mailcow.editDomain('x.test', { gal: true }),
    () => opened.mailcow.deleteFilters([1, 2]),
  ];
  const answering = (start: string) => (): Answer => {
    const { status, text } = recording(start).response;
    return { status, text };
  };

  test.each(['02/005', '02/008', '02/011', '02/028'])('%s stops the sync', async (start) => {
    const opened = await openOn(answering(start));
    for (const call of calls(opened)) expect(await failure(call())).toBeInstanceOf(MailcowRefused);
    expect(opened.server.asked).toHaveLength(calls(opened).length);
  });

  test.each([
    ['02/022', 'route not found'],
    ['02/018', 'only POST method is allowed'],
    ['02/014', "Request body doesn't contain valid json!"],
  ])('%s concerns this call only', async (start, word) => {
    const opened = await openOn(answering(start));
    expect(await opened.mailcow.editMailbox('a@x.test', { active: 0 })).toEqual({
      kind: 'refused',
      words: [{ word, args: [] }],
    });
  });

  test('a web server that is no mailcow stops the sync', async () => {
    const opened = await openOn((asked: Asked) => ({ status: 404, text: `<html>${asked.url}</html>` }));
    expect(await failure(opened.mailcow.deleteMailbox('a@x.test'))).toBeInstanceOf(MailcowRefused);
  });
});
