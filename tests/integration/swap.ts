/** A small company on whatever an older tool left: its environment, its file, its objects in mailcow. */
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from '@jest/globals';
import type { Ended } from '../sandbox/program.ts';
import { startProgram } from '../sandbox/program.ts';
import { startMailcowSide } from '../sandbox/servers.ts';
import type { JsonObject } from '../support/mailcow/json.ts';
import type { MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { roomyDomain, type StartState } from '../support/mailcow/start-state.ts';
import type { Environment, Place } from '../support/predecessor-environments.ts';
import { startSlapd, type Slapd, type SlapdOptions } from '../support/slapd.ts';

const root = resolve('.');
const apiKey = 'K3Y0FM-A1LC0W-THAT1S-N0T5H0-WN9999';

type Someone = {
  readonly account: string;
  readonly name: string;
  readonly disabled?: boolean;
  readonly aliases?: readonly string[];
};

const someone = ({ account, name, disabled = false, aliases = [] }: Someone): string =>
  [
    `dn: cn=${name},dc=example,dc=test`,
    'objectClass: inetOrgPerson',
    'objectClass: user',
    'objectCategory: person',
    `cn: ${name}`,
    `sn: ${name}`,
    `displayName: ${name} (${account})`,
    `sAMAccountName: ${account}`,
    `userPrincipalName: ${account}@example.test`,
    `mail: ${name.toLowerCase().replace(' ', '.')}@example.test`,
    'userPassword: {SSHA}n9X7AiBVgcZqUkeUBugNakPwKCpzYWx0c2FsdA==',
    `userAccountControl: ${disabled ? '514' : '512'}`,
    ...aliases.map((alias) => `proxyAddresses: smtp:${alias}`),
  ].join('\n');

/** Three people, one of them disabled, a contact outside, and a group with an address. */
export const company = [
  'dn: dc=example,dc=test\nobjectClass: domain\ndc: example',
  someone({ account: 'anna', name: 'Anna Berger', aliases: ['boss@example.test'] }),
  someone({ account: 'bert', name: 'Bert Conrad', disabled: true, aliases: ['b.conrad@example.test'] }),
  someone({ account: 'cora', name: 'Cora Dorn' }),
  'dn: cn=Carl,dc=example,dc=test\nobjectClass: inetOrgPerson\ncn: Carl\nsn: Carl\nmail: carl@outside.invalid',
  'dn: cn=Office,dc=example,dc=test\nobjectClass: group\ncn: Office\nmail: office@example.test\nmember: cn=Anna Berger,dc=example,dc=test\nmember: cn=Cora Dorn,dc=example,dc=test\nmember: cn=Carl,dc=example,dc=test',
].join('\n\n');

const password = { password: 'Left-By-The-0ld-Tool', password2: 'Left-By-The-0ld-Tool' };

/** What a tool sends to make a mailbox; `more` is what it says beside name and password. */
export const oldMailbox = (address: string, name: string, more: JsonObject = {}): JsonObject => {
  const [local_part = '', domain = ''] = address.split('@');
  return { local_part, domain, name, active: 1, ...password, ...more };
};

/** What LazyGatto sends to make an alias: without sender_allowed, which mailcow takes for 0. */
export const oldAlias = (address: string, goto: string, active = true): JsonObject => ({
  active,
  address,
  goto,
  sogo_visible: true,
});

export type Swap = {
  readonly slapd: Slapd;
  readonly mailcow: MailcowStandIn;
  /** Of the state file. */
  readonly db: string;
  readonly folder: string;
  readonly place: Place;
  /** Runs the program with the older tool's environment, to its end. */
  run(...args: readonly string[]): Promise<Ended>;
  /** `sync`, which must do everything it sets out to do. */
  syncWell(): Promise<string>;
};

export type SwapOptions = {
  readonly environment: (place: Place) => Environment;
  /** Default domains: example.test. */
  readonly state: StartState;
  /** Default: the small company. */
  readonly directory?: SlapdOptions;
  /** Writes what the tool left beside. */
  readonly leave: (swap: Pick<Swap, 'db' | 'folder'>) => void;
};

const quoted = (value: string): string => (value.includes("'") ? `"${value}"` : `'${value}'`);

/** For a test alone: where the file is, and that readings count without a wait. */
const ofTheTest = (db: string): Environment => ({ LDAP_MAILCOW_DB: db, LDAP_MAILCOW_GRACE_SPACING: '0' });

/** Swaps the image, and nothing else. */
export async function withSwap(options: SwapOptions, play: (swap: Swap) => Promise<void>): Promise<void> {
  if (!existsSync(join(root, 'dist/main.js'))) throw new Error('The program is not built: npm run build');
  const slapd = await startSlapd(options.directory ?? { text: company });
  const state = { domains: [roomyDomain('example.test')], ...options.state };
  const side = await startMailcowSide({}, { apiKey, state }).catch(async (error: unknown) => {
    await slapd.stop();
    throw error;
  });
  try {
    const { mailcow, folder } = side;
    const db = join(folder, 'ldap-mailcow.sqlite3');
    const { uri, baseDn, bindDn, bindPassword } = slapd;
    const place = { uri, baseDn, bindDn, bindPassword, apiHost: mailcow.url, apiKey };
    options.leave({ db, folder });
    const envFile = join(folder, 'old.env');
    const env = { ...options.environment(place), ...ofTheTest(db) };
    const lines = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}\n`);
    writeFileSync(envFile, lines.join(''), { mode: 0o600 });
    const run = (...args: readonly string[]): Promise<Ended> =>
      startProgram({ root, args: [...args, '--env', envFile] }).ended;
    const syncWell = async (): Promise<string> => {
      const { code, stderr } = await run('sync');
      expect({ code, log: code === 0 ? '' : stderr }).toEqual({ code: 0, log: '' });
      return stderr;
    };
    await play({ slapd, mailcow, db, folder, place, run, syncWell });
  } finally {
    await Promise.all([slapd.stop(), side.stop()]);
  }
}

type Planned = { readonly kind: string; readonly resource: string; readonly key: string };
type PlanJson = {
  readonly changes: readonly Planned[];
  readonly held: readonly unknown[];
  readonly findings: readonly unknown[];
};

/** The plan must be nothing but these adoptions, without a finding; then they are made, and all is at rest. */
export async function expectAdoptions(
  swap: Swap,
  expected: {
    readonly mailboxes: readonly string[];
    readonly aliases?: readonly string[];
    /** Routes of what follows once the objects are ours. */
    readonly later?: readonly string[];
  },
): Promise<void> {
  const { code, stdout } = await swap.run('plan', '--json');
  const { changes, held, findings } = JSON.parse(stdout) as PlanJson;
  const all = [
    ...expected.mailboxes.map((key) => `adopt mailbox ${key}`),
    ...(expected.aliases ?? []).map((key) => `adopt alias ${key}`),
  ];
  expect(changes.map(({ kind, resource, key }) => `${kind} ${resource} ${key}`).sort()).toEqual(all.sort());
  expect({ code, held, findings }).toEqual({ code: 0, held: [], findings: [] });
  await swap.syncWell();
  const written = swap.mailcow.writes.length;
  await swap.syncWell();
  const { later = [] } = expected;
  expect(swap.mailcow.writes.slice(written).map(({ route }) => route)).toEqual(later);
  await swap.syncWell();
  expect(swap.mailcow.writes).toHaveLength(written + later.length);
}

/** Enables or disables somebody in the directory. */
export const accountControl = (name: string, value: '512' | '514'): string =>
  `dn: cn=${name},dc=example,dc=test\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: ${value}\n-\n`;
