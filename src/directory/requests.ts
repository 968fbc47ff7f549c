/** What is asked of the server in one reading; pure. */
import { PresenceFilter, type Filter } from 'ldapts';
import {
  anyGroup,
  attributesOfGroups,
  attributesOfMembers,
  attributesOfPeople,
  dialectDefaults,
  resolveMapping,
} from '../core/mapping.ts';
import type { DialectName } from '../core/model.ts';
import { DirectoryRefused } from './errors.ts';
import { parseFilter } from './filter.ts';
import { anyIdAttributesOf, idAttributesOf } from './identity.ts';
import { parseMemberFilter, type MemberFilter } from './member-filter.ts';
import type { DirectoryOptions } from './options.ts';
import type { EntriesRequest } from './reading.ts';

export type MembersRequest = Pick<MemberFilter, 'key'> & {
  /** A member filter was given. */
  readonly decides: boolean;
  readonly request: EntriesRequest;
};

/** One search each, however many groups and members there are. */
export type Requests = {
  readonly people: EntriesRequest;
  readonly groups?: {
    readonly lists: EntriesRequest;
    readonly others: EntriesRequest;
    readonly members?: MembersRequest;
  };
};

function parsed<T>(parse: (text: string) => T, text: string, setting: string): T {
  try {
    return parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DirectoryRefused(`${setting} is no LDAP filter: ${why}`, { cause: error });
  }
}

type Kind = Pick<EntriesRequest, 'what'> & {
  readonly filter: Filter;
  readonly attributes: readonly string[];
};

/** Makes requests that differ only in what they look for. */
function requestMaker(options: DirectoryOptions, dialect: DialectName): (kind: Kind) => EntriesRequest {
  // Who somebody is hangs on the one attribute; of the others only their DNs and values are used.
  const ofSubjects = idAttributesOf(dialect, options.idAttribute);
  const ofOthers = anyIdAttributesOf(dialect, options.idAttribute);
  return ({ what, filter, attributes }) => ({
    what,
    query: {
      baseDn: options.baseDn,
      scope: options.scope,
      filter,
      pageSize: options.pageSize,
      pagingRequired: dialect !== 'lldap',
    },
    wanted: {
      idAttributes: what === 'people' || what === 'groups' ? ofSubjects : ofOthers,
      attributes: new Set(attributes.map((name) => name.toLowerCase())),
    },
  });
}

type Candidates = MemberFilter & Pick<MembersRequest, 'decides'>;

/** Who counts beside the people; undefined when nobody does. */
function candidatesFor(options: DirectoryOptions, mail: string): Candidates | undefined {
  const { groupMemberFilter, externalMembers = false } = options;
  if (groupMemberFilter !== undefined) {
    const setting = 'LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER';
    return { ...parsed(parseMemberFilter, groupMemberFilter, setting), decides: true };
  }
  if (!externalMembers) return undefined;
  // Groups among them are told apart by their DNs.
  return { candidates: new PresenceFilter({ attribute: mail }), key: undefined, decides: false };
}

/** The searches of a reading. Throws DirectoryRefused for a filter that cannot be sent. */
export function requestsFor(options: DirectoryOptions, dialect: DialectName): Requests {
  const { userFilter, groupFilter, mapping: settings } = options;
  const defaults = dialectDefaults[dialect];
  const mapping = resolveMapping(settings, dialect);
  const request = requestMaker(options, dialect);
  const people = request({
    what: 'people',
    filter: parsed(parseFilter, userFilter ?? defaults.userFilter, 'LDAP_MAILCOW_LDAP_FILTER'),
    attributes: [...attributesOfPeople(mapping), ...(options.extraPeopleAttributes ?? [])],
  });
  if (!options.readGroups) return { people };
  const isList = parsed(parseFilter, groupFilter ?? defaults.groupFilter, 'LDAP_MAILCOW_LDAP_GROUP_FILTER');
  const attributes = [...attributesOfGroups(mapping), ...(options.extraGroupAttributes ?? [])];
  const lists = request({ what: 'groups', filter: isList, attributes });
  // All groups, and the lists taken out by their ids: "not a list" misses a group whose address may not be read,
  // because the negation of what cannot be told cannot be told either (measured on slapd).
  const others = request({ what: 'other groups', filter: parseFilter(anyGroup), attributes });
  const found = candidatesFor(options, mapping.mail);
  if (!found) return { people, groups: { lists, others } };
  const { key, decides, candidates } = found;
  const members: MembersRequest = {
    key,
    decides,
    request: request({
      what: 'members of groups',
      filter: candidates,
      attributes: [...attributesOfMembers(mapping), ...(key === undefined ? [] : [key])],
    }),
  };
  return { people, groups: { lists, others, members } };
}
