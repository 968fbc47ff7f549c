/** What goes wrong on either side during one sync. */
import type { FaultMode } from '../support/mailcow/faults.ts';
import { isHarmful, type ServerFault } from './directory-server.ts';
import type { Dice } from './random.ts';
import { limitedSize } from './directory-slapd.ts';
import { contacts, visibleIn } from './tree.ts';
import type { World } from './world.ts';

const routes = [
  '*',
  'get/',
  'get/mailbox',
  'get/alias',
  'get/domain',
  'get/status',
  'add/',
  'add/mailbox',
  'add/alias',
  'edit/',
  'edit/mailbox',
  'edit/alias',
  'edit/rename-mbox',
  'delete/',
] as const;

const modes: readonly (readonly [number, FaultMode])[] = [
  [4, 'slow'],
  [2, '500'],
  [5, 'empty'],
  [5, 'drop'],
  [2, 'down'],
  [4, 'deadlock'],
  [2, '401'],
  [1, 'mysql-down'],
  [1, 'redis-down'],
  [1, 'dockerapi-down'],
];

/** mailcow fails in one of its ways, for one to three calls. */
function breakMailcow({ mailcow, dice, count, tell }: World): void {
  const mode = dice.weighted(modes);
  const route = dice.pick(routes) ?? '*';
  const times = dice.between(1, 3);
  const after = dice.chance(0.5) ? 0 : dice.below(12);
  const done = dice.chance(0.5);
  mailcow.fault({ mode, route, times, after, done, ...(mode === 'slow' && { ms: dice.between(10, 60) }) });
  count(`mailcow ${mode}${['empty', 'deadlock', 'slow'].includes(mode) && done ? ' (done)' : ''}`);
  tell(`mailcow fault: ${mode} on ${route}, ${times} times after ${after}, done ${done}`);
}

const drawServerFault = (dice: Dice): ServerFault => {
  const search = dice.chance(0.8) ? 'people' : 'groups';
  const page = dice.below(4);
  return dice.weighted<ServerFault>([
    [3, { kind: 'odd-pages' }],
    [4, { kind: 'code', code: dice.pick([1, 3, 4, 11, 32, 51, 52, 80]) ?? 1, page, search }],
    [2, { kind: 'reset', page, search }],
    [2, { kind: 'garbage', page, search }],
    [1, { kind: 'unpaged', search }],
    [1, { kind: 'no-id' }],
    [2, { kind: 'nobody' }],
  ]);
};

function breakServer(world: World): void {
  const { dice, directory, now, count, tell } = world;
  const fault = drawServerFault(dice);
  directory.setFault(fault);
  now.harm.harmed ||= isHarmful(fault);
  count(`ldap ${fault.kind}`);
  tell(`directory fault: ${JSON.stringify(fault)}`);
}

function cutWire({ dice, wire, count, tell }: World): void {
  const afterBytes = dice.chance(0.2) ? dice.below(40) : dice.below(9000);
  wire.setMode({ kind: 'cut', afterBytes });
  count('ldap cut');
  tell(`the connection to the directory is cut after ${afterBytes} bytes`);
}

function bindAs(world: World, account: 'limited' | 'nothing'): void {
  const { now, count, tell } = world;
  now.account = account;
  const { people, groups } = visibleIn(now.tree, now.scope);
  const anybody = world.rules.externalMembers ? now.tree.people.size + groups.size + contacts.length : 0;
  now.harm.harmed ||= account === 'nothing' || Math.max(people.size, groups.size, anybody) > limitedSize;
  count(`ldap bind ${account}`);
  tell(`the program binds as ${account}`);
}

function breakDirectory(world: World): void {
  const { dice, directory, wire, count, tell } = world;
  const isReal = directory.kind === 'slapd';
  const what = dice.weighted([
    [isReal ? 5 : 2, 'cut'],
    [1, 'down'],
    [isReal ? 1 : 0, 'limited'],
    [isReal ? 1 : 0, 'nothing'],
    [isReal ? 0 : 6, 'server'],
  ] as const);
  if (what === 'cut') cutWire(world);
  else if (what === 'server') breakServer(world);
  else if (what === 'down') {
    wire.setMode({ kind: 'down' });
    count('ldap down');
    tell('the directory is down');
  } else bindAs(world, what);
}

/** Members come in parts, and the later ones do not come. */
function cutMembers({ directory, now, count, tell }: World): void {
  directory.setFault({ kind: 'ranges' });
  now.harm.ranges = true;
  count('ldap ranges');
  tell('of several members of a group only the first one can be read');
}

/** Arms the faults of one step. */
export function drawFaults(world: World): void {
  const { dice } = world;
  if (dice.chance(0.35)) breakMailcow(world);
  if (dice.chance(0.2)) breakDirectory(world);
  else if (world.directory.kind === 'scripted' && world.listDice.chance(0.1)) cutMembers(world);
}

/** All is well again; a harm that was done stays with the reading that it was done to. */
export function endFaults({ mailcow, wire, directory, now }: World): void {
  mailcow.clearFaults();
  wire.setMode({ kind: 'open' });
  directory.setFault(undefined);
  now.harm = { harmed: false, ranges: false };
  if (now.account === 'limited' || now.account === 'nothing') now.account = 'sync';
}
