/** Lists of groups: from members to the goto that mailcow can have now (RULES.md 10; DESIGN.md 4.1, 4.3). */
import { changeId, stages, type Change } from './change.ts';
import { isActive } from './current.ts';
import type { DesiredAlias, DesiredList } from './desired-types.ts';
import { fitsAlias } from './list-change.ts';
import { aliasChange, finding, type AliasContext } from './plan-alias-context.ts';
import { noteUnlisted, planSurplus } from './plan-alias-surplus.ts';
import { planListFilter } from './plan-list-filter.ts';
import { isProtected, mailboxesById, type PlanInput } from './plan-context.ts';
import { noteDrift } from './plan-managed.ts';
import type { Alias } from './model.ts';

/** Where a person's mail is to be led, and the change that has to be made for that. */
type Place = { readonly address: string; readonly uses?: string };

type Places = {
  readonly of: (id: string) => Place | undefined;
  /** Whose mailbox an address is. */
  readonly ownerOf: (address: string) => string | undefined;
  /** Mailboxes of ours that are switched off, or about to be, because their people are. */
  readonly isOff: (address: string) => boolean;
  /** Where the mailbox of an id is now. */
  readonly homeOf: (id: string) => string | undefined;
};

/** Where a change of somebody's mailbox leaves it; undefined when it says nothing about that. */
function placeAfter(change: Change, dropped: ReadonlySet<string>): Place | 'nowhere' | undefined {
  if (change.resource !== 'mailbox') return undefined;
  const { kind, key, after, movedFrom, formerId } = change;
  const id = changeId(change);
  const isDropped = dropped.has(id);
  if (kind === 'rename') return isDropped ? { address: key } : { address: after.address ?? key, uses: id };
  if (kind === 'adopt' && formerId === undefined) return { address: key };
  if (kind === 'reactivate') return isDropped ? 'nowhere' : { address: key, uses: id };
  if (kind !== 'create' && kind !== 'adopt') return undefined;
  if (!isDropped) return { address: key, uses: id };
  return movedFrom === undefined ? 'nowhere' : { address: movedFrom };
}

/** Where those are whose mailbox is not managed and who are not to be seen, or not understood, now. */
function lastPlaces({
  absent,
  lastAddress,
  ledger,
  current,
  groupIds,
}: PlanInput): Iterable<[string, string]> {
  const ofAbsent = [...(absent ?? [])].map((id) => [lastAddress?.(id), id] as const);
  const ofAliases = [...ledger.aliases.values()]
    .filter(({ directoryId }) => !groupIds.has(directoryId))
    .map(({ key, directoryId }) => [onlyGoto(current.aliases.get(key)), directoryId] as const);
  const formerly = [...ledger.aliases.values()]
    .filter(({ origin }) => origin === 'renamed')
    .map(({ key, directoryId }) => [key, directoryId] as const);
  return [...formerly, ...ofAliases, ...ofAbsent].flatMap(([address, id]) =>
    address === undefined ? [] : [[address, id]],
  );
}

const onlyGoto = (alias: Alias | undefined): string | undefined =>
  alias?.goto.length === 1 ? alias.goto[0] : undefined;

const isDeactivation = ({ resource, kind }: Change): boolean =>
  resource === 'mailbox' && kind === 'deactivate';

function openPlaces({ input, notes, current }: AliasContext): Places {
  const planned = new Map<string, Place | 'nowhere'>();
  for (const change of notes.changes) {
    const place = placeAfter(change, input.dropped ?? new Set());
    if (place !== undefined) planned.set(change.directoryId, place);
  }
  const leaving = new Set(notes.changes.filter(isDeactivation).map(({ key }) => key));
  const owned = mailboxesById(input);
  const owners = new Map<string | undefined, string>(lastPlaces(input));
  for (const [id, { live }] of owned) owners.set(live?.key, id);
  for (const [id, place] of planned) if (place !== 'nowhere') owners.set(place.address, id);
  return {
    of: (id) => {
      const place = planned.get(id);
      if (place !== undefined) return place === 'nowhere' ? undefined : place;
      const live = owned.get(id)?.live?.key;
      if (live !== undefined && current.mailboxes.has(live)) return { address: live };
      const address = input.desired.mailboxes.get(id)?.address;
      const isThere = address !== undefined && current.mailboxes.has(address);
      return isThere && !notes.blocked.has(id) ? { address } : undefined;
    },
    ownerOf: (address) => owners.get(address),
    homeOf: (id) => owned.get(id)?.live?.key,
    isOff: (address) => {
      if (input.settings.inactiveState !== 0) return false;
      const isOurs = input.ledger.mailboxes.get(address)?.lastActive === false;
      return leaving.has(address) || (isOurs && !isActive(current.mailboxes.get(address)?.active ?? 1));
    },
  };
}

/** Whom a list leads to now. Only in its own list has anybody a place; nobody in one that we switched off. */
function gotoNow(list: DesiredList, { input, current }: Pick<AliasContext, 'input' | 'current'>): Goto {
  const { address, directoryId, isMailbox } = list;
  const { ledger } = input;
  const row = isMailbox ? ledger.mailboxes.get(address) : ledger.aliases.get(address);
  const existing = isMailbox ? input.current.mailboxes.get(address) : current.aliases.get(address);
  if (row?.directoryId !== directoryId || existing === undefined) return [];
  if (!isActive(existing.active) && row.lastActive === false) return [];
  return ('goto' in existing ? existing.goto : input.current.filters?.get(address)?.goto) ?? [];
}

type Goto = readonly string[];

/** Members who have their place already and whose absence, or address, is not certain keep it. */
function keptPlaces(list: DesiredList, { input, current }: AliasContext, places: Places): readonly string[] {
  const goto = gotoNow(list, { input, current });
  const { absent, claimants, desired } = input;
  const keeps = new Set(list.keepIds);
  const homeless = new Map(
    list.memberIds
      .filter((id) => places.of(id) === undefined)
      .map((id) => [desired.mailboxes.get(id)?.address, id]),
  );
  return goto.filter((address) => {
    const owner = places.ownerOf(address);
    // Not where somebody else has the mailbox that a member asks for.
    if (homeless.has(address) && (owner ?? homeless.get(address)) === homeless.get(address)) return true;
    if (owner === undefined) return false;
    return keeps.has(owner) || (absent?.has(owner) === true && claimants.has(owner));
  });
}

/** Nobody is left: the alias stays with its last goto, and refuses mail. */
function planEmpty(list: DesiredList, context: AliasContext): void {
  const existing = context.current.aliases.get(list.address);
  const row = context.input.ledger.aliases.get(list.address);
  if (existing === undefined || row === undefined) return;
  if (row.directoryId !== list.directoryId) {
    // A list without members gets nothing: the alias is still its former owner's.
    planSurplus(row, context);
    return;
  }
  if (!isActive(existing.active)) return;
  const { settings } = context.input;
  if (isProtected(list.address, settings)) {
    context.notes.skips.push({ resource: 'alias', key: list.address, reason: 'the address is protected' });
    return;
  }
  if (settings.reportDrift === true && row.lastActive === false) {
    noteDrift(list.address, `reactivated although ${list.dn} has no member`, context.notes);
    return;
  }
  context.notes.changes.push(
    aliasChange(
      { kind: 'deactivate', key: list.address, directoryId: list.directoryId, list: true },
      {
        before: { active: existing.active },
        after: { active: 0 },
        reason: `${list.dn} has no member left with an active mailbox; its last goto stays`,
        stage: stages.deactivateAlias,
      },
    ),
  );
}

function planList(list: DesiredList, context: AliasContext, places: Places): DesiredAlias | undefined {
  const { input, notes } = context;
  const { address, directoryId, dn, internal, sendAs } = list;
  if (input.absent?.has(directoryId) === true) return undefined;
  if (list.partial) {
    notes.skips.push({
      resource: 'alias',
      key: address,
      reason: `the members of ${dn} cannot all be told now`,
    });
    return undefined;
  }
  const found = list.memberIds.map(places.of).filter((place) => place !== undefined);
  const home = list.isMailbox === true ? places.homeOf(directoryId) : undefined;
  const kept = keptPlaces({ ...list, address: home ?? address }, context, places);
  // Who is no person of the filter any more may still be an entry with an address.
  const others = list.others.filter((other) => !places.isOff(other));
  const goto = [...new Set([...found.map((place) => place.address), ...kept, ...others])].sort();
  const uses = [...new Set(found.map((place) => place.uses).filter((id) => id !== undefined))];
  if (list.isMailbox === true) {
    planListFilter(list, { goto, uses, home }, context);
    return undefined;
  }
  if (goto.length === 0) {
    planEmpty(list, context);
    return undefined;
  }
  if (!fitsAlias(goto)) {
    const message = `${dn} has ${goto.length} members, more than an alias of mailcow can hold: split it into several groups; it stays as it is`;
    finding(notes, 'list-too-long', { subject: address, message });
    return undefined;
  }
  return {
    address,
    directoryId,
    goto,
    active: true,
    list: { dn, uses },
    ...(internal !== undefined && { internal }),
    ...(sendAs !== undefined && { senderAllowed: sendAs }),
  };
}

/** The aliases that lists should have; those that are mailboxes get their filters. What becomes empty, is not readable or too long is dealt with here. */
export function planLists(context: AliasContext): readonly DesiredAlias[] {
  const { input, notes, current } = context;
  for (const { directoryId, key } of input.ledger.mailboxes.values()) {
    const mailbox = input.desired.unlisted.has(directoryId) ? current.mailboxes.get(key) : undefined;
    if (mailbox !== undefined) noteUnlisted(mailbox, notes);
  }
  const places = openPlaces(context);
  return [...context.input.desired.lists.values()]
    .map((list) => planList(list, context, places))
    .filter((alias) => alias !== undefined);
}
