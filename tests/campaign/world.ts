/** One seed's world: a directory, a mailcow, the ways to both, the watcher, and where the program lives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { renderEnv, ruleSettings, type EnvSettings } from '../sandbox/env-file.ts';
import { roomyDomain } from '../support/mailcow/start-state.ts';
import { startMailcow, type MailcowStandIn } from '../support/mailcow/stand-in.ts';
import { ownerName } from './books.ts';
import type { DirectoryServer } from './directory-server.ts';
import { startScriptedDirectory } from './directory-scripted.ts';
import { startSlapdDirectory } from './directory-slapd.ts';
import { startFront, type Front, type FrontCall, type Verdict } from './front.ts';
import { createDice, type Dice } from './random.ts';
import { knownDomains } from './rules.ts';
import { peopledTree, withLists } from './people.ts';
import { baseDn, visibleIn, type Scope, type Tree } from './tree.ts';
import { startWatcher, type Watcher } from './watcher.ts';
import { startWire, type Wire } from './wire.ts';

export type Rules = {
  readonly graceReadings: number;
  readonly spacingSeconds: number;
  readonly protectedAddresses: readonly string[];
  /** Members follow an entry that moves, and go with one that goes. */
  readonly keepsReferences: boolean;
  /** Members that are no people count with their own addresses. */
  readonly externalMembers: boolean;
};

/** What changes in the course of a seed. */
export type Now = {
  tree: Tree;
  scope: Scope;
  /** The account that the program binds with. */
  account: string;
  /** Set when something harms the reading under way. */
  harm: { harmed: boolean; ranges: boolean };
  /** How far the clock on the wall and the uptime are ahead of the real ones. */
  wallMs: number;
  uptimeMs: number;
  /** Its reading counts for nothing. */
  planning: boolean;
  /** What becomes of the next calls to mailcow: set by a step that wants to kill. */
  onArrival: ((call: FrontCall) => Verdict) | undefined;
  onDone: ((call: FrontCall) => void) | undefined;
  onAnswered: ((call: FrontCall) => void) | undefined;
  child: ChildProcess | undefined;
};

export type World = {
  readonly seed: number;
  readonly root: string;
  readonly dice: Dice;
  /** For all that has to do with lists: so the rest of a story stays as it was before there were any. */
  readonly listDice: Dice;
  readonly rules: Rules;
  readonly folder: string;
  readonly db: string;
  readonly now: Now;
  readonly directory: DirectoryServer;
  readonly wire: Wire;
  readonly mailcow: MailcowStandIn;
  readonly front: Front;
  readonly watcher: Watcher;
  /** What happened, line by line. */
  readonly story: string[];
  readonly counts: Map<string, number>;
  readonly tell: (line: string) => void;
  readonly count: (what: string) => void;
  /** Writes the env file for the next sync. */
  readonly writeEnv: () => string;
  readonly close: () => Promise<void>;
};

const hiddenFrom = (account: string): string | undefined => /^no-(\w+)$/.exec(account)?.[1];

const scopeSettings: Readonly<Record<Scope, EnvSettings>> = {
  all: {},
  'one-unit': { LDAP_BASE_DN: `ou=people,${baseDn}` },
  enabled: { LDAP_FILTER: '(&(objectClass=user)(objectCategory=person)(userAccountControl=512))' },
};

function drawRules(dice: Dice, listDice: Dice): Rules {
  return {
    graceReadings: dice.weighted([
      [6, 2],
      [1, 1],
      [1, 3],
    ]),
    spacingSeconds: dice.chance(0.5) ? 0 : 300,
    protectedAddresses: dice.chance(0.5) ? ['a3@example.test', 'a5@other.test'] : [],
    keepsReferences: listDice.chance(0.5),
    externalMembers: listDice.chance(0.3),
  };
}

export type WorldOptions = { readonly seed: number; readonly root: string };

/** Builds the world of a seed; nothing has been synced yet. */
export async function createWorld({ seed, root }: WorldOptions): Promise<World> {
  const dice = createDice(seed);
  const listDice = createDice(seed ^ 0x4c15_7000);
  const rules = drawRules(dice, listDice);
  const tree = withLists(peopledTree(dice), listDice);
  const isScripted = dice.chance(0.35);
  const directory = await (isScripted ? startScriptedDirectory(tree) : startSlapdDirectory(tree));
  const mailcow = await startMailcow({ state: { domains: knownDomains.map(roomyDomain) } });
  const folder = mkdtempSync(join(tmpdir(), 'campaign-'));
  const now: Now = {
    tree,
    scope: 'all',
    account: 'sync',
    harm: { harmed: false, ranges: false },
    wallMs: 0,
    uptimeMs: 0,
    planning: false,
    onArrival: undefined,
    onDone: undefined,
    onAnswered: undefined,
    child: undefined,
  };
  const watcher = startWatcher({
    mailcow,
    graceReadings: rules.graceReadings,
    spacingMs: rules.spacingSeconds * 1000,
    protectedAddresses: rules.protectedAddresses,
    externalMembers: rules.externalMembers,
    moment: () => {
      const { harm } = now;
      return {
        fullTree: now.tree,
        visibleTree: visibleIn(now.tree, now.scope),
        scope: now.scope,
        hidden: hiddenFrom(now.account),
        isHarmed: () => harm.harmed,
        isCutByRanges: () => harm.ranges,
        uptimeMs: performance.now() + now.uptimeMs,
        wallMs: Date.now() + now.wallMs,
      };
    },
  });
  const wire = await startWire({
    port: directory.port,
    onConnect: () => {
      if (!now.planning) watcher.beginReading();
    },
    onCut: () => {
      now.harm.harmed = true;
    },
  });
  const front = await startFront(Number(new URL(mailcow.url).port), {
    onArrival: (call) => {
      if (call.isWrite) watcher.writeArrives(call);
      return now.onArrival?.(call) ?? 'forward';
    },
    onDone: (call) => {
      watcher.writeEnds(call);
      now.onDone?.(call);
    },
    onAnswered: (call) => now.onAnswered?.(call),
  });
  const story: string[] = [];
  const counts = new Map<string, number>();
  const db = join(folder, 'state.sqlite3');
  return {
    seed,
    root,
    dice,
    listDice,
    rules,
    folder,
    db,
    now,
    directory,
    wire,
    mailcow,
    front,
    watcher,
    story,
    counts,
    tell: (line) => void story.push(line),
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    writeEnv: () => {
      const account = directory.accounts[now.account] ?? directory.accounts['sync'];
      const path = join(folder, 'program.env');
      const settings: EnvSettings = {
        ...ruleSettings,
        LDAP_URI: wire.uri,
        LDAP_BASE_DN: baseDn,
        LDAP_BIND_DN: account?.dn ?? '',
        LDAP_BIND_DN_PASSWORD: account?.password ?? '',
        LDAP_DIALECT: 'openldap',
        LDAP_PAGE_SIZE: '7',
        LDAP_TIMEOUT: '2',
        API_HOST: front.url,
        API_KEY: mailcow.apiKey,
        DB: db,
        OWNER: ownerName,
        GRACE_READINGS: String(rules.graceReadings),
        GRACE_SPACING: String(rules.spacingSeconds),
        GROUP_EXTERNAL_MEMBERS: String(rules.externalMembers),
        PROTECTED: rules.protectedAddresses.join(','),
        SYNC_INTERVAL: '1',
        ...scopeSettings[now.scope],
      };
      writeFileSync(path, renderEnv(settings), { mode: 0o600 });
      return path;
    },
    close: async () => {
      now.child?.kill('SIGKILL');
      await Promise.all([wire.close(), front.close()]);
      await Promise.all([directory.stop(), mailcow.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
