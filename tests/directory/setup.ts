/** What most tests of the adapter say to it. */
import { openDirectory } from '../../src/directory/directory.ts';
import { openSession } from '../../src/directory/session.ts';
import type { DirectoryOptions } from '../../src/directory/options.ts';
import type { Reading } from '../../src/core/model.ts';
import { startScriptedLdap, type Script, type ScriptedLdap } from '../support/scripted-ldap.ts';
import type { Slapd } from '../support/slapd.ts';

export const plain: DirectoryOptions = {
  uris: [],
  bindDn: 'cn=sync,dc=example,dc=test',
  bindPassword: 'secret-of-sync',
  startTls: false,
  tls: { verify: true },
  baseDn: 'dc=example,dc=test',
  scope: 'sub',
  readGroups: false,
  mapping: {},
  dialect: 'openldap',
  pageSize: 500,
  timeoutMs: 5000,
  connectTimeoutMs: 5000,
};

/** The service bind of a real slapd with AD-like entries. */
export function optionsFor(slapd: Slapd, changes: Partial<DirectoryOptions> = {}): DirectoryOptions {
  return {
    ...plain,
    uris: [slapd.uri],
    baseDn: slapd.baseDn,
    bindDn: slapd.bindDn,
    bindPassword: slapd.bindPassword,
    dialect: 'auto',
    readGroups: true,
    userFilter: '(&(objectClass=user)(objectCategory=person))',
    groupFilter: '(&(objectClass=group)(mail=*))',
    mapping: {
      name: ['displayName'],
      aliases: ['proxyAddresses'],
      quota: 'mailQuota',
      disabled: { kind: 'user-account-control' },
    },
    ...changes,
  };
}

export const readDirectory = (options: DirectoryOptions): Promise<Reading> => openDirectory(options).read();

/** What a reading throws; a reading that succeeds is a mistake of the test. */
export async function refusalOf(options: DirectoryOptions): Promise<Error> {
  try {
    const session = await openSession(options);
    session.connection.close();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the directory let us in');
}

/** Runs with a scripted server that is closed afterwards. */
export async function withScript<T>(script: Script, run: (server: ScriptedLdap) => Promise<T>): Promise<T> {
  const server = await startScriptedLdap(script);
  try {
    return await run(server);
  } finally {
    await server.close();
  }
}

export type ScriptedReading = { readonly reading: Reading; readonly server: ScriptedLdap };

export const readScript = (
  script: Script,
  changes: Partial<DirectoryOptions> = {},
): Promise<ScriptedReading> =>
  withScript(script, async (server) => ({
    reading: await readDirectory({ ...plain, uris: [server.uri], ...changes }),
    server,
  }));

/** A person of a scripted server: the id is made from the number. */
export const person = (number: number): readonly [string, Readonly<Record<string, readonly string[]>>] => [
  `cn=${number},dc=example,dc=test`,
  { entryUUID: [`uuid-${number}`], mail: [`${number}@example.test`] },
];

export const idsOf = (reading: Reading): readonly string[] => reading.people.map(({ id }) => id);
