/** What a reading proves: complete or not, from the old scope or a new one, with all its attributes or not. */
import { attributesSeen } from '../core/grace.ts';
import type { Mapping } from '../core/mapping.ts';
import { attributesOfGroups, attributesOfPeople, disabledAttributes } from '../core/mapping.ts';
import type { Reading } from '../core/model.ts';
import type { Facts } from '../ports.ts';

/** How many there were, by whatever we remember. */
export type Known = { readonly people: number; readonly groups: number };

export type Judgement = {
  readonly complete: boolean;
  readonly problems: readonly string[];
  readonly scopeChanged: boolean;
  readonly lostAttributes: readonly string[];
  readonly lostFields: ReadonlySet<'name' | 'active' | 'aliases'>;
  /** To remember when the reading is complete. */
  readonly facts: Facts;
};

function emptied(reading: Reading, known: Known, readGroups: boolean): readonly string[] {
  const problems: string[] = [];
  const { people, groups } = known;
  if (reading.people.length === 0 && people > 0) {
    problems.push(
      `the directory returned nobody where there were ${people} people: check LDAP_MAILCOW_LDAP_FILTER, LDAP_MAILCOW_LDAP_BASE_DN and the rights of the bind user`,
    );
  }
  if (readGroups && reading.groups.length === 0 && groups > 0) {
    problems.push(
      `the directory returned no group where there were ${groups}: check LDAP_MAILCOW_LDAP_GROUP_FILTER and the rights of the bind user`,
    );
  }
  return problems;
}

function fieldsOf(lost: readonly string[], mapping: Mapping): Judgement['lostFields'] {
  const has = (names: readonly string[]): boolean => names.some((name) => lost.includes(name));
  const fields = new Set<'name' | 'active' | 'aliases'>();
  if (has(mapping.aliases)) fields.add('aliases');
  if (has(mapping.name.flat())) fields.add('name');
  const active = mapping.active === undefined ? [] : [mapping.active];
  if (has([...disabledAttributes(mapping.disabled), ...active])) fields.add('active');
  return fields;
}

/** A reading that turns out to prove nothing: nobody in it, although marks in mailcow tell of people. */
export function discredit(judgement: Judgement, people: number): Judgement {
  const known = { people, groups: 0 };
  const nobody: Reading = { dialect: 'openldap', people: [], groups: [], problems: [] };
  return { ...judgement, complete: false, problems: emptied(nobody, known, false), facts: {} };
}

/** Judges one reading by what the last complete one saw (DESIGN.md 4.1, 4.4). */
export function judgeReading(input: {
  readonly reading: Reading;
  readonly facts: Facts;
  readonly mapping: Mapping;
  readonly scope: string;
  readonly readGroups: boolean;
  readonly known: Known;
  readonly now: Date;
}): Judgement {
  const { reading, facts, mapping } = input;
  const problems = [...reading.problems, ...emptied(reading, input.known, input.readGroups)];
  const seen = attributesSeen(reading);
  const inUse = new Set([...attributesOfPeople(mapping), ...attributesOfGroups(mapping)]);
  const lost = (facts.attributesSeen ?? []).filter((name) => inUse.has(name) && !seen.includes(name));
  const complete = problems.length === 0;
  return {
    complete,
    problems,
    scopeChanged: facts.firstSyncDone === true && facts.scope !== undefined && facts.scope !== input.scope,
    lostAttributes: lost,
    lostFields: fieldsOf(lost, mapping),
    facts: complete
      ? {
          scope: input.scope,
          attributesSeen: [...new Set([...seen, ...lost])].sort(),
          peopleSeen: reading.people.length,
          groupsSeen: reading.groups.length,
          lastCompleteReadingAt: input.now.toISOString(),
        }
      : {},
  };
}
