import { openApp, type App } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { describeChange } from '../core/describe.ts';
import { migrateLogins, whyNoProvider, type MigrateOptions, type MigrateReport } from '../sync/migrate.ts';
import { configure, parseOptions, refusePositionals, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import type { Stop } from './stop.ts';

type Print = (line: string) => void;

function targetOf(value: unknown): MigrateOptions['to'] {
  if (value === 'ldap' || value === 'mailcow') return value;
  throw new UsageError('auth migrate takes --to ldap or --to mailcow');
}

/** What the next sync would undo, or mailcow silently not do. Throws UsageError. */
function requireSense(to: MigrateOptions['to'], { auth }: Config): void {
  const isProvider = auth.mode === 'identity-provider';
  if (to === 'ldap' && !isProvider) {
    throw new UsageError('auth migrate --to ldap: set LDAP_MAILCOW_AUTH=identity-provider first');
  }
  if (to === 'mailcow' && isProvider && auth.migrate) {
    throw new UsageError(
      'auth migrate --to mailcow: the next sync would undo it, because LDAP_MAILCOW_AUTH_MIGRATE is true; set it to false first',
    );
  }
}

const people = (count: number): string => (count === 1 ? '1 mailbox' : `${count} mailboxes`);

function printReport(report: MigrateReport, { to, dryRun }: MigrateOptions, print: Print): void {
  const { done, failed, left, skips, forbidden } = report;
  for (const change of done) print(describeChange(change));
  for (const { change, why } of failed) print(`failed: ${describeChange(change)}: ${why}`);
  for (const change of left) print(`${dryRun ? 'would' : 'not begun'}: ${describeChange(change)}`);
  for (const { change, why } of forbidden) print(`not made (${why}): ${describeChange(change)}`);
  for (const { key, reason } of skips) print(`left alone: mailbox ${key} (${reason})`);
  const count = dryRun ? left.length : done.length;
  const verb = dryRun ? 'would log' : 'log';
  if (count === 0) print('Nothing was changed.');
  else if (to === 'ldap') print(`${people(count)} ${verb} in with the directory's password.`);
  else {
    print(
      `${people(count)} ${verb} in with a password of mailcow's own, a random one that nobody knows: these people cannot log in until they get another (in mailcow, or by LDAP_MAILCOW_AUTH=password-hash at the next sync).`,
    );
  }
}

function exitCodeFor(
  { failed, forbidden, left }: MigrateReport,
  options: MigrateOptions,
  stop: Stop,
): number {
  if (options.dryRun) return exitCodes.done;
  if (failed.length > 0) return exitCodes.changesFailed;
  if (left.length > 0) return stop.exitCode();
  return forbidden.length > 0 ? exitCodes.failed : exitCodes.done;
}

async function migrate(app: App, options: MigrateOptions, { print, stop }: Tools): Promise<number> {
  const why = options.to === 'ldap' ? await whyNoProvider(app.context) : undefined;
  if (why !== undefined) {
    print(`Nothing was changed: ${why}.`);
    return exitCodes.failed;
  }
  const report = await migrateLogins(app.context, options);
  printReport(report, options, print);
  return exitCodeFor(report, options, stop);
}

type Tools = { readonly print: Print; readonly stop: Stop };

async function migrateUnderLock(app: App, options: MigrateOptions, tools: Tools): Promise<number> {
  if (options.dryRun) return migrate(app, options, tools);
  const lock = await app.lock();
  if (lock === undefined) {
    tools.print('Another sync has been running for 30 s: nothing was done.');
    return exitCodes.failed;
  }
  try {
    return await migrate(app, options, tools);
  } finally {
    lock.release();
  }
}

/** Changes the logins of the managed mailboxes that are there. */
export const authMigrate: Command = {
  summary: 'how the managed mailboxes log in',
  usage: `ldap-mailcow auth migrate --to ldap|mailcow [--dry-run] [--env FILE]

  --to ldap       managed mailboxes that work log in with the directory's password, by mailcow's identity provider
  --to mailcow    the way back: managed mailboxes log in with a password of mailcow's own. Each gets a long random
                  one, so nobody can log in until they get another
  --dry-run       only say what would be done

Lists, protected addresses and mailboxes with the tag ldap-keep are left alone. Waits for a sync that is running.

Exit code: 0 done, 1 failed, 2 usage or configuration, 4 some mailboxes failed, 130 or 143 cut short by a signal.`,
  run: async ({ args, print, stop }) => {
    const { values, positionals } = parseOptions(args, {
      to: { type: 'string' },
      'dry-run': { type: 'boolean' },
    });
    refusePositionals(positionals);
    const options = { to: targetOf(values['to']), dryRun: values['dry-run'] === true };
    const { loaded, log } = configure(values);
    requireSense(options.to, loaded.config);
    stop.endInOrder(stop.exitCode);
    const { config } = loaded;
    const app = openApp({ config, log, stopping: stop.requested, readOnly: options.dryRun });
    try {
      return await migrateUnderLock(app, options, { print, stop });
    } finally {
      app.close();
    }
  },
};
