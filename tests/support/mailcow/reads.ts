/** The get routes. */
import type { Call } from './call.ts';
import type { Json, JsonObject } from './json.ts';
import { isLegacy } from './store.ts';
import type { Store } from './store.ts';
import { aliasDetails, findAlias, listAliases } from './alias-read.ts';
import type { Answer } from './answer.ts';
import { pretty } from './answer.ts';
import { listAppPasswords } from './app-password.ts';
import { listAliasDomains, listResources, listTemplates } from './domain-more.ts';
import { domainDetails, findDomain, listDomains } from './domain-read.ts';
import { listFilters } from './filter.ts';
import { identityProvider } from './identity-provider.ts';
import { mailboxDetails, reducedDetails, selectMailboxes } from './mailbox-read.ts';
import { listSyncJobs } from './syncjob.ts';

export type ApiLogEntry = {
  readonly time: number;
  readonly uri: string;
  readonly method: string;
  readonly remote: string;
  readonly data: string;
};

/** What reads look at; the log has the newest call first. */
export type Readable = { readonly store: Store; readonly apiLog: readonly ApiLogEntry[] };

type Read = (from: Readable, call: Call) => Answer;

const reads: Readonly<Record<string, Read>> = {
  status: ({ store }, call) => pretty(statusOf(call.object, store)),
  domain: readDomain,
  mailbox: readMailbox,
  alias: readAlias,
  filters: ({ store }, { object }) => pretty(listFilters(store, object === 'all' ? undefined : object)),
  syncjobs: ({ store }, call) => pretty(listSyncJobs(store, call)),
  'app-passwd': ({ store }, { extra }) => pretty(listAppPasswords(store, extra)),
  passwordpolicy: ({ store }) => pretty(Object.fromEntries(store.policy)),
  'identity-provider': ({ store }) => pretty(identityProvider(store)),
  'alias-domain': ({ store }) => pretty(listAliasDomains(store)),
  resource: ({ store }) => pretty(listResources(store)),
  logs: ({ apiLog }, { object, extra }) =>
    pretty(object === 'api' ? apiLog.slice(0, Number.parseInt(extra, 10) || 100) : []),
  'rl-domain': ({ store }, { object }) => pretty(store.rateLimits.get(object) ?? null),
  'rl-mbox': readMailboxLimits,
  'last-login': () => pretty({ ui: false, sasl: [] }),
};

/** The answer of a get route; undefined when mailcow has no such route. */
export function read(from: Readable, call: Call): Answer | undefined {
  if (call.category === 'identity-provider' && isLegacy(from.store)) return undefined;
  return reads[call.category]?.(from, call);
}

function statusOf(what: string, { version }: Store): Json {
  if (what === 'version') return { version };
  return what === 'containers' ? containers() : null;
}

const services = ['mysql', 'redis', 'dovecot', 'postfix', 'sogo', 'rspamd', 'netfilter', 'php-fpm', 'nginx'];

function containers(): JsonObject {
  const entries = services.map((service) => {
    const name = `${service}-mailcow`;
    const image = `ghcr.io/mailcow/${name}`;
    const started = { state: 'running', started_at: '2026-08-05T00:00:00Z' };
    return [name, { type: 'info', container: name, ...started, image }] as const;
  });
  return Object.fromEntries(entries);
}

function readDomain({ store }: Readable, { object, tags }: Call): Answer {
  if (object === 'all') return pretty(listDomains(store, tags));
  if (object === 'template') return pretty(listTemplates(store, 'domain'));
  const row = findDomain(store, object);
  return pretty(row ? domainDetails(store, row) : null);
}

function readMailbox({ store }: Readable, call: Call): Answer {
  const { object, extra, tags } = call;
  if (object === 'template') return pretty(listTemplates(store, 'mailbox'));
  const selected = { ...(extra !== '' && { domains: extra.split(',') }), ...(tags && { tags }) };
  if (object === 'all')
    return pretty(selectMailboxes(store, selected).map((row) => mailboxDetails(store, row)));
  if (object === 'reduced')
    return pretty(selectMailboxes(store, selected).map((row) => reducedDetails(store, row)));
  if (tags) {
    const rows = selectMailboxes(store, { domains: [object], tags });
    return pretty(
      rows.map((row) => mailboxDetails(store, row)),
      '[]',
    );
  }
  const row = store.mailboxes.get(object);
  return pretty(row ? mailboxDetails(store, row, { as: object }) : null);
}

function readAlias({ store }: Readable, { object, extra }: Call): Answer {
  if (object === 'all') return pretty(listAliases(store, extra === '' ? undefined : extra.split(',')));
  const row = findAlias(store, object);
  return pretty(row ? aliasDetails(row) : null);
}

function readMailboxLimits({ store }: Readable, { object }: Call): Answer {
  if (object !== 'all') return pretty(store.rateLimits.get(object) ?? null);
  const rows = store.mailboxes.all().flatMap((row) => {
    const limit = store.rateLimits.get(row.username);
    return limit ? [{ mailbox: row.username, ...limit }] : [];
  });
  return pretty(rows);
}
