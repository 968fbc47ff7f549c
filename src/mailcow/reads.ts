/** The reads of the port. */
import type { z } from 'zod';
import type { Alias, Domain, SieveFilter } from '../core/model.ts';
import type { Mailcow, MailboxList, MailboxLookup } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { isEmptyObject, parseObject, parseRows } from './parse.ts';
import { isNameable } from './route.ts';
import type { Route } from './route.ts';
import {
  aliasDomainSchema,
  aliasSchema,
  domainSchema,
  filterSchema,
  isRowOfNulls,
  mailboxSchema,
  messagesSchema,
  versionSchema,
} from './schema.ts';

type Reads = Pick<
  Mailcow,
  | 'readVersion'
  | 'listDomains'
  | 'listMailboxes'
  | 'listAliases'
  | 'listAliasDomains'
  | 'listFilters'
  | 'readDomain'
  | 'readMailbox'
  | 'countMessages'
  | 'readAlias'
>;

/** The reading half of the port. Lookups do not mind case. Everything throws MailcowError. */
export function readsOf(client: Client): Reads {
  return {
    readVersion: () => readVersion(client),
    listDomains: () => list(client, { name: 'get/domain/all' }, domainSchema),
    listMailboxes: () => listMailboxes(client, { name: 'get/mailbox/reduced' }),
    listAliases: () => list(client, { name: 'get/alias/all' }, aliasSchema),
    listAliasDomains: () => list(client, { name: 'get/alias-domain/all' }, aliasDomainSchema),
    listFilters: (username) => listFilters(client, username),
    readDomain: (name) => readDomain(client, name),
    readMailbox: (address) => readMailbox(client, address),
    countMessages: (address) => countMessages(client, address),
    readAlias: (which) =>
      'id' in which ? readAliasById(client, which.id) : readAliasByAddress(client, which.address),
  };
}

/** mailcow's version, such as `2026-07a`. */
export async function readVersion(client: Client): Promise<string> {
  const route: Route = { name: 'get/status/version' };
  const { version } = parseObject(route, { schema: versionSchema, json: await client.readJson(route) });
  return version;
}

/** The filters of one mailbox, or all. Throws MailcowError. */
export async function listFilters(client: Client, username?: string): Promise<readonly SieveFilter[]> {
  const wanted = username?.toLowerCase();
  const route: Route =
    wanted !== undefined && isNameable(wanted)
      ? { name: 'get/filters', object: wanted }
      : { name: 'get/filters/all' };
  const filters = await list(client, route, filterSchema);
  return wanted === undefined ? filters : filters.filter((filter) => filter.username === wanted);
}

async function list<Out>(client: Client, route: Route, schema: z.ZodType<Out>): Promise<readonly Out[]> {
  const rows = parseRows(route, await client.readJson(route));
  return rows.map((json, index) => parseObject(route, { schema, json, index }));
}

async function listMailboxes(client: Client, route: Route): Promise<MailboxList> {
  const rows = parseRows(route, await client.readJson(route));
  const mailboxes = rows.flatMap((json, index) =>
    isRowOfNulls(json) ? [] : [parseObject(route, { schema: mailboxSchema, json, index })],
  );
  return { mailboxes, halfDeleted: rows.length - mailboxes.length };
}

/** One object, or undefined for the `{}` of a missing one. */
async function find<Out>(client: Client, route: Route, schema: z.ZodType<Out>): Promise<Out | undefined> {
  const json = await client.readJson(route);
  return isEmptyObject(json) ? undefined : parseObject(route, { schema, json });
}

async function readDomain(client: Client, name: string): Promise<Domain | undefined> {
  const domain = await find(client, { name: 'get/domain', object: name }, domainSchema);
  // For an alias domain mailcow answers with the target domain's object (recording 03/038).
  return domain?.name === name.toLowerCase() ? domain : undefined;
}

async function readMailbox(client: Client, address: string): Promise<MailboxLookup> {
  const wanted = address.toLowerCase();
  if (!isNameable(address)) {
    const { mailboxes } = await listMailboxes(client, {
      name: 'get/mailbox/reduced',
      object: domainOf(wanted),
    });
    return mailboxes.find((mailbox) => mailbox.address === wanted);
  }
  const route: Route = { name: 'get/mailbox', object: address };
  const json = await client.readJson(route);
  if (isEmptyObject(json)) return undefined;
  if (isRowOfNulls(json)) return 'half-deleted';
  const mailbox = parseObject(route, { schema: mailboxSchema, json });
  return mailbox.address === wanted ? mailbox : undefined;
}

async function countMessages(client: Client, address: string): Promise<number | undefined> {
  // An address that cannot be named in a path is never taken for empty.
  if (!isNameable(address)) return undefined;
  const route: Route = { name: 'get/mailbox', object: address };
  const json = await client.readJson(route);
  if (isEmptyObject(json) || isRowOfNulls(json)) return undefined;
  const { username, messages } = parseObject(route, { schema: messagesSchema, json });
  return username === address.toLowerCase() ? messages : undefined;
}

async function readAliasById(client: Client, id: number): Promise<Alias | undefined> {
  const alias = await find(client, { name: 'get/alias', object: String(id) }, aliasSchema);
  return alias?.id === id ? alias : undefined;
}

async function readAliasByAddress(client: Client, address: string): Promise<Alias | undefined> {
  const wanted = address.toLowerCase();
  if (isNameable(address)) {
    const alias = await find(client, { name: 'get/alias', object: address }, aliasSchema);
    if (alias === undefined || alias.address === wanted) return alias;
    // The database took the digits at the start of the address for an id: the one we want may exist besides.
  }
  const route: Route = { name: 'get/alias/all', object: domainOf(wanted) };
  const aliases = await list(client, route, aliasSchema);
  return aliases.find((alias) => alias.address === wanted);
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
