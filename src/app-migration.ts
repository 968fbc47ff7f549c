/** From the configuration to the migration of everybody's mail; constructs nothing. */
import { pidFileFor } from './app-attend.ts';
import { ConfigError } from './config/error.ts';
import type { Config } from './config/schema.ts';
import { attributesOfTemplates, type MigrationSettings } from './core/migration.ts';
import { isSyncPassword } from './core/sync-job.ts';
import { longestExclude } from './imap/exclude.ts';
import { migrationForm } from './imap/migration.ts';
import { readLoginsFile } from './imap/migration-logins.ts';
import type { SyncContext, SyncSettings } from './sync/settings.ts';

const PASSWORD = 'LDAP_MAILCOW_IMAPSYNC_PASSWORD';

/** What would fail for everybody. */
function problemsOf({ imapsync }: Config, settings: MigrationSettings): readonly string[] {
  const { password, logins } = imapsync;
  const isMissing = password === undefined && logins === undefined;
  const isOdd = password !== undefined && !isSyncPassword(password);
  const { exclude } = settings.form.render(settings, { owner: '', mailbox: '', isDone: false });
  return [
    ...(isMissing ? [`LDAP_MAILCOW_IMAPSYNC_HOST needs ${PASSWORD} or LDAP_MAILCOW_IMAPSYNC_LOGINS`] : []),
    ...(isOdd ? [`${PASSWORD}: mailcow takes one line of at most 255 characters, and not "0"`] : []),
    ...(exclude.length > longestExclude
      ? [`LDAP_MAILCOW_IMAPSYNC_EXCLUDE: mailcow takes no more than ${longestExclude} characters in all`]
      : []),
  ];
}

/** The part of a plan's settings; none without a server. Throws a ConfigError for what would fail for everybody. */
export function migrationPlan(config: Config): Pick<SyncSettings['plan'], 'migration'> {
  const { host, user, port, security, intervalMinutes, exclude } = config.imapsync;
  if (host === undefined) return {};
  const form = migrationForm(pidFileFor(config));
  const migration = { host, login: user, port, security, intervalMinutes, exclude, form };
  const problems = problemsOf(config, migration);
  if (problems.length > 0) throw new ConfigError(problems);
  return { migration };
}

/** What the templates want of entries, beside what the mapping needs. */
export function migrationAttributes({ imapsync: { host, user } }: Config): readonly string[] {
  return host === undefined ? [] : attributesOfTemplates(host, user);
}

/** The passwords there: those of the file, and the one for everybody where that has none. */
export function migrationLogins({ imapsync }: Config): Pick<SyncContext, 'readMigrationLogins'> {
  const { host, logins: path, password } = imapsync;
  if (host === undefined) return {};
  if (path === undefined)
    return { readMigrationLogins: () => ({ kind: 'read', passwordOf: () => password }) };
  return {
    readMigrationLogins: () => {
      const file = readLoginsFile(path);
      if (file.kind === 'unreadable') return file;
      return { ...file, passwordOf: (address) => file.passwordOf(address) ?? password };
    },
  };
}
