/** A migration as tests want it, and jobs of it. */
import type { MailboxJobs, MigrationSettings } from '../../src/core/migration.ts';
import { migrationForm } from '../../src/imap/migration.ts';
import { at, OWNER } from './builders.ts';

export const migration: MigrationSettings = {
  host: 'imap.old.test',
  login: '{uid}',
  port: 993,
  security: 'ssl',
  exclude: [],
  intervalMinutes: 60,
  form: migrationForm(() => undefined),
};

type Own = NonNullable<MailboxJobs['own']>;

/** The job of a person whose login there is the name, as we made it. */
export function ownJob(name: string, fields: Partial<Own> & { readonly isDone?: boolean } = {}): Own {
  const { isDone = false, ...more } = fields;
  const rendered = migration.form.render(
    { ...migration, login: name },
    { owner: OWNER, mailbox: at(name), isDone },
  );
  return { id: 7, ...rendered, ...more };
}

/** What is remembered of that job: written so, with the password `digest`. */
export function mailboxJobs(
  name: string,
  fields: Partial<MailboxJobs> & { readonly job?: Partial<Own> & { readonly isDone?: boolean } } = {},
): MailboxJobs {
  const { job, ...more } = fields;
  const { id: _id, active: _active, ...written } = ownJob(name);
  return {
    mailbox: at(name),
    own: ownJob(name, job),
    others: [],
    written,
    passwordDigest: 'digest',
    ...more,
  };
}
