/** The command imapsync between the mailcow stand-in and a real Dovecot, which is the other server and mailcow's own. */
import { expect } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskInput } from '../imap/builders.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import type { SyncJobRow } from '../support/mailcow/rows.ts';
import { envFile, run, temporaryFolder, type Printed } from './program.ts';

export const password = String(taskInput['remotepassword']);
const masterPassword = 'master-never-shown-0815';
export const people = ['anna@example.test', 'bert@example.test', 'anna@other.test'];
export const which = { localuser: 'anna@example.test', task_id: 'a0241w' };

export type ImapsyncWorld = {
  readonly standIn: MailcowStandIn;
  readonly mail: MailServer;
  readonly folder: string;
  readonly env: string;
  /** Settings over the usual ones. */
  envWith(settings: Readonly<Record<string, string>>): string;
  /** The action with its input in a file; no password is in what it prints. */
  imapsync(action: string, input?: object, ...words: readonly string[]): Promise<Printed>;
  create(fields?: object, ...words: readonly string[]): Promise<Printed>;
  rows(): readonly SyncJobRow[];
  /** Changes every job, as mailcow's engine or somebody in its interface does. */
  change(fields: Partial<SyncJobRow>): void;
  tasks(): Promise<readonly object[]>;
  close(): Promise<void>;
};

async function addMailbox({ url, apiKey }: MailcowStandIn, address: string): Promise<void> {
  const [local_part, domain] = address.split('@');
  const secret = { password: 'x-Y-z-1234', password2: 'x-Y-z-1234' };
  await fetch(`${url}/api/v1/add/mailbox`, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ local_part, domain, name: address, quota: 10, active: 1, ...secret }),
  });
}

const loginsThere = ['anna', 'anna2', 'ANNA'];

export async function startWorld(): Promise<ImapsyncWorld> {
  const folder = temporaryFolder();
  const standIn = await startMailcow();
  for (const address of people) await addMailbox(standIn, address);
  const users = Object.fromEntries([
    ...loginsThere.map((user) => [user, password]),
    ...people.map((user) => [user, 'nobody-logs-in-so']),
  ]) as Readonly<Record<string, string>>;
  const master = { user: 'abc@mailcow.local', password: masterPassword };
  const mail = await startMailServer({ users, master });
  mkdirSync(join(folder.path, 'sogo'));
  writeFileSync(join(folder.path, 'sogo', 'sieve.creds'), `${master.user}:${master.password}\n`);
  const settings = {
    LDAP_URI: 'ldap://127.0.0.1:1',
    LDAP_BASE_DN: 'dc=example,dc=test',
    LDAP_BIND_DN: 'cn=reader',
    LDAP_BIND_DN_PASSWORD: 'bind-password',
    API_HOST: standIn.url,
    API_KEY: standIn.apiKey,
    LOG_LEVEL: 'debug',
    DB: join(folder.path, 'ldap-mailcow.sqlite'),
    CONF_SOGO: join(folder.path, 'sogo'),
    IMAPSYNC_IMAP_URI: `imaps://127.0.0.1:${mail.imapsPort}`,
    IMAPSYNC_LMTP_URI: `lmtp://127.0.0.1:${mail.lmtpPort}`,
  };
  const envWith = (more: Readonly<Record<string, string>>): string =>
    envFile(folder.path, { ...settings, ...more });
  const env = envWith({});
  const table = standIn.store.tables.syncJobs;
  const imapsync: ImapsyncWorld['imapsync'] = async (action, input, ...words) => {
    const file = join(folder.path, 'input.json');
    writeFileSync(file, JSON.stringify(input ?? {}));
    const where = words.includes('--env') ? [] : ['--env', env];
    const printed = await run('imapsync', action, ...words, '--data', `@${file}`, ...where);
    expect(printed.out + printed.err).not.toContain(password);
    expect(printed.out + printed.err).not.toContain(masterPassword);
    return printed;
  };
  const there = { remotehostname: '127.0.0.1', remoteport: mail.imapsPort };
  return {
    standIn,
    mail,
    folder: folder.path,
    env,
    envWith,
    imapsync,
    create: (fields = {}, ...words) =>
      imapsync('create-task', { ...taskInput, ...there, ...fields }, ...words),
    rows: () => [...table.values()],
    change: (fields) => {
      for (const row of table.values()) table.set(row.id, { ...row, ...fields });
    },
    tasks: async () => {
      const { out } = await imapsync('list-tasks');
      return (JSON.parse(out) as { user_properties: readonly object[] }).user_properties;
    },
    close: async () => {
      await mail.close();
      await standIn.close();
      folder.remove();
    },
  };
}

/** What a refused action printed. */
export function refusalOf(printed: Printed, code = 1): unknown {
  expect(printed.code).toBe(code);
  return JSON.parse(printed.out);
}
