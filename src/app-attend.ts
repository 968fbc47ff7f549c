/** From the configuration to mail servers, and to what looking after IMAP sync tasks needs. */
import { parseImapUri, parseLmtpUri } from './config/kinds-imap.ts';
import type { Config } from './config/schema.ts';
import type { AttendParts } from './imap/attend/parts.ts';
import { migrationTaskId } from './imap/migration.ts';
import { pidFileOf } from './imap/pid-file.ts';
import { openMail } from './mail/mail.ts';
import { readMaster, type MasterSource } from './mail/master.ts';
import type { Log } from './ports.ts';
import type { TaskRecords } from './ports-imap.ts';
import type { Mail, MailLogin } from './ports-mail.ts';
import type { SyncJobs } from './ports-mailcow.ts';
import { nextRun } from './schedule/cron.ts';

/** The adapter for mail servers; each call makes a connection of its own. */
function mailOf({ imapsync }: Config): Mail {
  const lmtp = parseLmtpUri(imapsync.lmtp);
  return openMail({ verifyTls: imapsync.tlsVerify, ...(lmtp && { lmtp }) });
}

function masterSource({ imapsync, auth }: Config): MasterSource {
  const { masterUser: user, masterPassword: password } = imapsync;
  if (user !== undefined && password !== undefined) return { kind: 'fixed', user, password };
  return { kind: 'file', path: `${auth.sogoFolder}/sieve.creds` };
}

/** A mailbox of mailcow by its master user, read anew each time. Throws a MailError that says what to do. */
function localLogin(config: Config, mailbox: string): MailLogin {
  const server = parseImapUri(config.imapsync.imap);
  // The configuration was checked when it was read.
  if (server === undefined) throw new Error(`${config.imapsync.imap} is no IMAP server`);
  const master = readMaster(masterSource(config));
  return { ...server, user: master.userFor(mailbox), password: master.password };
}

/** The file by which a run of a task can be stopped; undefined: no folder is configured for it. */
export function pidFileFor({ imapsync }: Config): AttendParts['pidFile'] {
  const { runFolder } = imapsync;
  return (task) => (runFolder === undefined ? undefined : pidFileOf(runFolder, task));
}

/** What looking after tasks needs. */
export function attendParts(
  config: Config,
  given: {
    readonly jobs: SyncJobs;
    readonly records: TaskRecords;
    readonly log: Log;
    /** Of this program's marks, where its migration is looked after. */
    readonly owner?: string;
  },
): AttendParts {
  const { jobs, records, log, owner } = given;
  return {
    jobs,
    records,
    log,
    mail: mailOf(config),
    now: () => new Date(),
    nextRun,
    localLogin: (mailbox) => localLogin(config, mailbox),
    pidFile: pidFileFor(config),
    ...(owner !== undefined && { migration: migrationTaskId(owner) }),
  };
}
