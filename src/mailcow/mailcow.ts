/** mailcow's REST API behind the port `Mailcow`. */
import type { Mailcow, SyncJobs } from '../ports-mailcow.ts';
import { openClient } from './client.ts';
import type { MailcowOptions } from './options.ts';
import { providerOf } from './provider.ts';
import { readsOf } from './reads.ts';
import { templateFinder } from './templates.ts';
import { aliasWrites } from './writes-alias.ts';
import { domainWrites } from './writes-domain.ts';
import { filterWrites } from './writes-filter.ts';
import { mailboxWrites } from './writes-mailbox.ts';
import { syncJobsOf } from './writes-syncjob.ts';

/**
 * Opens mailcow; no call is made yet. Throws only for a `baseUrl` that is no URL or a CA file that cannot be
 * read. Besides what the port says, a write throws MailcowUnreachable when no connection could be made:
 * nothing was done, and the next would not get through either.
 */
export function openMailcow(options: MailcowOptions): Mailcow & SyncJobs & { close(): void } {
  const client = openClient(options);
  return {
    ...readsOf(client),
    ...mailboxWrites(client, templateFinder(client)),
    ...aliasWrites(client),
    ...domainWrites(client),
    ...filterWrites(client),
    ...syncJobsOf(client),
    ...providerOf(client),
    close: client.close,
  };
}
