/** How the entries of a reading are understood: the mapping that a sync uses, over everybody. */
import { domainOf } from '../core/address.ts';
import { deriveDesired } from '../core/desired.ts';
import type { DesiredState } from '../core/desired-types.ts';
import type { GroupPolicyRule } from '../core/group-policy.ts';
import { resolveMapping, type Mapping, type MappingSettings } from '../core/mapping.ts';
import type { DirectoryEntry, Finding, Reading } from '../core/model.ts';
import { parseEntryAddress, readPerson, type Person } from '../core/person.ts';

export type Understood = {
  readonly mapping: Mapping;
  readonly people: readonly Person[];
  readonly unresolved: readonly Finding[];
  /** The mail domains of people, sorted by name. */
  readonly domains: readonly MailDomain[];
};

export type MailDomain = { readonly name: string; readonly people: readonly Person[] };

type Read = Person | Finding;

const isPerson = (read: Read): read is Person => 'dn' in read;
const isFinding = (read: Read): read is Finding => !isPerson(read);

function readEntry(entry: DirectoryEntry, mapping: Mapping): Read {
  const parsed = parseEntryAddress(entry, mapping.mail);
  return parsed.kind === 'address' ? readPerson(entry, mapping, parsed.address) : parsed.finding;
}

function byDomain(people: readonly Person[]): readonly MailDomain[] {
  const domains = new Map<string, Person[]>();
  for (const person of people) {
    const name = domainOf(person.address);
    const known = domains.get(name);
    if (known === undefined) domains.set(name, [person]);
    else known.push(person);
  }
  return [...domains]
    .map(([name, members]) => ({ name, people: members }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Reads every entry as a person, whatever mailcow knows. */
export function understand(reading: Reading, settings: MappingSettings): Understood {
  const mapping = resolveMapping(settings, reading.dialect);
  const read = reading.people.map((entry) => readEntry(entry, mapping));
  const people = read.filter(isPerson);
  return {
    mapping,
    people,
    unresolved: read.filter(isFinding),
    domains: byDomain(people),
  };
}

export type DesiredOptions = {
  readonly reading: Reading;
  readonly groupPolicies: readonly GroupPolicyRule[];
  readonly mapping: Mapping;
  /** The domains of mailcow; while they are unknown, every domain counts as one. */
  readonly domains: ReadonlySet<string>;
  /** Given when mailboxes are not synced: only who has one gets aliases. */
  readonly hasMailbox?: (address: string) => boolean;
};

/** What a first sync would want; nobody holds anything yet. */
export function desiredOf({
  reading,
  groupPolicies,
  mapping,
  domains,
  hasMailbox,
}: DesiredOptions): DesiredState {
  return deriveDesired({
    people: reading.people,
    groups: reading.groups,
    ...(reading.members && { members: reading.members }),
    groupPolicies,
    mapping,
    domains,
    holdings: new Map(),
    inactiveReceives: false,
    ...(hasMailbox === undefined ? {} : { hasMailbox }),
  });
}
