import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DomainEdit, Mailcow, NewDomain } from '../../src/ports-mailcow.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { openAt, openOn } from './opened.ts';
import type { Opened } from './opened.ts';
import { recording } from './recordings.ts';
import type { Answer } from './scripted.ts';

const domain: NewDomain = {
  name: 'new.test',
  description: 'New ldap-mailcow:owner:id-1',
  mailboxes: 10,
  aliases: 400,
  defaultQuotaMiB: 1024,
  maxMailboxQuotaMiB: 10_240,
  quotaMiB: 20_480,
  gal: true,
  restartSogo: false,
};
const done = { kind: 'done' };
const refused = (word: string, ...args: readonly string[]): object => ({
  kind: 'refused',
  words: [{ word, args }],
});
const recorded = (start: string): Answer => ({ text: recording(start).response.text });
const said = (...entries: readonly (readonly [string, unknown])[]): Answer => ({
  json: entries.map(([type, msg]) => ({ type, log: [], msg })),
});

function sent({ server }: Opened): readonly (readonly [string, unknown])[] {
  return server.asked.map(({ url, body }) => [url, JSON.parse(body)] as const);
}

describe('a new domain', () => {
  test('is created active with its quotas in MiB; its DKIM key is left to mailcow', async () => {
    const opened = await openOn(recorded('03/006'));
    expect(await opened.mailcow.createDomain({ ...domain, gal: false })).toEqual(done);
    expect(sent(opened)).toEqual([
      [
        '/api/v1/add/domain',
        {
          domain: 'new.test',
          description: 'New ldap-mailcow:owner:id-1',
          mailboxes: 10,
          aliases: 400,
          defquota: 1024,
          maxquota: 10_240,
          quota: 20_480,
          gal: 0,
          active: 1,
          restart_sogo: 0,
        },
      ],
    ]);
  });

  test('restarts SOGo when it is told to', async () => {
    const opened = await openOn(recorded('03/018'));
    expect(await opened.mailcow.createDomain({ ...domain, restartSogo: true })).toEqual(done);
    expect(sent(opened)[0]?.[1]).toMatchObject({ restart_sogo: 1 });
  });

  test.each([
    ['03/004', 'domain_exists', ['example.test']],
    ['03/039', 'domain_exists', ['ad.test']],
    ['03/009', 'domain_invalid', []],
    ['03/011', 'domain_cannot_match_hostname', []],
    ['03/013', 'mailbox_defquota_exceeds_mailbox_maxquota', []],
    ['03/014', 'mailbox_quota_exceeds_domain_quota', []],
    ['03/015', 'defquota_empty', []],
  ])('%s is refused with %s', async (start, word, args) => {
    const { mailcow } = await openOn(recorded(start));
    expect(await mailcow.createDomain(domain)).toEqual(refused(word, ...args));
  });

  test.each([
    ['SOGo that did not restart', said(['warning', 'domain_added_sogo_failed'])],
    ['a key that failed', said(['danger', 'dkim_domain_or_sel_invalid'], ['success', ['domain_added', 'x']])],
    ['a database that failed', said(['success', 'SQLSTATE[40001]: Deadlock found'])],
    ['an empty reply', recorded('03/029')],
    ['a lost connection', 'drop' as const],
  ])('is unclear and sent once after %s: it may be there', async (_what, answer) => {
    const opened = await openOn(answer);
    expect((await opened.mailcow.createDomain(domain)).kind).toBe('unclear');
    expect(opened.server.asked).toHaveLength(1);
  });

  test('a warning in place of the success is told', async () => {
    const { mailcow } = await openOn(said(['warning', 'domain_added_sogo_failed']));
    expect(await mailcow.createDomain(domain)).toEqual({
      kind: 'unclear',
      why: 'the reply does not say domain_added, but domain_added_sogo_failed',
    });
  });

  test.each([
    ['a name that mailcow would rewrite', { name: 'münchen.test' }, 'domain_invalid', ['münchen.test']],
    ['a name with a blank', { name: ' new.test' }, 'domain_invalid', [' new.test']],
    ['a description that mailcow would replace', { description: '' }, 'description_empty', []],
    ['a description that PHP takes for empty', { description: '0' }, 'description_empty', []],
    ['a description that is too long', { description: 'ü'.repeat(256) }, 'description_too_long', []],
  ])('is not sent with %s', async (_what, fields, word, args) => {
    const opened = await openOn(recorded('03/006'));
    expect(await opened.mailcow.createDomain({ ...domain, ...fields })).toEqual(refused(word, ...args));
    expect(opened.server.asked).toEqual([]);
  });
});

describe('an edit of a domain', () => {
  test('sends the given fields only', async () => {
    const opened = await openOn(recorded('03/021'));
    const { mailcow } = opened;
    const all: Required<DomainEdit> = {
      description: 'd',
      mailboxes: 20,
      aliases: 500,
      defaultQuotaMiB: 512,
      maxMailboxQuotaMiB: 1024,
      quotaMiB: 2048,
      gal: true,
    };
    for (const edit of [all, { mailboxes: 0 }, { gal: false }]) {
      expect(await mailcow.editDomain('full.test', edit)).toEqual(done);
    }
    const words = { description: 'd', mailboxes: 20, aliases: 500 };
    const quotas = { defquota: 512, maxquota: 1024, quota: 2048 };
    expect(sent(opened)).toEqual(
      [{ ...words, ...quotas, gal: 1 }, { mailboxes: 0 }, { gal: 0 }].map((attr) => [
        '/api/v1/edit/domain',
        { items: ['full.test'], attr },
      ]),
    );
  });

  test('is not sent when there is nothing to change: it would cost mailcow seconds', async () => {
    const opened = await openOn(recorded('03/026'));
    expect(await opened.mailcow.editDomain('full.test', {})).toEqual(done);
    expect(opened.server.asked).toEqual([]);
  });

  test.each<[DomainEdit, string]>([
    [{ description: '' }, 'description_empty'],
    [{ description: '0' }, 'description_empty'],
    [{ description: 'x'.repeat(256), gal: true }, 'description_too_long'],
    [{ aliases: 0, mailboxes: 3 }, 'aliases_empty'],
    [{ quotaMiB: 0 }, 'quota_empty'],
    [{ maxMailboxQuotaMiB: 0 }, 'maxquota_empty'],
    [{ defaultQuotaMiB: 0 }, 'defquota_empty'],
  ])('%j, which mailcow would ignore or choke on, is refused: %s', async (edit, word) => {
    const opened = await openOn(recorded('03/025'));
    expect(await opened.mailcow.editDomain('full.test', edit)).toEqual(refused(word));
    expect(opened.server.asked).toEqual([]);
  });
});

describe('the end of a domain', () => {
  test.each([
    ['07/019', done],
    ['07/016', refused('domain_not_empty', 'mb.test')],
    ['13/023', refused('domain_not_empty', 'res.test')],
    ['07/015', { kind: 'unclear' }],
  ])('%s is judged', async (start, verdict) => {
    const opened = await openOn(recorded(start));
    expect(await opened.mailcow.deleteDomain('a.test')).toMatchObject(verdict);
    expect(sent(opened)).toEqual([['/api/v1/delete/domain', ['a.test']]]);
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
  beforeEach(async () => {
    world.standIn = await startMailcow();
    world.mailcow = openAt(world.standIn.url, { apiKey: world.standIn.apiKey });
  });
  afterEach(async () => {
    await world.standIn?.close();
  });

  const addMailbox = async (address: string, quotaMiB: number): Promise<void> => {
    const mailbox = { address, name: 'x', quotaMiB, active: 1, tags: [] };
    expect(await mailcow().createMailbox(mailbox)).toEqual(done);
  };
  const addAliases = async (...addresses: readonly string[]): Promise<void> => {
    const flags = { active: 1, internal: false, sogoVisible: true, senderAllowed: true };
    const aliases = { ...flags, addresses, goto: ['x@else.test'], privateComment: '' };
    const results = await mailcow().createAliases(aliases);
    expect(results.map(({ kind }) => kind)).toEqual(addresses.map(() => 'done'));
  };

  test('a domain lives its life, read back after each step', async () => {
    const read = (): Promise<unknown> => mailcow().readDomain('new.test');
    expect(await mailcow().createDomain(domain)).toEqual(done);
    expect(standIn().store.tables.dkim.has('new.test')).toBe(true);
    const created = {
      name: 'new.test',
      description: domain.description,
      active: 1,
      defaultQuotaMiB: 1024,
      maxMailboxQuotaMiB: 10_240,
      quotaMiB: 20_480,
      quotaUsedMiB: 0,
      mailboxes: 0,
      maxMailboxes: 10,
      aliases: 0,
      maxAliases: 400,
      gal: true,
    };
    expect(await read()).toEqual(created);
    const edit = { mailboxes: 0, defaultQuotaMiB: 1, quotaMiB: 10_240, gal: false, description: 'd' };
    expect(await mailcow().editDomain('new.test', edit)).toEqual(done);
    const { mailboxes: maxMailboxes, ...others } = edit;
    expect(await read()).toEqual({ ...created, ...others, maxMailboxes });
    await addAliases('a@new.test');
    expect(await mailcow().deleteDomain('new.test')).toEqual(done);
    expect(await read()).toBeUndefined();
    expect(await mailcow().listAliases()).toEqual([]);
    expect(await mailcow().deleteDomain('new.test')).toEqual(done);
  });

  test('a domain that comes again finds its old DKIM key', async () => {
    await mailcow().createDomain(domain);
    await mailcow().deleteDomain('new.test');
    expect(await mailcow().createDomain({ ...domain, restartSogo: true })).toEqual(done);
  });

  test.each<[string, Partial<NewDomain>]>([
    ['domain_exists', { name: 'example.test' }],
    ['domain_invalid', { name: 'in_valid.test' }],
    ['domain_cannot_match_hostname', { name: 'mail.mailcow.test' }],
    ['mailbox_defquota_exceeds_mailbox_maxquota', { defaultQuotaMiB: 10_241 }],
    ['mailbox_quota_exceeds_domain_quota', { quotaMiB: 10_239 }],
    ['defquota_empty', { defaultQuotaMiB: 0 }],
  ])('%s refuses a new domain', async (word, fields) => {
    const before = JSON.stringify(standIn().store.snapshot());
    expect(await mailcow().createDomain({ ...domain, ...fields })).toMatchObject({ words: [{ word }] });
    expect(JSON.stringify(standIn().store.snapshot())).toBe(before);
  });

  test.each<[string, readonly string[], DomainEdit]>([
    ['mailboxes_in_use', ['2'], { mailboxes: 1 }],
    ['aliases_in_use', ['2'], { aliases: 1 }],
    ['max_quota_in_use', ['600'], { maxMailboxQuotaMiB: 599, defaultQuotaMiB: 1 }],
    ['domain_quota_m_in_use', ['1000'], { quotaMiB: 999, maxMailboxQuotaMiB: 600, defaultQuotaMiB: 1 }],
    ['mailbox_defquota_exceeds_mailbox_maxquota', [], { maxMailboxQuotaMiB: 1000 }],
    ['mailbox_quota_exceeds_domain_quota', [], { quotaMiB: 10_000 }],
  ])('%s refuses an edit as a whole', async (word, args, edit) => {
    await mailcow().createDomain(domain);
    await addMailbox('a@new.test', 600);
    await addMailbox('b@new.test', 400);
    await addAliases('c@new.test', 'd@new.test');
    const before = await mailcow().readDomain('new.test');
    expect(await mailcow().editDomain('new.test', { ...edit, description: 'other' })).toEqual(
      refused(word, ...args),
    );
    expect(await mailcow().readDomain('new.test')).toEqual(before);
  });

  test('domain_invalid refuses what is not there, domain_not_empty what is in use', async () => {
    expect(await mailcow().editDomain('missing.test', { gal: false })).toEqual(refused('domain_invalid'));
    expect(await mailcow().deleteDomain('bad domain')).toEqual(refused('domain_invalid'));
    await addMailbox('a@example.test', 1);
    expect(await mailcow().deleteDomain('example.test')).toEqual(refused('domain_not_empty', 'example.test'));
    expect(await mailcow().readDomain('example.test')).toMatchObject({ mailboxes: 1 });
  });

  test.each(['add/domain', 'edit/domain', 'delete/domain'])(
    'an empty reply to %s is unclear, and what was done is there when read',
    async (route) => {
      standIn().fault({ route, times: 1, mode: 'empty', done: true });
      const call = {
        'add/domain': () => mailcow().createDomain(domain),
        'edit/domain': () => mailcow().editDomain('other.test', { gal: false }),
        'delete/domain': () => mailcow().deleteDomain('other.test'),
      }[route];
      expect((await call?.())?.kind).toBe('unclear');
      const names = (await mailcow().listDomains()).map(({ name, gal }) => `${name} ${gal}`).sort();
      expect(names).toEqual(
        {
          'add/domain': ['example.test true', 'new.test true', 'other.test true'],
          'edit/domain': ['example.test true', 'other.test false'],
          'delete/domain': ['example.test true'],
        }[route],
      );
      expect(standIn().stats().writes).toBe(1);
    },
  );
});
