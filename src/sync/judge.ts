/** What a reading proves: complete or not, from the old scope or a new one, with all its attributes or not. */
import { attributesSeen, ofGroups } from '../core/grace.ts';
import type { LostField } from '../core/guard.ts';
import type { Mapping } from '../core/mapping.ts';
import { attributesOfGroups, attributesOfPeople, disabledAttributes } from '../core/mapping.ts';
import type { Reading } from '../core/model.ts';
import type { Facts } from '../ports-state.ts';

/** How many there were, by whatever we remember. */
export type Known = { readonly people: number; readonly groups: number; readonly members: number };

export type Judgement = {
  readonly complete: boolean;
  readonly problems: readonly string[];
  readonly scopeChanged: boolean;
  readonly lostAttributes: readonly string[];
  readonly lostFields: ReadonlySet<LostField>;
  /** What an administrator may declare to be so, by `approve`: `no-people`, `no-groups`, `no-members`, `no-mail`, `attribute:NAME`. */
  readonly declarable: readonly string[];
  /** To remember of this reading. */
  readonly facts: Facts;
};

type Problem = { readonly message: string; readonly declare?: string };

/** What to type when the directory is right and our memory of it is out of date. */
export const declareCommand = (what: string): string => `ldap-mailcow approve ${what}`;

const orIsIt = (what: string): string => `; if it is right, type: ${declareCommand(what)}`;

function emptied(reading: Reading, known: Known, readGroups: boolean): readonly Problem[] {
  const problems: Problem[] = [];
  const { people, groups, members } = known;
  if (reading.people.length === 0 && people > 0) {
    const message = `the directory returned nobody where there were ${people} people: check LDAP_MAILCOW_LDAP_FILTER, LDAP_MAILCOW_LDAP_BASE_DN and the rights of the bind user${orIsIt('no-people')}`;
    problems.push({ message, declare: 'no-people' });
  }
  if (readGroups && reading.groups.length === 0 && groups > 0) {
    const message = `the directory returned no group where there were ${groups}: check LDAP_MAILCOW_LDAP_GROUP_FILTER and the rights of the bind user${orIsIt('no-groups')}`;
    problems.push({ message, declare: 'no-groups' });
  }
  if (reading.members?.entries.length === 0 && members > 0) {
    const message = `the directory returned nobody who may be a member of a list beside the people, where there were ${members}: check LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER and the rights of the bind user${orIsIt('no-members')}`;
    problems.push({ message, declare: 'no-members' });
  }
  return problems;
}

/**
 * Without addresses nobody can be told from anybody: then absence proves nothing either, unless that was so in a
 * complete reading already.
 */
function withoutAddresses({ people }: Reading, { mail }: Mapping, facts: Facts): readonly Problem[] {
  const { lastCompleteReadingAt, attributesSeen: before = [] } = facts;
  if (lastCompleteReadingAt !== undefined && !before.includes(mail)) return [];
  if (people.length === 0 || people.some(({ attributes }) => attributes[mail] !== undefined)) return [];
  const message = `nobody in the directory has ${mail}: check LDAP_MAILCOW_MAIL_ATTRIBUTE, and whether the bind user may read it${orIsIt('no-mail')}`;
  return [{ message, declare: 'no-mail' }];
}

function fieldsOf(lost: readonly string[], mapping: Mapping): Judgement['lostFields'] {
  const has = (names: readonly string[]): boolean => names.some((name) => lost.includes(name));
  const fields = new Set<LostField>();
  if (has(mapping.aliases) || has(mapping.aliases.map(ofGroups))) fields.add('aliases');
  const { primaryGroup } = mapping;
  const members = [...mapping.memberDn, ...mapping.memberAccount].map(ofGroups);
  const primary = primaryGroup === undefined ? [] : [primaryGroup.ofPerson, ofGroups(primaryGroup.ofGroup)];
  if (has([...members, ...primary])) fields.add('members');
  if (has(mapping.name.flat())) fields.add('name');
  const active = mapping.active === undefined ? [] : [mapping.active];
  if (has([...disabledAttributes(mapping.disabled), ...active])) fields.add('active');
  return fields;
}

const NOBODY: Reading = { dialect: 'openldap', people: [], groups: [], problems: [] };

/**
 * A reading that turns out to prove nothing: nobody in it, although marks in mailcow tell of people; unless an
 * administrator has declared that it is so.
 */
export function discredit(judgement: Judgement, people: number, declared: ReadonlySet<string>): Judgement {
  if (declared.has('no-people')) return judgement;
  const problems = emptied(NOBODY, { people, groups: 0, members: 0 }, false);
  return {
    ...judgement,
    complete: false,
    problems: problems.map(({ message }) => message),
    declarable: [...new Set([...judgement.declarable, 'no-people'])],
    facts: {},
  };
}

export type JudgeInput = {
  readonly reading: Reading;
  readonly facts: Facts;
  readonly mapping: Mapping;
  readonly scope: string;
  readonly readGroups: boolean;
  readonly known: Known;
  readonly now: Date;
  /** What an administrator has declared to be so (see Judgement.declarable). */
  readonly declared: ReadonlySet<string>;
};

const attributeName = (name: string): string => `attribute:${name}`;

/** An incomplete reading shows what there is, and nothing of what there is not. */
function rememberOf(
  input: JudgeInput,
  complete: boolean,
  attributes: { readonly seen: readonly string[]; readonly lost: readonly string[] },
): Facts {
  const { reading, facts } = input;
  const people = reading.people.length;
  const groups = reading.groups.length;
  const members = reading.members?.entries.length;
  if (!complete) {
    const before = facts.attributesSeen ?? [];
    return {
      attributesSeen: [...new Set([...before, ...attributes.seen])].sort(),
      ...(facts.peopleSeen !== undefined && { peopleSeen: Math.max(facts.peopleSeen, people) }),
      ...(facts.groupsSeen !== undefined && { groupsSeen: Math.max(facts.groupsSeen, groups) }),
      ...(facts.membersSeen !== undefined && { membersSeen: Math.max(facts.membersSeen, members ?? 0) }),
    };
  }
  return {
    scope: input.scope,
    attributesSeen: [...new Set([...attributes.seen, ...attributes.lost])].sort(),
    peopleSeen: people,
    groupsSeen: groups,
    ...(members !== undefined && { membersSeen: members }),
    lastCompleteReadingAt: input.now.toISOString(),
  };
}

const isGivenUp = (name: string, { declared, mapping }: JudgeInput): boolean =>
  declared.has(attributeName(name)) || (name === mapping.mail && declared.has('no-mail'));

/** Judges one reading by what the last complete one saw (DESIGN.md 4.1, 4.4). */
export function judgeReading(input: JudgeInput): Judgement {
  const { reading, facts, mapping, declared } = input;
  const seen = attributesSeen(reading);
  const inUse = new Set([...attributesOfPeople(mapping), ...attributesOfGroups(mapping).map(ofGroups)]);
  const lost = (facts.attributesSeen ?? []).filter(
    (name) => inUse.has(name) && !seen.includes(name) && !isGivenUp(name, input),
  );
  const doubts = [
    ...emptied(reading, input.known, input.readGroups),
    ...withoutAddresses(reading, mapping, facts),
  ].filter(({ declare }) => declare === undefined || !declared.has(declare));
  const problems = [...reading.problems, ...doubts.map(({ message }) => message)];
  const complete = problems.length === 0;
  return {
    complete,
    problems,
    scopeChanged: facts.firstSyncDone === true && facts.scope !== undefined && facts.scope !== input.scope,
    lostAttributes: lost,
    lostFields: fieldsOf(lost, mapping),
    declarable: [
      ...doubts.map(({ declare }) => declare).filter((declare) => declare !== undefined),
      ...(complete ? lost.map(attributeName) : []),
    ],
    facts: rememberOf(input, complete, { seen, lost }),
  };
}
