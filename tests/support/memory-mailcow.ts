/**
 * mailcow behind the port, in memory and without HTTP: for tests that need thousands of syncs. The stand-in of
 * tests/support/mailcow is the one that tells the truth; this one keeps to its rules as far as a sync sees them.
 */
import { domainOf } from '../../src/core/address.ts';
import type { Alias, AliasDomain, Domain, Mailbox, SieveFilter } from '../../src/core/model.ts';
import type {
  AliasResult,
  FilterResult,
  Mailcow,
  MailcowWithJobs,
  SyncJobResult,
  WriteResult,
} from '../../src/ports-mailcow.ts';
import { domain } from './builders.ts';
import { domainWrites } from './memory-domains.ts';
import { filterWrites, followMailbox } from './memory-filters.ts';
import { moveSyncJobs, shownSyncJob, syncJobWrites } from './memory-sync-jobs.ts';
import { boxesIn, counted, knownAuthSource, refused, write } from './memory-world.ts';
import type { MemoryWorld as World, StoredSyncJob, Written } from './memory-world.ts';

export type MemoryMailcow = MailcowWithJobs & {
  readonly domains: Map<string, Domain>;
  readonly mailboxes: Map<string, Mailbox>;
  /** By id, as the filters. */
  readonly aliases: Map<number, Alias>;
  readonly filters: Map<number, SieveFilter>;
  readonly syncJobs: Map<number, StoredSyncJob>;
  /** Reads of the sync jobs of one mailbox, or of all (`*`), since the start. */
  readonly jobReads: string[];
  /** How many mails there are in a mailbox; not there: none. */
  readonly messages: Map<string, number>;
  readonly written: Written[];
  readonly lists: () => number;
  readonly sogoRestarts: () => number;
  /** Decides over the next writes: an answer instead, or after the write was carried out (`late`). */
  intercept: ((call: string) => Interception | undefined) | undefined;
  /** The identity provider and whether it can be reached, to be set by a test; passwords as they were set last. */
  readonly logins: Pick<World, 'provider' | 'canBind' | 'passwords'>;
};

export type Interception = { readonly answer: WriteResult | Error; readonly late?: boolean };

const aliasAt = (world: World, address: string): Alias | undefined =>
  [...world.aliases.values()].find((one) => one.address === address);

function whyNoMailbox(world: World, address: string): string | undefined {
  const home = world.domains.get(domainOf(address));
  if (home === undefined) return 'access_denied';
  if (world.mailboxes.has(address)) return 'object_exists';
  if (aliasAt(world, address) !== undefined) return 'is_alias';
  return boxesIn(world, home.name).length >= home.maxMailboxes ? 'max_mailbox_exceeded' : undefined;
}

/** No two moments are equal. */
const nextMoment = (world: World): string => `2026-01-01 00:00:00.${(world.nextId += 1)}`;

const activity = (before: number, after: number): string =>
  after === before ? 'update' : after === 1 ? 'reactivate' : 'deactivate';

function putAlias(world: World, one: Omit<Alias, 'id'>): number {
  const id = (world.nextId += 1);
  world.aliases.set(id, { ...one, id });
  return id;
}

function rename(world: World, change: { from: string; to: string; keepAlias: boolean }): WriteResult {
  const { from, to, keepAlias } = change;
  const box = world.mailboxes.get(from);
  if (box === undefined || box.active === 0 || domainOf(from) !== domainOf(to))
    return refused('access_denied');
  if (world.mailboxes.has(to) || aliasAt(world, to) !== undefined) return refused('mailbox_invalid');
  world.mailboxes.delete(from);
  world.mailboxes.set(to, { ...box, address: to });
  for (const one of world.aliases.values()) {
    if (one.goto.length === 1 && one.goto[0] === from) world.aliases.set(one.id, { ...one, goto: [to] });
  }
  const left = { address: from, goto: [to], active: 1, privateComment: 'renamed', senderAllowed: false };
  if (keepAlias) putAlias(world, { ...left, internal: false, sogoVisible: true });
  followMailbox(world, from, to);
  moveSyncJobs(world, from, to);
  return write(world, 'rename mailbox', { key: from, was: box });
}

function remove(world: World, address: string): WriteResult {
  const was = world.mailboxes.get(address);
  if (!world.mailboxes.delete(address)) return refused('access_denied');
  followMailbox(world, address);
  moveSyncJobs(world, address);
  for (const one of [...world.aliases.values()]) {
    const goto = one.goto.filter((target) => target !== address);
    if (goto.length === 0) world.aliases.delete(one.id);
    else world.aliases.set(one.id, { ...one, goto });
  }
  return write(world, 'delete mailbox', { key: address, was });
}

function mailboxWrites(world: World) {
  const edit = (address: string, fields: Partial<Mailbox>, tags: readonly string[] = []): WriteResult => {
    const box = world.mailboxes.get(address);
    if (box === undefined) return refused('access_denied');
    const next = { ...box, ...fields, tags: [...new Set([...box.tags, ...tags])] };
    world.mailboxes.set(address, next);
    return write(world, `${activity(box.active, next.active)} mailbox`, { key: address, was: box });
  };
  return {
    createMailbox: (box: Parameters<Mailcow['createMailbox']>[0]): WriteResult => {
      const why = whyNoMailbox(world, box.address);
      if (why !== undefined) return refused(why);
      const { template: _template, password, authSource: wanted, ...fields } = box;
      const authSource = knownAuthSource(world, wanted);
      // Without a password mailcow takes it for a weak one.
      if (wanted === 'ldap' && authSource !== 'ldap') return refused('password_complexity');
      const rest = { authSource, tlsEnforceIn: false, tlsEnforceOut: false };
      world.mailboxes.set(box.address, { ...fields, ...rest, passwordChanged: nextMoment(world) });
      if (authSource === 'mailcow') world.passwords.set(box.address, password ?? 'random');
      return write(world, 'create mailbox', { key: box.address, was: undefined });
    },
    editMailbox: (address: string, change: Parameters<Mailcow['editMailbox']>[1]): WriteResult => {
      const { addTags = [], password, authSource, ...fields } = change;
      const keeps = password !== undefined && world.mailboxes.get(address)?.authSource === 'mailcow';
      if (keeps) world.passwords.set(address, password);
      const more: Partial<Mailbox> = {
        ...(keeps && { passwordChanged: nextMoment(world) }),
        ...(authSource !== undefined && { authSource: knownAuthSource(world, authSource) }),
      };
      return edit(address, { ...fields, ...more }, addTags);
    },
    editTlsPolicy: (address: string, policy: { in: boolean; out: boolean }): WriteResult =>
      edit(address, { tlsEnforceIn: policy.in, tlsEnforceOut: policy.out }),
    removeMailboxTag: (address: string, tag: string): WriteResult => {
      const box = world.mailboxes.get(address);
      if (box === undefined) return refused('access_denied');
      world.mailboxes.set(address, { ...box, tags: box.tags.filter((one) => one !== tag) });
      return write(world, 'untag mailbox', { key: address, was: box });
    },
    renameMailbox: (change: Parameters<Mailcow['renameMailbox']>[0]): WriteResult => rename(world, change),
    deleteMailbox: (address: string): WriteResult => remove(world, address),
  };
}

function aliasWrites(world: World) {
  return {
    createAliases: (wanted: Parameters<Mailcow['createAliases']>[0]): readonly AliasResult[] => {
      const { addresses, ...fields } = wanted;
      return addresses.map((address) => {
        const taken = world.mailboxes.has(address) || aliasAt(world, address) !== undefined;
        if (taken) return refused('is_alias_or_mailbox');
        if (!world.domains.has(domainOf(address))) return refused('domain_not_found');
        write(world, 'create alias', { key: address, was: undefined });
        return { kind: 'done', id: putAlias(world, { ...fields, address }) };
      });
    },
    editAlias: (id: number, change: Parameters<Mailcow['editAlias']>[1]): WriteResult => {
      const one = world.aliases.get(id);
      if (one === undefined) return refused('alias_invalid');
      const next = { ...one, ...change };
      world.aliases.set(id, next);
      return write(world, `${activity(one.active, next.active)} alias`, { key: one.address, was: one });
    },
    removeAliases: (ids: readonly number[]): readonly WriteResult[] =>
      ids.map((id) => {
        const one = world.aliases.get(id);
        if (one === undefined) return refused('access_denied');
        world.aliases.delete(id);
        return write(world, 'remove alias', { key: one.address, was: one });
      }),
  };
}

/** The arguments of a call as text, for tests that name the call they disturb. */
const textOf = (name: string, args: readonly unknown[]): string => `${name} ${JSON.stringify(args)}`;

/** Creates a mailcow with the domains example.test and other.test, or these. */
export function openMemoryMailcow(
  start: {
    readonly domains?: readonly Domain[];
    readonly mailboxes?: readonly Mailbox[];
    readonly aliases?: readonly Alias[];
    readonly aliasDomains?: readonly AliasDomain[];
    readonly filters?: readonly SieveFilter[];
  } = {},
): MemoryMailcow {
  const domains = start.domains ?? [domain(), domain('other.test')];
  const world: World = {
    domains: new Map(domains.map((one) => [one.name, one])),
    mailboxes: new Map((start.mailboxes ?? []).map((one) => [one.address, one])),
    aliases: new Map((start.aliases ?? []).map((one) => [one.id, one])),
    filters: new Map((start.filters ?? []).map((one) => [one.id, one])),
    syncJobs: new Map(),
    written: [],
    sogoRestarts: 0,
    nextId: 10_000,
    provider: undefined,
    canBind: () => true,
    passwords: new Map(),
  };
  let lists = 0;
  const list = <T>(items: Iterable<T>): Promise<readonly T[]> => {
    lists += 1;
    return Promise.resolve([...items]);
  };
  const boxes = mailboxWrites(world);
  const letters = aliasWrites(world);
  const homes = domainWrites(world);
  const scripts = filterWrites(world);
  const jobs = syncJobWrites(world);
  const jobReads: string[] = [];
  const messages = new Map<string, number>();
  const answer = <T>(call: string, perform: () => T, instead: (result: WriteResult) => T): Promise<T> => {
    const hit = mailcow.intercept?.(call);
    if (hit === undefined) return Promise.resolve(perform());
    if (hit.late === true) perform();
    return hit.answer instanceof Error ? Promise.reject(hit.answer) : Promise.resolve(instead(hit.answer));
  };
  const single = (name: string, args: readonly unknown[], perform: () => WriteResult): Promise<WriteResult> =>
    answer(textOf(name, args), perform, (result) => result);
  const mailcow: MemoryMailcow = {
    domains: world.domains,
    mailboxes: world.mailboxes,
    aliases: world.aliases,
    filters: world.filters,
    syncJobs: world.syncJobs,
    jobReads,
    messages,
    written: world.written,
    intercept: undefined,
    logins: world,
    lists: () => lists,
    sogoRestarts: () => world.sogoRestarts,
    readVersion: () => Promise.resolve('2026-07a'),
    listDomains: () => list([...world.domains.values()].map((one) => counted(world, one))),
    listMailboxes: async () => ({ mailboxes: await list(world.mailboxes.values()), halfDeleted: 0 }),
    listAliases: () => list(world.aliases.values()),
    listAliasDomains: () => list(start.aliasDomains ?? []),
    listFilters: (username) => {
      const all = [...world.filters.values()];
      if (username === undefined) return list(all);
      return Promise.resolve(all.filter((one) => one.username === username.toLowerCase()));
    },
    listSyncJobs: (mailbox) => {
      jobReads.push(mailbox ?? '*');
      const all = [...world.syncJobs.values()].map(shownSyncJob);
      return Promise.resolve(mailbox === undefined ? all : all.filter((job) => job.mailbox === mailbox));
    },
    readSyncLog: () => Promise.resolve(undefined),
    readSyncPassword: ({ id }) => Promise.resolve(world.syncJobs.get(id)?.password),
    readDomain: (name) => {
      const one = world.domains.get(name);
      return Promise.resolve(one && counted(world, one));
    },
    countMessages: (address) =>
      Promise.resolve(world.mailboxes.has(address) ? (messages.get(address) ?? 0) : undefined),
    readMailbox: (address) => Promise.resolve(world.mailboxes.get(address)),
    readAlias: (which) =>
      Promise.resolve('id' in which ? world.aliases.get(which.id) : aliasAt(world, which.address)),
    createMailbox: (box) => single('createMailbox', [box], () => boxes.createMailbox(box)),
    editMailbox: (address, edit) =>
      single('editMailbox', [address, edit], () => boxes.editMailbox(address, edit)),
    editTlsPolicy: (address, policy) =>
      single('editTlsPolicy', [address, policy], () => boxes.editTlsPolicy(address, policy)),
    removeMailboxTag: (address, tag) =>
      single('removeMailboxTag', [address, tag], () => boxes.removeMailboxTag(address, tag)),
    renameMailbox: (change) => single('renameMailbox', [change], () => boxes.renameMailbox(change)),
    deleteMailbox: (address) => single('deleteMailbox', [address], () => boxes.deleteMailbox(address)),
    createAliases: (aliases) =>
      answer(
        textOf('createAliases', [aliases]),
        () => letters.createAliases(aliases),
        (result) => aliases.addresses.map(() => (result.kind === 'done' ? { ...result, id: 0 } : result)),
      ),
    editAlias: (id, edit) => single('editAlias', [id, edit], () => letters.editAlias(id, edit)),
    removeAliases: (ids) =>
      answer(
        textOf('removeAliases', [ids]),
        () => letters.removeAliases(ids),
        (result) => ids.map(() => result),
      ),
    readIdentityProvider: () => Promise.resolve(world.provider),
    testIdentityProvider: (provider) =>
      single('testIdentityProvider', [provider], () =>
        world.canBind(provider) ? { kind: 'done' } : refused('Cannot edit item'),
      ),
    editIdentityProvider: (provider) =>
      single('editIdentityProvider', [provider], () => {
        if (world.provider === 'no-route') return refused('route not found');
        world.provider = { kind: 'ldap', ldap: provider };
        return write(world, 'set provider', { key: 'ldap', was: undefined });
      }),
    createDomain: (one) => single('createDomain', [one], () => homes.createDomain(one)),
    editDomain: (name, edit) => single('editDomain', [name, edit], () => homes.editDomain(name, edit)),
    deleteDomain: (name) => single('deleteDomain', [name], () => homes.deleteDomain(name)),
    createFilter: (filter) =>
      answer<FilterResult>(
        textOf('createFilter', [filter]),
        () => scripts.createFilter(filter),
        (result) => (result.kind === 'done' ? { ...result, id: 0 } : result),
      ),
    editFilter: (id, edit) => single('editFilter', [id, edit], () => scripts.editFilter(id, edit)),
    createSyncJob: (job) =>
      answer<SyncJobResult>(
        textOf('createSyncJob', [job]),
        () => jobs.createSyncJob(job),
        (result) => (result.kind === 'done' ? { ...result, id: 0 } : result),
      ),
    editSyncJob: (id, edit) => single('editSyncJob', [id, edit], () => jobs.editSyncJob(id, edit)),
    deleteSyncJobs: (ids) =>
      answer(
        textOf('deleteSyncJobs', [ids]),
        () => jobs.deleteSyncJobs(ids),
        (result) => ids.map(() => result),
      ),
    deleteFilters: (ids) =>
      answer(
        textOf('deleteFilters', [ids]),
        () => scripts.deleteFilters(ids),
        (result) => ids.map(() => result),
      ),
  };
  return mailcow;
}
