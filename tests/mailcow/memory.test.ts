/** The mailcow in memory says and does what the adapter on the stand-in says and does. */
import { afterEach, expect, test } from '@jest/globals';
import type { LdapProvider } from '../../src/core/identity-provider.ts';
import type { Mailcow, NewDomain, NewFilter, WriteResult } from '../../src/ports-mailcow.ts';
import { startMailcow } from '../support/mailcow/stand-in.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { openMemoryMailcow } from '../support/memory-mailcow.ts';
import { openAt } from './opened.ts';

const started: MailcowStandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.close()));
});

const home: NewDomain = {
  name: 'new.test',
  description: 'new',
  mailboxes: 2,
  aliases: 2,
  defaultQuotaMiB: 1,
  maxMailboxQuotaMiB: 100,
  quotaMiB: 200,
  gal: true,
  restartSogo: true,
};
const filter: NewFilter = {
  username: 'a@new.test',
  description: 'd',
  script: 'keep;',
  kind: 'prefilter',
  active: true,
};
const alias = {
  addresses: ['c@new.test', 'd@new.test'],
  goto: ['x@else.test'],
  active: 1,
  privateComment: '',
  internal: false,
  sogoVisible: true,
  senderAllowed: true,
};

/** Word, without what mailcow puts behind it. */
const spoken = (result: WriteResult): string =>
  result.kind === 'refused' ? result.words.map(({ word }) => word).join() : result.kind;

/** Everything that can be told of one of them, ids as their rank. */
async function picture(mailcow: Mailcow): Promise<unknown> {
  const domains = [...(await mailcow.listDomains())].filter(({ name }) => name === 'new.test');
  const filters = [...(await mailcow.listFilters())].sort((a, b) => a.id - b.id);
  const mine = await mailcow.listFilters('b@new.test');
  const ranked = filters.map((one, rank) => ({ ...one, id: rank }));
  return { domains, ranked, mine: mine.length, aliases: (await mailcow.listAliases()).length };
}

async function play(mailcow: Mailcow): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const step = async (call: Promise<WriteResult | readonly WriteResult[]>): Promise<void> => {
    const results = [await call].flat();
    seen.push(results.map(spoken), await picture(mailcow));
  };
  const filterId = async (): Promise<number> => (await mailcow.listFilters('a@new.test'))[0]?.id ?? 0;

  await step(mailcow.createDomain({ ...home, description: '' }));
  await step(mailcow.createDomain({ ...home, defaultQuotaMiB: 101 }));
  await step(mailcow.createDomain({ ...home, defaultQuotaMiB: 0 }));
  await step(mailcow.createDomain({ ...home, quotaMiB: 99 }));
  await step(mailcow.createDomain(home));
  await step(mailcow.createDomain(home));
  for (const address of ['a@new.test', 'b@new.test']) {
    await step(mailcow.createMailbox({ address, name: 'n', quotaMiB: 60, active: 1, tags: [] }));
  }
  await step(mailcow.createAliases(alias));
  await step(mailcow.editDomain('missing.test', { gal: false }));
  await step(mailcow.editDomain('new.test', {}));
  await step(mailcow.editDomain('new.test', { mailboxes: 1 }));
  await step(mailcow.editDomain('new.test', { aliases: 1 }));
  await step(mailcow.editDomain('new.test', { aliases: 0 }));
  await step(mailcow.editDomain('new.test', { quotaMiB: 0 }));
  await step(mailcow.editDomain('new.test', { maxMailboxQuotaMiB: 0 }));
  await step(mailcow.editDomain('new.test', { maxMailboxQuotaMiB: 59 }));
  await step(mailcow.editDomain('new.test', { maxMailboxQuotaMiB: 60, quotaMiB: 119 }));
  await step(mailcow.editDomain('new.test', { description: 'x'.repeat(256) }));
  await step(mailcow.editDomain('new.test', { description: 'x', gal: false, mailboxes: 3 }));

  await step(mailcow.createFilter({ ...filter, username: 'ghost@new.test' }));
  await step(mailcow.createFilter({ ...filter, script: '' }));
  await step(mailcow.createFilter({ ...filter, description: '' }));
  await step(mailcow.createFilter({ ...filter, script: '#'.repeat(65_536) }));
  await step(mailcow.createFilter(filter));
  await step(mailcow.createFilter({ ...filter, script: 'stop;' }));
  await step(mailcow.createFilter({ ...filter, kind: 'postfilter' }));
  await step(mailcow.createFilter({ ...filter, username: 'b@new.test' }));
  await step(mailcow.editFilter(await filterId(), {}));
  await step(mailcow.editFilter(await filterId(), { active: true, description: 'e' }));
  await step(mailcow.editFilter(await filterId(), { script: 'discard;' }));
  await step(mailcow.editFilter(await filterId(), { description: '' }));
  await step(mailcow.editFilter(999_999, { active: false }));
  await step(mailcow.deleteFilters([await filterId(), 999_999]));
  await step(mailcow.renameMailbox({ from: 'b@new.test', to: 'e@new.test', keepAlias: false }));
  await step(mailcow.deleteMailbox('e@new.test'));
  await step(mailcow.deleteDomain('new.test'));
  await step(mailcow.deleteMailbox('a@new.test'));
  await step(mailcow.deleteDomain('new.test'));
  await step(mailcow.deleteDomain('new.test'));
  return seen;
}

test('domains and filters go the same way in memory as on the stand-in', async () => {
  const standIn = await startMailcow();
  started.push(standIn);
  const memory = openMemoryMailcow();
  const told = await play(memory);
  expect(told).toEqual(await play(openAt(standIn.url, { apiKey: standIn.apiKey })));
  expect(memory.sogoRestarts()).toBe(1);
  expect(memory.written.map(({ what }) => what)).toContain('reactivate filter a@new.test');
});

test('logins go the same way in memory as on the stand-in', async () => {
  const standIn = await startMailcow();
  started.push(standIn);
  const provider: LdapProvider = {
    hosts: ['dc1.new.test'],
    port: 636,
    ssl: true,
    startTls: false,
    ignoreSslError: false,
    baseDn: 'dc=new',
    bindDn: 'cn=x',
    bindPassword: 'p',
    usernameField: 'mail',
    filter: '(cn=*)',
    attributeField: 'mail',
    mappers: 'none',
    periodicSync: false,
    importUsers: false,
    loginProvisioning: false,
    defaultTemplate: '',
  };
  const box = { name: 'n', quotaMiB: 1, active: 1, tags: [] };
  const playLogins = async (mailcow: Mailcow): Promise<readonly unknown[]> => {
    const seen: unknown[] = [];
    const step = async (call: Promise<WriteResult>): Promise<void> => {
      const result = spoken(await call);
      const { mailboxes } = await mailcow.listMailboxes();
      seen.push([result, mailboxes.map(({ address, authSource }) => `${address} ${authSource}`).sort()]);
    };
    await step(mailcow.createMailbox({ ...box, address: 'a@example.test', authSource: 'ldap' }));
    await step(mailcow.createMailbox({ ...box, address: 'b@example.test' }));
    await step(mailcow.editMailbox('b@example.test', { authSource: 'ldap' }));
    seen.push(await mailcow.readIdentityProvider());
    await step(mailcow.testIdentityProvider(provider));
    await step(mailcow.editIdentityProvider(provider));
    seen.push(await mailcow.readIdentityProvider());
    await step(mailcow.createMailbox({ ...box, address: 'a@example.test', authSource: 'ldap' }));
    await step(mailcow.editMailbox('b@example.test', { authSource: 'ldap' }));
    await step(mailcow.editMailbox('b@example.test', { password: 'random' }));
    await step(mailcow.editMailbox('b@example.test', { authSource: 'mailcow' }));
    await step(mailcow.editMailbox('b@example.test', { password: { hash: '{SSHA}eHg=' } }));
    return seen;
  };
  const memory = openMemoryMailcow();
  const told = await playLogins(memory);
  expect(told).toEqual(await playLogins(openAt(standIn.url, { apiKey: standIn.apiKey })));
  expect(memory.logins.passwords.get('b@example.test')).toEqual({ hash: '{SSHA}eHg=' });
});
