/** The two servers of a measurement, the program's settings, and the counters of both servers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  attributesOfGroups,
  attributesOfMembers,
  attributesOfPeople,
  resolveMapping,
} from '../../src/core/mapping.ts';
import { anyGroup } from '../../src/core/mapping.ts';
import { renderEnv, ruleSettings, type EnvSettings } from '../sandbox/env-file.ts';
import { startSlapd, type Slapd } from '../support/slapd.ts';
import type { Stats } from '../support/mailcow/stats.ts';
import { startMailcowProcess } from './processes.ts';
import type { Search, SearchServer } from './processes.ts';
import type { Api } from './writer.ts';

const PAGE_SIZE = 1000;

export type Counts = {
  /** Search requests that slapd answered; each page is one. */
  readonly searches: number;
  readonly reads: number;
  readonly lists: number;
  readonly writes: number;
  /** Calls that are none of these: mailcow's version. */
  readonly others: number;
};

export type BenchWorld = {
  readonly api: Api;
  readonly envFile: string;
  readonly usageFile: string;
  readonly stateFile: string;
  readonly server: SearchServer;
  readonly slapd: Slapd;
  /** Counts what happens while `work` runs. */
  readonly counting: <T>(work: () => Promise<T>) => Promise<{ readonly result: T; readonly counts: Counts }>;
  readonly stop: () => Promise<void>;
};

export type BenchWorldOptions = {
  readonly ldif: string;
  readonly writeLatencyMs: number;
  readonly settings?: EnvSettings;
};

const mapping = resolveMapping(
  {
    mail: 'mail',
    name: ['displayName'],
    aliases: ['proxyAddresses'],
    quota: 'mailQuota',
    disabled: { kind: 'user-account-control' },
  },
  'openldap',
);

const search = (filter: string, attributes: readonly string[]): Search => ({
  filter,
  attributes: [...attributes, 'entryUUID'],
});

/** The same entries that a sync reads, each once. */
export const peopleAndGroups: readonly Search[] = [
  search(ruleSettings['LDAP_FILTER'] ?? '', attributesOfPeople(mapping)),
  search(anyGroup, attributesOfGroups(mapping)),
];

/** Who may be a member of a list beside the people. */
export const externalMembers: Search = search('(mail=*)', attributesOfMembers(mapping));

const searchesOf = async (slapd: Slapd): Promise<number> => {
  const attributes = ['monitorOpInitiated'];
  const shown = await slapd.search({ base: 'cn=Search,cn=Operations,cn=Monitor', attributes });
  return Number(/^monitorOpInitiated: (\d+)$/m.exec(shown)?.[1]);
};

const readStats = async (url: string): Promise<Stats> => {
  const response = await fetch(`${url}/_stats`);
  return (await response.json()) as Stats;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function countsBetween(before: Stats, after: Stats, searches: number): Counts {
  const calls = sum(Object.values(after.calls)) - sum(Object.values(before.calls));
  const reads = after.objects - before.objects;
  const lists = after.lists - before.lists;
  const writes = after.writes - before.writes;
  return { searches, reads, lists, writes, others: calls - reads - lists - writes };
}

/** Starts both servers; `stop` ends them and takes the files away. */
export async function openBenchWorld(options: BenchWorldOptions): Promise<BenchWorld> {
  const { ldif, writeLatencyMs, settings = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ldap-mailcow-bench-'));
  const slapd = await startSlapd({ text: ldif, counts: true });
  const mailcow = await startMailcowProcess(writeLatencyMs);
  const envFile = join(folder, 'bench.env');
  const stateFile = join(folder, 'ldap-mailcow.sqlite3');
  const passwordFile = join(folder, 'password');
  const connection = {
    ...ruleSettings,
    LDAP_URI: slapd.uri,
    LDAP_BASE_DN: slapd.baseDn,
    LDAP_BIND_DN: slapd.bindDn,
    LDAP_BIND_DN_PASSWORD: slapd.bindPassword,
    LDAP_PAGE_SIZE: `${PAGE_SIZE}`,
    API_HOST: mailcow.url,
    API_KEY: mailcow.apiKey,
    DB: stateFile,
    SYNC_INTERVAL: '2',
    AUDIT_INTERVAL: '86400',
  };
  writeFileSync(envFile, renderEnv({ ...connection, ...settings }), { mode: 0o600 });
  writeFileSync(passwordFile, slapd.bindPassword, { mode: 0o600 });
  return {
    api: mailcow,
    envFile,
    usageFile: join(folder, 'usage.json'),
    stateFile,
    slapd,
    server: {
      uri: slapd.uri,
      baseDn: slapd.baseDn,
      bindDn: slapd.bindDn,
      passwordFile,
      pageSize: PAGE_SIZE,
    },
    counting: async (work) => {
      const before = { stats: await readStats(mailcow.url), searches: await searchesOf(slapd) };
      const result = await work();
      // The question itself is a search.
      const searches = (await searchesOf(slapd)) - before.searches - 1;
      return { result, counts: countsBetween(before.stats, await readStats(mailcow.url), searches) };
    },
    stop: async () => {
      await Promise.all([slapd.stop(), mailcow.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
