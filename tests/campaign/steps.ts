/** The steps of a story: what changes, and which sync meets it. */
import { rmSync } from 'node:fs';
import { approveHolds, declare } from '../../src/sync/holds.ts';
import type { Held } from '../../src/core/change.ts';
import { planSync } from '../../src/sync.ts';
import type { AliasRow, MailboxRow } from '../support/mailcow/rows.ts';
import type { Books } from './books.ts';
import { drawEdit, type Past } from './edits.ts';
import { drawListEdit, keepReferences } from './edits-lists.ts';
import { drawFaults, endFaults } from './faults.ts';
import { useHands } from './hands.ts';
import { useListHands } from './hands-lists.ts';
import { killSync } from './kills.ts';
import { openHere, startChild, syncChild, syncHere } from './program.ts';
import type { Removal } from './scene.ts';
import type { World } from './world.ts';

export type Saved = {
  readonly mailboxes: readonly MailboxRow[];
  readonly aliases: readonly AliasRow[];
  readonly books: Books;
};

/** What a story keeps from step to step. */
export type Plot = { readonly past: Past; saved: Saved | undefined; isVague: boolean };

const DAY_MS = 86_400_000;

async function editDirectory(world: World, plot: Plot): Promise<void> {
  const { now, dice, listDice, rules, tell, count } = world;
  for (let left = dice.between(1, 4); left > 0; left -= 1) {
    const { tree, line } = drawEdit(now.tree, dice, plot.past);
    now.tree = rules.keepsReferences ? keepReferences(now.tree, tree) : tree;
    tell(`directory: ${line}`);
    count('edits');
  }
  for (let left = listDice.below(4); left > 0; left -= 1) {
    const { tree, line } = drawListEdit(now.tree, listDice, plot.past);
    now.tree = rules.keepsReferences ? keepReferences(now.tree, tree) : tree;
    tell(`directory: ${line}`);
    count('edits of groups');
  }
  await world.directory.publish(now.tree);
}

/** Time goes by; now and then the clock on the wall jumps. */
function passTime({ now, dice, rules, tell, count }: World): void {
  const ms =
    dice.pick([1000, 60_000, rules.spacingSeconds * 1000 + 5000, 3_700_000, DAY_MS + 60_000]) ?? 1000;
  now.wallMs += ms;
  now.uptimeMs += ms;
  if (!dice.chance(0.03)) return;
  const jump = dice.pick([3_600_000, 40 * DAY_MS, -3_600_000, -365 * DAY_MS]) ?? 0;
  now.wallMs += jump;
  count('clock jumps');
  tell(`the clock jumps by ${jump / 3_600_000} hours`);
}

function saveMailcow(world: World, plot: Plot): void {
  const { tables } = world.mailcow.store;
  plot.saved = {
    mailboxes: tables.mailboxes.all(),
    aliases: tables.aliases.all(),
    books: world.watcher.books(),
  };
  world.tell('a backup of mailcow is made');
}

function restoreMailcow(world: World, plot: Plot): void {
  const { saved } = plot;
  if (saved === undefined) return;
  const { mailboxes, aliases } = world.mailcow.store.tables;
  for (const row of mailboxes.all()) mailboxes.remove(row.username);
  for (const row of aliases.all()) aliases.remove(row.id);
  for (const row of saved.mailboxes) mailboxes.put(row);
  for (const row of saved.aliases) aliases.put(row);
  world.watcher.putBack(saved.books);
  plot.isVague = true;
  world.count('mailcow restored');
  world.tell('mailcow is restored from the backup');
}

function loseDatabase(world: World, plot: Plot): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${world.db}${end}`, { force: true });
  world.watcher.databaseLost();
  plot.isVague = true;
  world.count('database lost');
  world.tell('the SQLite file is lost');
}

function reconfigure(world: World): void {
  const { now, dice, directory, tell, count } = world;
  if (now.scope !== 'all' || now.account !== 'sync') {
    now.scope = 'all';
    now.account = 'sync';
    tell('base, filter and bind are as they were');
    return;
  }
  count('reconfigured');
  if (directory.kind === 'slapd' && dice.chance(0.5)) {
    now.scope = dice.chance(0.5) ? 'one-unit' : 'enabled';
    tell(`the program sees only: ${now.scope}`);
    return;
  }
  const drawn = dice.pick(['mail', 'proxyAddresses', 'userAccountControl', 'displayName']) ?? 'mail';
  const attribute = world.listDice.chance(0.3) ? 'member' : drawn;
  now.account = `no-${attribute}`;
  tell(`nobody may read ${attribute} any more`);
}

/** What an approval of a held change lets go. */
function removalsOf({ change }: Held): readonly Removal[] {
  const { kind, resource, key, before, after } = change;
  if (change.list === true && kind === 'update') {
    const lost = (before.goto ?? []).filter((member) => after.goto?.includes(member) === false);
    return lost.map((member) => ({ kind: 'lose', key, member }));
  }
  if (resource === 'domain' || resource === 'filter' || resource === 'syncjob') return [];
  return [{ kind: kind === 'remove' ? 'remove' : 'deactivate', resource, key }];
}

/** Approves what is held. */
export function approve(world: World): boolean {
  const app = openHere(world);
  try {
    const { state, now } = app.context;
    const holds = state.holds();
    if (holds === undefined) return false;
    approveHolds(state, holds, now());
    world.watcher.approve(holds.held.flatMap(removalsOf), now().getTime() + DAY_MS);
    world.count('approvals');
    world.tell(`approved: ${holds.held.length} changes`);
    return true;
  } finally {
    app.close();
  }
}

/** Declares whatever the program doubts of a directory that has been read without faults. */
export async function declareAll(world: World): Promise<boolean> {
  world.now.planning = true;
  const app = openHere(world);
  try {
    const { state, now } = app.context;
    const { declarable } = await planSync(app.context);
    for (const what of declarable) declare(state, what, now());
    if (declarable.length > 0) world.tell(`declared: ${declarable.join(', ')}`);
    return declarable.length > 0;
  } finally {
    app.close();
    world.now.planning = false;
  }
}

async function planOnly(world: World): Promise<void> {
  const { now, mailcow, tell } = world;
  now.planning = true;
  const writes = world.watcher.stats.writes;
  const app = openHere(world);
  try {
    await planSync(app.context);
  } catch (error) {
    tell(`plan failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    app.close();
    now.planning = false;
  }
  if (world.watcher.stats.writes > writes) throw new Error(`plan wrote to mailcow (${mailcow.url})`);
}

/** Two at once: one of them waits for the other. */
async function syncTwice(world: World): Promise<void> {
  const child = syncChild(world);
  const here = syncHere(world, { full: false });
  const [{ code }, result] = await Promise.all([child, here]);
  world.count('two at once');
  world.tell(`two syncs at once: ${code ?? 'signal'} and ${result}`);
}

/** The daemon for a few syncs, ended by SIGTERM or SIGKILL. */
async function runDaemon(world: World, plot: Plot): Promise<void> {
  const { watcher, dice, front, count, tell } = world;
  const child = startChild(world, ['run']);
  const until = async (readings: number): Promise<void> => {
    const patience = Date.now() + 6000;
    while (watcher.readings.count() < readings && Date.now() < patience) {
      await new Promise((done) => setTimeout(done, 20));
    }
    // Between two syncs, so that nothing is edited under the eyes of a reading.
    while (child.syncs().ended < child.syncs().begun && Date.now() < patience) {
      await new Promise((done) => setTimeout(done, 5));
    }
    await front.idle();
  };
  await until(watcher.readings.count() + 1);
  await editDirectory(world, plot);
  await until(watcher.readings.count() + 1);
  const signal = dice.chance(0.5) ? 'SIGKILL' : 'SIGTERM';
  if (signal === 'SIGKILL') watcher.senderDied();
  child.process.kill(signal);
  const { code } = await child.ended;
  await front.idle();
  count('daemons');
  count('child processes');
  tell(`the daemon was ended by ${signal} (${code ?? 'no code'})`);
  if (signal === 'SIGTERM' && code !== 0)
    throw new Error(`SIGTERM: the daemon ended with ${code ?? 'no code'}`);
}

async function syncSomehow(world: World, plot: Plot): Promise<void> {
  const { dice, tell } = world;
  const how = dice.weighted([
    [60, 'here'],
    [12, 'full'],
    [20, 'kill'],
    [3, 'child'],
    [3, 'twice'],
    [1, 'daemon'],
  ] as const);
  if (how === 'kill') await killSync(world);
  else if (how === 'child') tell(`sync in a child: ${(await syncChild(world)).code ?? 'signal'}`);
  else if (how === 'twice') await syncTwice(world);
  else if (how === 'daemon') await runDaemon(world, plot);
  else tell(`sync${how === 'full' ? ' --full' : ''}: ${await syncHere(world, { full: how === 'full' })}`);
}

/** One step: something happens, then a sync meets it. */
export async function takeStep(world: World, plot: Plot): Promise<void> {
  const { dice, front } = world;
  world.count('steps');
  if (dice.chance(0.75)) {
    await front.idle();
    await editDirectory(world, plot);
  }
  await front.idle();
  if (dice.chance(0.2)) await useHands(world);
  if (world.listDice.chance(0.15)) await useListHands(world);
  const backup = dice.weighted([
    [5, 'make'],
    [5, 'restore'],
    [90, 'neither'],
  ] as const);
  if (backup === 'make') saveMailcow(world, plot);
  if (backup === 'restore') restoreMailcow(world, plot);
  if (dice.chance(0.03)) loseDatabase(world, plot);
  if (dice.chance(0.06)) reconfigure(world);
  if (dice.chance(0.15) && world.now.account === 'sync') approve(world);
  if (dice.chance(0.05)) await planOnly(world);
  passTime(world);
  drawFaults(world);
  await syncSomehow(world, plot);
  if (dice.chance(0.8)) await front.idle();
  endFaults(world);
}
