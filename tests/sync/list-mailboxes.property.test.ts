/**
 * Random small schools whose groups are mailboxes with sieve filters, with hands in mailcow, faults and lost state
 * files. A watcher that knows nothing of the planner looks at mailcow before each write and after each sync.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markOfTags, parseMark } from '../../src/core/mark.ts';
import type { DirectoryEntry, Mailbox, SieveFilter } from '../../src/core/model.ts';
import { openState } from '../../src/state/state.ts';
import { approveHolds } from '../../src/sync/holds.ts';
import { group, OWNER, person, personDn } from '../support/builders.ts';
import { openWorld, type SyncWorld } from '../support/builders-sync.ts';
import { openMemoryMailcow, type MemoryMailcow } from '../support/memory-mailcow.ts';

type World = SyncWorld<MemoryMailcow>;

const names = ['a', 'b', 'c', 'l', 'm', 'a@other.test', 'l@other.test'] as const;
/** `x` is a person at one time and a group at another. */
const ids = ['p0', 'p1', 'p2', 'x'] as const;
const groupIds = ['g0', 'g1', 'x'] as const;

const kinds = ['person', 'person', 'group', 'nobody'] as const;
const personOf = (id: string) =>
  fc
    .record({
      mail: fc.constantFrom(...names),
      aliases: fc.subarray([...names], { maxLength: 1 }),
      disabled: fc.integer({ min: 0, max: 4 }).map((die) => die === 0),
      account: fc.constantFrom('one', 'two'),
      dn: fc.constant(personDn(id)),
    })
    .map((fields) => person(id, fields));
const groupOf = (id: string) =>
  fc
    .record({
      mail: fc.constantFrom(...names),
      aliases: fc.subarray([...names], { maxLength: 1 }),
      members: fc.subarray([...ids]),
      account: fc.constantFrom('one', 'two'),
    })
    .map(({ account, ...fields }) => group(id, { ...fields, attributes: { samaccountname: [account] } }));

type Says = { readonly people: readonly DirectoryEntry[]; readonly groups: readonly DirectoryEntry[] };

const directory: fc.Arbitrary<Says> = fc
  .record({
    people: fc.tuple(...ids.map(personOf)),
    groups: fc.tuple(...groupIds.map(groupOf)),
    kinds: fc.tuple(...['p0', 'p1', 'p2', 'g0', 'g1'].map(() => fc.integer({ min: 0, max: 4 }))),
    x: fc.constantFrom(...kinds),
  })
  .map(({ people, groups, kinds: dice, x }) => {
    const isThere = (id: string): boolean => (dice[['p0', 'p1', 'p2', 'g0', 'g1'].indexOf(id)] ?? 1) > 0;
    return {
      people: people.filter(({ id }) => (id === 'x' ? x === 'person' : isThere(id))),
      groups: groups.filter(({ id }) => (id === 'x' ? x === 'group' : isThere(id))),
    };
  });

const hands = [
  'filter gone',
  'filter off',
  'script',
  'rival',
  'mailbox gone',
  'mailbox off',
  'mailbox on',
] as const;
const faults = ['refused', 'unclear', 'late', 'crash', 'crash late'] as const;

const step = fc.record({
  says: directory,
  complete: fc.integer({ min: 0, max: 4 }).map((die) => die > 0),
  audit: fc.boolean(),
  approve: fc.boolean(),
  lost: fc.integer({ min: 0, max: 7 }).map((die) => die === 0),
  minutes: fc.constantFrom(1, 10, 61),
  hand: fc.option(fc.record({ what: fc.constantFrom(...hands), who: fc.nat({ max: 5 }) }), { freq: 3 }),
  fault: fc.option(fc.record({ how: fc.constantFrom(...faults), nth: fc.nat({ max: 4 }) }), { freq: 2 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const isNamedList = ({ name }: Mailbox): boolean => name.endsWith(' (list)');
const isOurs = ({ description }: SieveFilter): boolean => parseMark(description)?.owner === OWNER;
const redirectsOf = ({ script }: SieveFilter): readonly string[] =>
  [...script.matchAll(/redirect "(.*)";/g)].map(([, one = '']) => one);
const filtersOf = ({ filters }: MemoryMailcow, address: string): readonly SieveFilter[] =>
  [...filters.values()].filter(({ username }) => username === address);

/** What was said of whom at any time. */
type Story = {
  readonly world: World;
  /** Addresses of each person, and people of each group. */
  readonly addresses: Map<string, Set<string>>;
  readonly members: Map<string, Set<string>>;
  /** Ids of groups, as the directory says now. */
  groups: ReadonlySet<string>;
};

/** How a mailbox was made, whether a hand was in it, and whose it was: it carries that through all changes. */
type Marked = Mailbox & {
  readonly born?: 'list' | 'person';
  readonly touched?: true;
  readonly owners?: readonly string[];
};

const put = (map: Map<string, Set<string>>, key: string, values: readonly string[]): void => {
  map.set(key, new Set([...(map.get(key) ?? []), ...values]));
};

function listen(story: Story, { people, groups }: Says): void {
  const { addresses, members } = story;
  story.groups = new Set(groups.map(({ id }) => id));
  for (const { id, attributes } of people) put(addresses, id, attributes['mail'] ?? []);
  for (const { id, attributes } of groups) {
    put(
      members,
      id,
      (attributes['member'] ?? []).map((dn) => /^cn=([^,]+)/.exec(dn)?.[1] ?? ''),
    );
  }
}

const ownerOf = ({ tags }: Mailbox): string => markOfTags(tags, OWNER)?.directoryId ?? '';

/** Takes down what a mailbox is and whose it was. */
function takeDown(mailbox: Marked, { mailcow }: World): Marked {
  const born = mailbox.born ?? (isNamedList(mailbox) ? 'list' : 'person');
  const owners = [...new Set([...(mailbox.owners ?? []), ownerOf(mailbox)])];
  const marked: Marked = { ...mailbox, born, owners };
  mailcow.mailboxes.set(mailbox.address, marked);
  return marked;
}

function checkMailbox(mailbox: Marked, { world, addresses, members, groups }: Story): void {
  const { born, owners = [], touched } = takeDown(mailbox, world);
  const all = filtersOf(world.mailcow, mailbox.address);
  const ours = all.filter(isOurs);
  const isList = isNamedList(mailbox);
  expect(ours.length).toBeLessThanOrEqual(1);
  // Somebody's own mailbox is never a list, and a list never somebody's.
  expect([mailbox, born === 'person' && (ours.length > 0 || isList)]).toEqual([mailbox, false]);
  expect([mailbox, ours.length > 0 && !isList]).toEqual([mailbox, false]);
  if (touched === true) return;
  const works = isList && born === 'list' && mailbox.active === 1 && groups.has(ownerOf(mailbox));
  expect([mailbox, works && !all.some(({ active }) => active)]).toEqual([mailbox, false]);
  const known = owners
    .flatMap((one) => [...(members.get(one) ?? [])])
    .flatMap((one) => [...(addresses.get(one) ?? [])]);
  for (const target of ours.flatMap(redirectsOf)) expect(known).toContain(target);
}

const checkAll = (story: Story): void => {
  for (const mailbox of [...story.world.mailcow.mailboxes.values()]) checkMailbox(mailbox, story);
};

async function lendAHand({ what, who }: NonNullable<Step['hand']>, { world }: Story): Promise<void> {
  const { mailcow } = world;
  const lists = [...mailcow.mailboxes.values()].filter(isNamedList);
  const list = lists[who % Math.max(1, lists.length)];
  if (list === undefined) return;
  const { address } = list;
  mailcow.mailboxes.set(address, { ...list, touched: true } as Marked);
  const [filter] = filtersOf(mailcow, address).filter(isOurs);
  const id = filter?.id ?? 0;
  if (what === 'filter gone') await mailcow.deleteFilters([id]);
  if (what === 'filter off') await mailcow.editFilter(id, { active: false });
  if (what === 'script')
    await mailcow.editFilter(id, { script: 'redirect "Jürgen <a@b.c>";\ndiscard;\nstop;\n' });
  if (what === 'mailbox gone') await mailcow.deleteMailbox(address);
  if (what === 'mailbox off') await mailcow.editMailbox(address, { active: 0 });
  if (what === 'mailbox on') await mailcow.editMailbox(address, { active: 1 });
  if (what !== 'rival') return;
  const rival = {
    username: address,
    description: 'mine',
    script: 'keep;',
    kind: 'prefilter',
    active: true,
  } as const;
  await mailcow.createFilter(rival);
}

function watch(story: Story, fault: Step['fault']): void {
  let count = -1;
  const { mailcow } = story.world;
  mailcow.intercept = () => {
    checkAll(story);
    count += 1;
    if (fault?.nth !== count) return undefined;
    const late = fault.how.endsWith('late');
    if (fault.how.startsWith('crash')) return { answer: new Error('crash'), late };
    if (fault.how === 'refused') return { answer: { kind: 'refused', words: [{ word: 'no', args: [] }] } };
    return { answer: { kind: 'unclear', why: 'empty body' }, late };
  };
}

function approve({ state, clock }: World): void {
  const holds = state.holds();
  if (holds !== undefined) approveHolds(state, holds, clock);
}

async function play(story: Story, steps: readonly Step[]): Promise<void> {
  const { world } = story;
  for (const { says, complete, audit, approve: isApproved, lost, minutes, hand, fault } of steps) {
    listen(story, says);
    world.mailcow.intercept = undefined;
    if (hand !== null) await lendAHand(hand, story);
    if (lost) world.state = openState(':memory:');
    watch(story, fault);
    const reading = { ...says, problems: complete && says.people.length > 0 ? [] : ['cut short'] };
    await world.sync(reading, { audit, minutes }).catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'crash' });
    });
    checkAll(story);
    if (isApproved) approve(world);
  }
}

/** Syncs on with the last directory until everything that may be written is. */
async function rest(story: Story, says: Says): Promise<void> {
  const { world } = story;
  listen(story, says);
  watch(story, null);
  for (let round = 0; round < 8; round++) {
    await world.sync(says, { minutes: 61, audit: round % 2 === 0 });
    approve(world);
  }
  checkAll(story);
}

/** Lists lead to nobody but those who are members now, whatever their mailboxes are called. */
async function checkRest({ world }: Story, says: Says): Promise<void> {
  const { plan } = await world.sync(says);
  // What two ask for stays as it is.
  const contested = plan.findings
    .filter(({ code }) => code.startsWith('alias-'))
    .map(({ subject }) => subject);
  for (const mailbox of world.mailcow.mailboxes.values() as Iterable<Marked>) {
    const list = says.groups.find(({ id }) => id === ownerOf(mailbox));
    if (!isNamedList(mailbox) || mailbox.active !== 1 || list === undefined || mailbox.touched === true)
      continue;
    if (contested.includes(list.attributes['mail']?.[0] ?? '')) continue;
    const reached = filtersOf(world.mailcow, mailbox.address)
      .filter(isOurs)
      .flatMap(redirectsOf)
      .map((target) => world.mailcow.mailboxes.get(target))
      .map((box) => (box === undefined ? 'nobody' : personDn(ownerOf(box))));
    const members = list.attributes['member'] ?? [];
    expect([mailbox.address, reached.filter((one) => !members.includes(one))]).toEqual([mailbox.address, []]);
  }
}

const policy = { ignore: false, internal: false, sendAs: false, mailbox: true } as const;

test.each([1, 2])('lists keep to their rules whatever happens, and come to rest (%i)', async (seed) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), directory, async (steps, last) => {
      fc.pre(last.people.length > 0 && last.groups.length > 0);
      const world = openWorld(openMemoryMailcow(), {
        settings: { groupPolicies: [{ pattern: '*', policy }] },
      });
      const story: Story = { world, addresses: new Map(), members: new Map(), groups: new Set() };
      await play(story, steps);
      await rest(story, last);
      await checkRest(story, last);
      const writes = world.mailcow.written.length;
      await world.sync(last, { audit: true });
      const lists = world.mailcow.lists();
      await world.sync(last);
      expect([world.mailcow.written.slice(writes), world.mailcow.lists()]).toEqual([[], lists]);
    }),
    { seed, numRuns: 120 },
  );
});
