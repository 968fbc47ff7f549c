/** An administrator at work in mailcow: everything that the program must respect, or put right. */
import type { AliasRow, MailboxRow } from '../support/mailcow/rows.ts';
import { isOn } from './books.ts';
import { drawAddress } from './people.ts';
import { switches } from './switches.ts';
import type { World } from './world.ts';

type Done = string | undefined;
type Hand = (world: World) => Promise<Done> | Done;

const anyMailbox = ({ mailcow, dice }: World): MailboxRow | undefined =>
  dice.pick(mailcow.store.tables.mailboxes.all().filter((row) => row.hasQuotaRow));

const anyAlias = ({ mailcow, dice }: World): AliasRow | undefined =>
  dice.pick(mailcow.store.snapshot().aliases);

const put = ({ mailcow }: World, row: MailboxRow): void => {
  mailcow.store.tables.mailboxes.put(row);
};

const deactivate: Hand = (world) => {
  const row = anyMailbox(world);
  if (row === undefined || !isOn(row.active)) return undefined;
  const active = world.dice.chance(0.7) ? 0 : 2;
  put(world, { ...row, active });
  return `deactivates ${row.username} (${active})`;
};

const setQuota: Hand = (world) => {
  const row = anyMailbox(world);
  if (row === undefined) return undefined;
  put(world, { ...row, quota: 777 * 1_048_576 });
  return `sets the quota of ${row.username}`;
};

const setName: Hand = (world) => {
  const row = anyMailbox(world);
  if (row === undefined) return undefined;
  put(world, { ...row, name: 'By Hand' });
  return `sets the name of ${row.username}`;
};

const keep: Hand = (world) => {
  const row = anyMailbox(world);
  if (row === undefined) return undefined;
  put(world, { ...row, tags: [...new Set([...row.tags, 'ldap-keep'])] });
  return `tags ${row.username} with ldap-keep`;
};

const removeAlias: Hand = (world) => {
  const row = anyAlias(world);
  if (row === undefined) return undefined;
  world.mailcow.store.tables.aliases.remove(row.id);
  return `removes the alias ${row.address}`;
};

const deactivateAlias: Hand = (world) => {
  const row = anyAlias(world);
  if (row === undefined || !isOn(row.active)) return undefined;
  world.mailcow.store.tables.aliases.put({ ...row, active: 0 });
  return `deactivates the alias ${row.address}`;
};

/** Through the API, past the watched way. */
export async function call(world: World, route: string, body: object): Promise<void> {
  const { url, apiKey } = world.mailcow;
  const reply = await fetch(`${url}/api/v1/${route}`, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  await reply.text();
}

export const foreignTag = 'ldap-mailcow:school:0000-1111';

const createMailbox: Hand = async (world) => {
  const address = drawAddress(world.dice);
  const [local_part, domain] = address.split('@');
  const tags = world.dice.chance(0.3) ? { tags: [foreignTag] } : {};
  const secret = { password: '{SSHA512}xx-Yy-11', password2: '{SSHA512}xx-Yy-11' };
  await call(world, 'add/mailbox', {
    local_part,
    domain,
    name: 'Foreign',
    quota: 100,
    active: 1,
    ...secret,
    ...tags,
  });
  return `creates the mailbox ${address}${'tags' in tags ? ' for another owner' : ''}`;
};

const createAlias: Hand = async (world) => {
  const address = drawAddress(world.dice);
  const mailbox = anyMailbox(world);
  const goto = world.dice.chance(0.5)
    ? 'somebody@elsewhere.example'
    : (mailbox?.username ?? 'x@elsewhere.example');
  const comment = world.dice.chance(0.2) ? { private_comment: foreignTag } : {};
  await call(world, 'add/alias', { address, goto, active: 1, sogo_visible: 1, ...comment });
  return `creates the alias ${address} -> ${goto}`;
};

const deleteMailbox: Hand = async (world) => {
  const row = anyMailbox(world);
  if (row === undefined) return undefined;
  await call(world, 'delete/mailbox', [row.username]);
  return `deletes the mailbox ${row.username}`;
};

const halfDelete: Hand = (world) => {
  const row = anyMailbox(world);
  if (row === undefined) return undefined;
  world.mailcow.store.halfDelete(row.username);
  return `deletes ${row.username}, which stops half-way`;
};

const hands: readonly (readonly [number, Hand])[] = [
  [5, deactivate],
  [4, setQuota],
  [3, setName],
  [2, keep],
  [4, removeAlias],
  [2, deactivateAlias],
  [4, createMailbox],
  [4, createAlias],
  [1, deleteMailbox],
  [switches.halfDeletedByHand ? 1 : 0, halfDelete],
];

/** One thing that an administrator does. */
export async function useHands(world: World): Promise<void> {
  const done = await world.watcher.byHand(() => world.dice.weighted(hands)(world));
  if (done === undefined) return;
  world.count('hands');
  world.tell(`administrator ${done}`);
}
