/** A real Dovecot on loopback with mail in it: IMAP, IMAPS, LMTP and sieve, in a temporary folder. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeCertificateFor } from './certificates.ts';
import { mailServerCommands, requirePackages } from './debian.ts';
import { mailOwner } from './dovecot-config.ts';
import { startLeashed, type RunningServer } from './leash.ts';
import {
  homeOf,
  renderMailServer,
  renderMaster,
  renderUsers,
  type MailServerConfig,
} from './mail-server-config.ts';
import { listMails, putMails, type ListedMail, type TestMail } from './mail-server-mails.ts';
import { freePort } from './slapd-process.ts';

export type MailServerOptions = Pick<MailServerConfig, 'users' | 'master' | 'capability' | 'extra'> & {
  /** `false`: neither IMAPS nor STARTTLS. */
  readonly tls?: boolean;
  readonly filterSieve?: boolean;
  /** The active personal script by mailbox. */
  readonly sieve?: Readonly<Record<string, string>>;
};

export type MailServer = {
  readonly host: '127.0.0.1';
  /** With STARTTLS where there is TLS. */
  readonly imapPort: number;
  /** 0 without TLS. */
  readonly imapsPort: number;
  readonly lmtpPort: number;
  readonly folder: string;
  /** Puts mails into a folder, which is made when there is none; their UIDs. */
  readonly put: (user: string, folder: string, mails: readonly TestMail[]) => Promise<readonly number[]>;
  /** What is there, by folder and UID; of one folder, or of all. */
  readonly list: (user: string, folder?: string) => Promise<readonly ListedMail[]>;
  /** Sets the active personal script. */
  readonly setSieve: (user: string, script: string) => void;
  /** Another master, as after a restart of mailcow's Dovecot. */
  readonly setMaster: (master: { readonly user: string; readonly password: string }) => void;
  /** Ends it and starts it on the same ports; the mail stays. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly log: () => string;
  readonly close: () => Promise<void>;
};

const owners = (): readonly [number, number] => {
  const [uid = '0', gid = '0'] = mailOwner().split(':');
  return [Number(uid), Number(gid)];
};

function writeSieve(home: string, script: string): void {
  const path = join(home, '.dovecot.sieve');
  mkdirSync(home, { recursive: true });
  chownSync(home, ...owners());
  rmSync(`${path.slice(0, -'.sieve'.length)}.svbin`, { force: true });
  writeFileSync(path, script);
  chownSync(path, ...owners());
}

function prepare(config: MailServerConfig): void {
  const { folder } = config;
  // Dovecot's processes are not root, and have to get through.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'vmail'));
  chmodSync(join(folder, 'vmail'), 0o777);
  writeFileSync(join(folder, 'dovecot.conf'), renderMailServer(config));
  writeFileSync(join(folder, 'users'), renderUsers(config));
  writeFileSync(join(folder, 'dovecot-master.passwd'), renderMaster(config));
  appendFileSync(join(folder, 'dovecot.log'), '');
}

async function plan(options: MailServerOptions): Promise<MailServerConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'mail-server-'));
  const { tls = true, filterSieve = false, users, master, capability, extra } = options;
  const ports = { imap: await freePort(), imaps: tls ? await freePort() : 0, lmtp: await freePort() };
  return {
    folder,
    users,
    ports,
    filterSieve,
    ...(tls && { tls: makeCertificateFor('127.0.0.1', folder) }),
    ...(master && { master }),
    ...(capability !== undefined && { capability }),
    ...(extra !== undefined && { extra }),
    ...(process.getuid?.() !== 0 && { account: userInfo().username }),
  };
}

/** Starts Dovecot; throws with its own words when it does not listen. */
export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  requirePackages(mailServerCommands);
  const config = await plan(options);
  const { folder, ports } = config;
  prepare(config);
  for (const [user, script] of Object.entries(options.sieve ?? {})) writeSieve(homeOf(folder, user), script);
  const log = (): string => readFileSync(join(folder, 'dovecot.log'), 'utf8');
  // Its folder must survive a restart: the leash holds one of its own.
  const start = (): Promise<RunningServer> =>
    startLeashed({
      folder: mkdtempSync(join(tmpdir(), 'mail-server-leash-')),
      program: 'dovecot',
      args: ['-F', '-c', join(folder, 'dovecot.conf')],
      host: '127.0.0.1',
      port: ports.imap,
    }).catch((error: unknown) => {
      const words = log();
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`${String(error)}\n${words}`);
    });
  let running = await start();
  const access = (user: string) => ({ port: ports.imap, user, password: config.users[user] ?? '' });
  return {
    host: '127.0.0.1',
    imapPort: ports.imap,
    imapsPort: ports.imaps,
    lmtpPort: ports.lmtp,
    folder,
    put: (user, mailFolder, mails) => putMails(access(user), mailFolder, mails),
    list: (user, mailFolder) => listMails(access(user), mailFolder),
    setSieve: (user, script) => {
      writeSieve(homeOf(folder, user), script);
    },
    setMaster: (master) => {
      writeFileSync(join(folder, 'dovecot-master.passwd'), renderMaster({ ...config, master }));
    },
    restart: async () => {
      await running.close();
      running = await start();
    },
    stop: () => running.close(),
    log,
    close: async () => {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
