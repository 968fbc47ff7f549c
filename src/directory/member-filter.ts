/** The member filter of a predecessor, which searched once for each member, as one search for all of them. */
import {
  AndFilter,
  EqualityFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
  type Filter,
} from 'ldapts';
import { parseFilter, type FilterVerdict } from './filter.ts';

export type MemberFilter = {
  /** What is left when the clause with the member is taken out: selects all that may be a member. */
  readonly candidates: Filter;
  /** Lower-case attribute whose value a group names; undefined: the DN. */
  readonly key: string | undefined;
};

const placeholder = '{MEMBER_CN}';
const dnAttributes: readonly string[] = ['distinguishedname', 'entrydn', 'dn'];

const holds = (filter: Filter): boolean => filter.toString().includes(placeholder);

const toMemberFilter = ({ attribute }: EqualityFilter): MemberFilter => {
  const name = attribute.toLowerCase();
  return {
    candidates: new PresenceFilter({ attribute: 'objectClass' }),
    key: dnAttributes.includes(name) ? undefined : name,
  };
};

/** Why the clause with the member does not stand alone, so that it could be taken out. */
function obstacleOf(filter: Filter): string {
  const alone = `${placeholder} has to stand alone in a condition that every entry must meet`;
  if (filter instanceof NotFilter) return `${alone}, and here it is inside a “!”`;
  if (filter instanceof OrFilter) return `${alone}, and here it is inside a “|”`;
  if (filter instanceof SubstringFilter || filter instanceof EqualityFilter)
    return `${alone}, and in ${filter.toString()} there is more beside it`;
  return `${alone} and be compared by “=”, and here it is ${filter.toString()}`;
}

/** Takes the clause out of the filter, which has it exactly once; goes down through “&” only. */
function takeOut(filter: Filter): MemberFilter {
  if (filter instanceof EqualityFilter && filter.value === placeholder) return toMemberFilter(filter);
  if (!(filter instanceof AndFilter)) throw new Error(obstacleOf(filter));
  const at = filter.filters.findIndex(holds);
  const child = filter.filters[at];
  if (!child) throw new Error(obstacleOf(filter));
  const { candidates, key } = takeOut(child);
  return { candidates: new AndFilter({ filters: filter.filters.with(at, candidates) }), key };
}

/**
 * The member filter in its parts. Throws a plain Error that says why it cannot be one: the place of the member has
 * to be there once, as a condition of its own.
 */
export function parseMemberFilter(text: string): MemberFilter {
  const filter = parseFilter(text);
  const places = filter.toString().split(placeholder).length - 1;
  if (places === 0) {
    throw new Error(
      `${placeholder} is missing, the place of what a group names as its member: add (distinguishedName=${placeholder})`,
    );
  }
  if (places > 1)
    throw new Error(`${placeholder} stands in it ${places} times: only one condition can have it`);
  return takeOut(filter);
}

/** Whether the filter can be used; it is given back as it was. */
export function validateMemberFilter(text: string): FilterVerdict {
  try {
    parseMemberFilter(text);
    return { ok: true, filter: text };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
