import { describe, expect, test } from '@jest/globals';
import { MailcowMalformed, MailcowRefused } from '../../src/mailcow/errors.ts';
import { failure, openOn } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const recorded = (start: string): Answer => {
  const { response } = recording(start);
  return {
    status: response.status,
    text: response.text,
    headers: { 'Content-Type': response.contentType },
  };
};
const json = (start: string): Record<string, unknown> =>
  JSON.parse(recording(start).response.text) as Record<string, unknown>;
const rows = (start: string): Record<string, unknown>[] =>
  JSON.parse(recording(start).response.text) as Record<string, unknown>[];

describe('lists', () => {
  test('domains come with their quotas in MiB, whatever the type of the number', async () => {
    const { mailcow } = await openOn(recorded('13/013'));
    const domains = await mailcow.listDomains();
    expect(domains).toContainEqual({
      name: 'al.test',
      description: 'al.test',
      active: 1,
      defaultQuotaMiB: 10,
      maxMailboxQuotaMiB: 50,
      quotaMiB: 5000,
      quotaUsedMiB: 4,
      mailboxes: 4,
      maxMailboxes: 40,
      aliases: 14,
      maxAliases: 40,
      gal: true,
    });
  });

  test('alias domains come with the domain that they are another name of', async () => {
    const { mailcow, server } = await openOn(recorded('03/037'));
    expect(await mailcow.listAliasDomains()).toEqual([{ name: 'ad.test', target: 'example.test' }]);
    expect(server.asked.map(({ url }) => url)).toEqual(['/api/v1/get/alias-domain/all']);
    expect(await (await openOn(recorded('01/017'))).mailcow.listAliasDomains()).toEqual([]);
  });

  test('mailboxes are read from the reduced list', async () => {
    const { mailcow, server } = await openOn(recorded('04/009'));
    const { mailboxes, halfDeleted } = await mailcow.listMailboxes();
    expect(server.asked.map(({ url }) => url)).toEqual(['/api/v1/get/mailbox/reduced']);
    expect(halfDeleted).toBe(0);
    expect(mailboxes).toContainEqual({
      address: 'full.user@mb.test',
      name: 'Full User',
      quotaMiB: 200,
      active: 1,
      authSource: 'mailcow',
      tlsEnforceIn: true,
      tlsEnforceOut: true,
      tags: ['ldap', 'x'],
      passwordChanged: expect.stringMatching(/^2026-/),
    });
    expect(mailboxes.find(({ address }) => address === 'min@mb.test')?.tags).toEqual([]);
  });

  test('aliases have one spelling: lower case, gotos sorted and each once, comments never null', async () => {
    const alias = { ...rows('08/009')[0], address: 'UPPER@al.test', goto: 'B@x.test, a@x.test,b@x.test,' };
    const { mailcow } = await openOn({ json: [alias, ...rows('08/009')] });
    const [odd, , sales] = await mailcow.listAliases();
    expect(odd).toEqual({
      id: 42,
      address: 'upper@al.test',
      goto: ['a@x.test', 'b@x.test'],
      active: 0,
      privateComment: '',
      internal: false,
      sogoVisible: false,
      senderAllowed: false,
    });
    expect(sales).toMatchObject({
      id: 43,
      goto: ['anna@al.test', 'bert@al.test'],
      privateComment: 'ldap-sync:uuid=1234',
      sogoVisible: true,
      senderAllowed: true,
    });
  });

  test('an empty list, which mailcow writes as {}, is empty', async () => {
    const { mailcow } = await openOn({ json: {} });
    expect(await mailcow.listDomains()).toEqual([]);
    expect(await mailcow.listAliases()).toEqual([]);
    expect(await mailcow.listMailboxes()).toEqual({ mailboxes: [], halfDeleted: 0 });
  });

  test('a list of one million characters is read whole', async () => {
    const many = Array.from({ length: 3000 }, (_, id) => ({ ...rows('08/009')[0], id: id + 1 }));
    const { mailcow } = await openOn({ json: many });
    expect(await mailcow.listAliases()).toHaveLength(3000);
  });

  test('half-deleted mailboxes are counted, not dropped', async () => {
    const { mailcow } = await openOn({ json: [json('14/001'), ...rows('04/009'), json('13/018')] });
    const { mailboxes, halfDeleted } = await mailcow.listMailboxes();
    expect(mailboxes).toHaveLength(rows('04/009').length);
    expect(halfDeleted).toBe(2);
  });

  test('numbers as text, a quota beside the MiB and absent attributes are understood', async () => {
    const row = { ...rows('04/009')[0], quota: '1572865', active: '2', attributes: {}, tags: ['b', 'a'] };
    const { mailcow } = await openOn({ json: [{ ...row, name: null, authsource: 'ldap' }] });
    expect((await mailcow.listMailboxes()).mailboxes).toEqual([
      {
        address: 'full.user@mb.test',
        name: '',
        quotaMiB: 2,
        active: 2,
        authSource: 'ldap',
        tlsEnforceIn: false,
        tlsEnforceOut: false,
        tags: ['a', 'b'],
      },
    ]);
  });

  test.each([
    ['a mailbox without a quota', 'listMailboxes', [{ ...rows('04/009')[0], quota: undefined }]],
    ['a mailbox with only its address null', 'listMailboxes', [{ ...rows('04/009')[0], username: null }]],
    ['a mailbox with a negative quota', 'listMailboxes', [{ ...rows('04/009')[0], quota: -1 }]],
    ['an alias without an id', 'listAliases', [{ ...rows('08/009')[0], id: null }]],
    ['an alias with a list as goto', 'listAliases', [{ ...rows('08/009')[0], goto: ['a@x.test'] }]],
    ['a row that is null', 'listAliases', [null]],
    ['a domain without limits', 'listDomains', [{ domain_name: 'x.test' }]],
    ['an object where a list belongs', 'listAliases', rows('08/009')[0]],
    ['a text', 'listDomains', 'x'],
    ['an error told with status 200', 'listAliases', { type: 'error', msg: 'something' }],
  ] as const)('%s fails the whole read', async (_name, method, reply) => {
    const { mailcow } = await openOn({ json: reply });
    const error = await failure(mailcow[method]());
    expect(error).toBeInstanceOf(MailcowMalformed);
    expect(error.message).toMatch(/^GET get\/(mailbox|alias|domain)\/(all|reduced): /);
  });

  test("mailcow's own complaint is passed on", async () => {
    const danger = { type: 'danger', log: ['SECRET'], msg: 'access_denied' };
    for (const json of [danger, [danger], { type: 'error', msg: 'access_denied' }]) {
      const { mailcow } = await openOn({ json });
      expect((await failure(mailcow.listAliases())).message).toBe(
        'GET get/alias/all: the reply does not look like mailcow\'s: mailcow says "access_denied"',
      );
    }
  });

  test('a row that does not fit is named by its place, without its values', async () => {
    const row = { ...rows('08/009')[0], goto: 5, private_comment: 'PRIVATE' };
    const { mailcow } = await openOn({ json: [...rows('08/009'), row] });
    const error = await failure(mailcow.listAliases());
    expect(error.message).toContain(`${rows('08/009').length}.goto`);
    expect(error.message).not.toContain('PRIVATE');
  });
});

describe('one object', () => {
  test('what is missing is undefined', async () => {
    const { mailcow } = await openOn({ json: {} });
    expect(await mailcow.readDomain('x.test')).toBeUndefined();
    expect(await mailcow.readMailbox('a@x.test')).toBeUndefined();
    expect(await mailcow.readAlias({ address: 'a@x.test' })).toBeUndefined();
    expect(await mailcow.readAlias({ id: 7 })).toBeUndefined();
  });

  test('the version is read', async () => {
    const { mailcow } = await openOn(recorded('01/001'));
    expect(await mailcow.readVersion()).toBe('2026-07a');
  });

  test('the object of a path is encoded twice', async () => {
    const { mailcow, server } = await openOn({ json: {} });
    await mailcow.readMailbox('a+b@mb.test');
    await mailcow.readMailbox('a&b%c#d?@mb.test');
    await mailcow.readAlias({ address: "o'b+c@mb.test" });
    expect(server.asked.map(({ url }) => url)).toEqual([
      '/api/v1/get/mailbox/a%252Bb%2540mb.test',
      '/api/v1/get/mailbox/a%2526b%2525c%2523d%253F%2540mb.test',
      "/api/v1/get/alias/o'b%252Bc%2540mb.test",
    ]);
  });

  test('a mailbox is found whatever the case', async () => {
    const { mailcow } = await openOn(recorded('04/006'));
    expect(await mailcow.readMailbox('FULL.User@MB.test')).toMatchObject({ address: 'full.user@mb.test' });
  });

  test('names are as they were entered: mailcow does not escape them in reads', async () => {
    const { mailcow } = await openOn(recorded('04/053'));
    expect(await mailcow.readMailbox('html@mb.test')).toMatchObject({ name: 'b>"Bob" & Söhne</b' });
    const literal = { ...json('04/053'), name: 'R&amp;D' };
    const other = await openOn({ json: literal });
    expect(await other.mailcow.readMailbox('html@mb.test')).toMatchObject({ name: 'R&amp;D' });
  });

  test.each([['14/001'], ['13/018']])('the object of nulls in %s is half-deleted', async (start) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.readMailbox('m0001946@perf.test')).toBe('half-deleted');
  });

  test('a mailbox with a slash is looked up in the list of its domain', async () => {
    const row = { ...rows('04/009')[0], username: 'a/b@mb.test' };
    const { mailcow, server } = await openOn({ json: [...rows('04/009'), row] });
    expect(await mailcow.readMailbox('A/b@mb.test')).toMatchObject({ address: 'a/b@mb.test' });
    expect(await mailcow.readMailbox('c/d@mb.test')).toBeUndefined();
    expect(server.asked.map(({ url }) => url)).toEqual([
      '/api/v1/get/mailbox/reduced/mb.test',
      '/api/v1/get/mailbox/reduced/mb.test',
    ]);
  });

  test('an alias with a slash is looked up in the list of its domain', async () => {
    const { mailcow, server } = await openOn({ json: [{ ...rows('08/009')[0], address: 'a/b@al.test' }] });
    expect(await mailcow.readAlias({ address: 'a/b@al.test' })).toMatchObject({ id: 42 });
    expect(server.asked.map(({ url }) => url)).toEqual(['/api/v1/get/alias/all/al.test']);
  });

  test('a catch-all is an alias like another', async () => {
    const { mailcow } = await openOn(recorded('08/035'));
    expect(await mailcow.readAlias({ address: '@al.test' })).toMatchObject({ id: 52 });
  });

  test('an address that begins with digits does not yield the alias of that id', async () => {
    const wrong = json('08/066');
    const right = { ...wrong, id: 77, address: '50zzz@al.test' };
    const answer =
      (list: unknown) =>
      ({ url }: { url: string }) => ({
        json: url.includes('/all/') ? list : wrong,
      });
    const without = await openOn(answer([wrong]));
    expect(await without.mailcow.readAlias({ address: '50zzz@al.test' })).toBeUndefined();
    const beside = await openOn(answer([wrong, right]));
    expect(await beside.mailcow.readAlias({ address: '50ZZZ@al.test' })).toMatchObject({ id: 77 });
  });

  test('an alias read by id is the one of that id or none', async () => {
    const { mailcow, server } = await openOn(recorded('08/011'));
    expect(await mailcow.readAlias({ id: 43 })).toMatchObject({ address: 'sales@al.test' });
    expect(await mailcow.readAlias({ id: 44 })).toBeUndefined();
    expect(server.asked[0]?.url).toBe('/api/v1/get/alias/43');
  });

  test('an alias domain is not taken for its target', async () => {
    const { mailcow } = await openOn(recorded('03/038'));
    expect(await mailcow.readDomain('ad.test')).toBeUndefined();
    expect(await mailcow.readDomain('EXAMPLE.test')).toMatchObject({ name: 'example.test' });
  });

  test('another mailbox than the one asked for is none', async () => {
    const { mailcow } = await openOn(recorded('04/006'));
    expect(await mailcow.readMailbox('other@mb.test')).toBeUndefined();
  });
});

describe('refusals', () => {
  test('the address that mailcow saw is printed with what to do about it', async () => {
    const { mailcow, server } = await openOn(recorded('02/008'));
    const error = await failure(mailcow.listDomains());
    expect(error).toBeInstanceOf(MailcowRefused);
    expect(error).toMatchObject({ status: 401, seenAddress: '203.0.113.9' });
    expect(error.message).toBe(
      'GET get/domain/all: mailcow refuses the API access (401, "api access denied for ip 203.0.113.9"): ' +
        'it saw the address 203.0.113.9. In mailcow, System → Configuration → Access → API, ' +
        'add 203.0.113.9 to "Allow API access from"',
    );
    expect(server.asked).toHaveLength(1);
  });

  test.each([
    ['02/005', 'the API key is wrong'],
    ['02/011', 'read-only'],
    ['02/028', 'in front of mailcow'],
    ['01/021', 'answered 404, "route not found"'],
    ['02/019', 'answered 405, "only GET method is allowed"'],
  ])('%s is refused at once: %s', async (start, words) => {
    const { mailcow, server } = await openOn(recorded(start));
    const error = await failure(mailcow.listDomains());
    expect(error).toBeInstanceOf(MailcowRefused);
    expect(error.message).toContain(words);
    expect(server.asked).toHaveLength(1);
  });

  test('a redirect is not followed but told', async () => {
    const headers = { Location: 'https://mail.example.test/api/v1/get/domain/all' };
    const { mailcow } = await openOn({ status: 301, headers });
    const error = await failure(mailcow.listDomains());
    expect(error).toBeInstanceOf(MailcowRefused);
    expect(error.message).toContain(
      'a redirect (301) to https://mail.example.test: set LDAP_MAILCOW_API_HOST',
    );
  });

  test('another program than mailcow is told apart', async () => {
    const { mailcow } = await openOn({ status: 404, text: '<html>nginx</html>' });
    expect((await failure(mailcow.listDomains())).message).toContain('is LDAP_MAILCOW_API_HOST a mailcow?');
    const page = await openOn({ text: '<!DOCTYPE html><html>hello</html>' });
    const error = await failure(page.mailcow.listDomains());
    expect(error).toBeInstanceOf(MailcowMalformed);
    expect(error.message).toContain('the reply is an HTML page: is LDAP_MAILCOW_API_HOST a mailcow?');
  });

  test('an empty reply says that the key may be missing', async () => {
    const { mailcow } = await openOn(recorded('02/001'));
    const error = await failure(mailcow.listDomains());
    expect(error).toBeInstanceOf(MailcowMalformed);
    expect(error.message).toContain('the API key is missing or blank');
  });
});
