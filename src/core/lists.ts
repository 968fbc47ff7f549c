/** Groups as lists: who is reached by them (RULES.md 10 and 11). */
import type { DeriveInput, DesiredList } from './desired-types.ts';
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

/** The lists of a group, one per address that it got; they all reach the same people. */
export function listsOf(
  group: Group,
  addresses: readonly string[],
  context: ListContext,
): { readonly lists: readonly DesiredList[]; readonly findings: readonly Finding[] } {
  if (addresses.length === 0) return { lists: [], findings: [] };
  const found = context.membership(group.entry);
  // An address of the list itself leads back to it.
  const others = found.others.filter((other) => !addresses.includes(other));
  const places = { ...placesOf(found, context), others };
  const { policy } = group;
  const flags = policy === undefined ? {} : { internal: policy.internal, sendAs: policy.sendAs };
  const lists = addresses.map((address): DesiredList => ({
    address,
    directoryId: group.id,
    dn: group.dn,
    ...places,
    partial: found.partial || found.ambiguous.length > 0,
    ...flags,
  }));
  return { lists, findings: findingsOf(group, found, places) };
}

function findingsOf(
  group: Group,
  found: GroupMembers,
  { memberIds, keepIds, others }: Pick<DesiredList, 'memberIds' | 'keepIds' | 'others'>,
): readonly Finding[] {
  const [account] = found.ambiguous;
  if (account !== undefined) {
    const message = `its member "${account}" is the account name of several people: the list stays as it is until only one of them has it`;
    return [{ code: 'ambiguous-member', subject: group.dn, message }];
  }
  if (found.partial) {
    const message = `the members of ${group.address}, or of a group in it, could not be read to their end: the list stays as it is until they can`;
    return [{ code: 'members-unread', subject: group.dn, message }];
  }
  if (memberIds.length + keepIds.length + others.length > 0) return [];
  const message = `${group.address} has no member with an active mailbox: no list is made, and one that exists is deactivated`;
  return [{ code: 'empty-group', subject: group.dn, message }];
}
