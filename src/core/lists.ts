/** Groups as lists: who is reached by them (RULES.md 10 and 11). */
import { localPartOf } from './address.ts';
import type { DeriveInput, DesiredAlias, DesiredList, DesiredMailbox } from './desired-types.ts';
import { MAX_REDIRECTS } from './list-filter.ts';
import { nameOfListMailbox } from './list-mailbox.ts';
import type { GroupMembers, Membership } from './membership.ts';
import type { Finding } from './model.ts';
import type { Person } from './person.ts';
import type { Group } from './resolve-groups.ts';

type ListContext = {
  readonly input: DeriveInput;
  readonly membership: Membership;
  /** People with a mailbox, by directory id. */
  readonly people: ReadonlyMap<string, Person>;
  /** Ids of entries that are not understood now. */
  readonly frozen: ReadonlySet<string>;
};

/** A deactivated mailbox that still receives keeps its places too. */
const isReached = (person: Person | undefined, { inactiveReceives }: DeriveInput): boolean =>
  person !== undefined && (person.enabled || inactiveReceives);

/** Mailboxes that are not managed lead to nobody in the ledger: who was there a moment ago counts, and who has aliases. */
function mayHavePlace(id: string, { holdings, absent }: DeriveInput): boolean {
  const { mailbox, aliases = [] } = holdings.get(id) ?? {};
  return mailbox !== undefined || aliases.length > 0 || absent?.has(id) === true;
}

function placesOf(found: GroupMembers, context: ListContext): Pick<DesiredList, 'memberIds' | 'keepIds'> {
  const { people, frozen, input } = context;
  const isUnsure = (id: string): boolean => frozen.has(id) || input.absent?.has(id) === true;
  return {
    memberIds: found.people.filter((id) => isReached(people.get(id), input) && !isUnsure(id)),
    keepIds: found.people.filter((id) => isUnsure(id) && mayHavePlace(id, input)),
  };
}

export type MadeLists = {
  readonly lists: readonly DesiredList[];
  /** A list that is a mailbox, and the aliases by which its further addresses lead to it. */
  readonly mailboxes: readonly DesiredMailbox[];
  readonly aliases: readonly DesiredAlias[];
  readonly findings: readonly Finding[];
};

type Places = Pick<DesiredList, 'memberIds' | 'keepIds' | 'others'>;

const sizeOf = ({ memberIds, keepIds, others }: Places): number =>
  memberIds.length + keepIds.length + others.length;

/** Chosen when a list is made, by what it would need then, and kept. */
function formOf(
  group: Group,
  list: Places & { readonly partial: boolean },
  { input, people }: ListContext,
): 'mailbox' | 'alias' {
  // Ids of the operator's choice may be those of a person too: the mailbox is the person's.
  if (people.has(group.id)) return 'alias';
  const held = input.holdings.get(group.id)?.listForm;
  if (held !== undefined) return held;
  const size = sizeOf(list);
  const isAsked = group.policy?.mailbox === true && input.hasMailbox === undefined;
  return isAsked && !list.partial && size > 0 && size <= MAX_REDIRECTS ? 'mailbox' : 'alias';
}

/** The lists of a group, one per address that it got; they all reach the same people. */
export function listsOf(group: Group, addresses: readonly string[], context: ListContext): MadeLists {
  if (addresses.length === 0) return { lists: [], mailboxes: [], aliases: [], findings: [] };
  const found = context.membership(group.entry);
  // An address of the list itself leads back to it.
  const others = found.others.filter((other) => !addresses.includes(other));
  const partial = found.partial || found.ambiguous.length > 0;
  const places = { ...placesOf(found, context), others, partial };
  const form = formOf(group, places, context);
  const findings = [...findingsOf(group, found, places), ...tooLongForSieve(group, places, form)];
  if (form === 'mailbox') return { ...mailboxList(group, addresses, { places, ...context }), findings };
  const { policy } = group;
  const isSaid = policy !== undefined && policy.mailbox !== true;
  const flags = isSaid ? { internal: policy.internal, sendAs: policy.sendAs } : {};
  const { id: directoryId, dn } = group;
  const lists = addresses.map((address) => ({ address, directoryId, dn, ...places, ...flags }));
  return { lists, mailboxes: [], aliases: [], findings };
}

/** MiB of a mailbox that keeps nothing: 0 would be no limit. */
const LIST_QUOTA_MIB = 1;

const nameOfList = ({ entry, address }: Group, { mapping }: DeriveInput): string => {
  const account = entry.attributes[mapping.account] ?? entry.attributes['cn'];
  return nameOfListMailbox(account?.[0] ?? localPartOf(address));
};

/** As a mailbox: only its own address is one, the others lead to it. */
function mailboxList(
  group: Group,
  addresses: readonly string[],
  context: ListContext & { readonly places: Places & { readonly partial: boolean } },
): Omit<MadeLists, 'findings'> {
  const { places, input } = context;
  const { id, dn, address } = group;
  const goesOn = addresses.includes(address);
  const target = goesOn ? address : input.holdings.get(id)?.mailbox;
  const aliases = addresses
    .filter((further) => further !== target && target !== undefined)
    .map((further) => ({
      address: further,
      directoryId: id,
      goto: target === undefined ? [] : [target],
      active: places.partial || sizeOf(places) > 0,
    }));
  // Somebody else claims its address, or its members cannot be told: the mailbox stays as it is.
  if (!goesOn || places.partial) return { lists: [], mailboxes: [], aliases };
  const mailbox: DesiredMailbox = {
    id,
    dn,
    address,
    name: nameOfList(group, input),
    quotaMiB: LIST_QUOTA_MIB,
    enabled: sizeOf(places) > 0,
    tlsEnforceIn: undefined,
    tlsEnforceOut: undefined,
    list: true,
  };
  return {
    lists: [{ address, directoryId: id, dn, ...places, isMailbox: true }],
    mailboxes: [mailbox],
    aliases,
  };
}

function tooLongForSieve(group: Group, places: Places, form: 'mailbox' | 'alias'): readonly Finding[] {
  const size = sizeOf(places);
  if (size <= MAX_REDIRECTS) return [];
  if (form === 'mailbox') {
    const message = `${group.address} has ${size} members, and a sieve filter leads to ${MAX_REDIRECTS} at most: the list stays as it is; split the group, or delete its mailbox in mailcow: an alias takes its place`;
    return [{ code: 'list-outgrew-sieve', subject: group.dn, message }];
  }
  if (group.policy?.mailbox !== true) return [];
  const message = `${group.address} has ${size} members, and a sieve filter leads to ${MAX_REDIRECTS} at most: the list is an alias, and stays one`;
  return [{ code: 'list-too-long-for-sieve', subject: group.dn, message }];
}

function findingsOf(group: Group, found: GroupMembers, places: Places): readonly Finding[] {
  const [account] = found.ambiguous;
  if (account !== undefined) {
    const message = `its member "${account}" is the account name of several people: the list stays as it is until only one of them has it`;
    return [{ code: 'ambiguous-member', subject: group.dn, message }];
  }
  if (found.partial) {
    const message = `the members of ${group.address}, or of a group in it, could not be read to their end: the list stays as it is until they can`;
    return [{ code: 'members-unread', subject: group.dn, message }];
  }
  if (sizeOf(places) > 0) return [];
  const message = `${group.address} has no member with an active mailbox: no list is made, and one that exists is deactivated`;
  return [{ code: 'empty-group', subject: group.dn, message }];
}
