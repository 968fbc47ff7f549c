/** The sample company becomes what a program that is not ours says it must become (RULES.md). */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { deriveDesired } from '../../src/core/desired.ts';
import type { DesiredState } from '../../src/core/desired-types.ts';
import { dnKey } from '../../src/core/dn.ts';
import type { DirectoryEntry, Finding } from '../../src/core/model.ts';
import { mapping } from '../support/builders.ts';
import { entriesOf, hasClass } from '../support/ldif.ts';

type Expected = {
  readonly domains: readonly string[];
  readonly mailboxes: Readonly<Record<string, { name: string; quotaMiB: number; active: number }>>;
  readonly aliases: Readonly<Record<string, { goto: readonly string[]; active: number }>>;
  readonly findings: readonly Pick<Finding, 'code' | 'subject'>[];
};

const fixture = (name: string): string => readFileSync(`tests/fixtures/ldif/${name}`, 'utf8');
const expected = JSON.parse(fixture('company-1000.expected.json')) as Expected;
const entries = entriesOf(fixture('company-1000.ldif'));
const people = entries.filter(
  (entry) => hasClass(entry, 'user') && entry.attributes['objectcategory']?.includes('person') === true,
);
const groups = entries.filter((entry) => hasClass(entry, 'group') && entry.attributes['mail'] !== undefined);

const derive = (first: readonly DirectoryEntry[], second: readonly DirectoryEntry[]): DesiredState =>
  deriveDesired({
    people: first,
    groups: second,
    mapping,
    domains: new Set(expected.domains),
    holdings: new Map(),
    inactiveReceives: false,
  });
const desired = derive(people, groups);

const byKey = <T>(all: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));

const subjectKey = (subject: string): string => (subject.includes('=') ? dnKey(subject) : subject);
const listed = (findings: readonly Pick<Finding, 'code' | 'subject'>[]): readonly string[] =>
  [...new Set(findings.map(({ code, subject }) => `${code} ${subjectKey(subject)}`))].sort();

test('its mailboxes', () => {
  const mailboxes = byKey(
    [...desired.mailboxes.values()].map(
      ({ address, name, quotaMiB = 3072, enabled }) =>
        [address, { active: enabled ? 1 : 0, name, quotaMiB }] as const,
    ),
  );
  expect(mailboxes).toEqual(expected.mailboxes);
  expect(Object.keys(mailboxes)).toHaveLength(916);
});

/** Lists are another matter (part C): an address that a group has, alone or beside a person, is a list's. */
const addressesOfGroups = new Set(
  groups
    .flatMap((entry) => [...(entry.attributes['mail'] ?? []), ...(entry.attributes['proxyaddresses'] ?? [])])
    .map((value) =>
      value
        .replace(/^smtp:/i, '')
        .trim()
        .toLowerCase(),
    ),
);

test('the aliases of its people', () => {
  const aliases = byKey(
    [...desired.aliases.values()].map(
      ({ address, goto, active }) => [address, { active: active ? 1 : 0, goto }] as const,
    ),
  );
  const ofPeople = Object.entries(expected.aliases).filter(([address]) => !addressesOfGroups.has(address));
  expect(aliases).toEqual(Object.fromEntries(ofPeople));
  expect(ofPeople.length).toBeGreaterThan(300);
});

const groupKeys = new Set(groups.map((entry) => dnKey(entry.dn)));
const claimsOfPeople = new Set(
  people
    .flatMap((entry) => entry.attributes['proxyaddresses'] ?? [])
    .map((value) =>
      value
        .replace(/^smtp:/i, '')
        .trim()
        .toLowerCase(),
    ),
);

/** A finding about a group's own entry, or about an address that no person asks for. */
const isOfGroups = ({ code, subject }: Pick<Finding, 'code' | 'subject'>): boolean =>
  groupKeys.has(dnKey(subject)) ||
  (!subject.includes('=') && code !== 'duplicate-address' && !claimsOfPeople.has(subject));

test('its findings', () => {
  const ofPeople = expected.findings.filter((finding) => !isOfGroups(finding));
  expect(listed(desired.findings)).toEqual(listed(ofPeople));
  expect(ofPeople.length).toBeGreaterThan(90);
});

test('nothing of it depends on the order in which the directory answers', () => {
  const other = derive([...people].reverse(), [...groups].reverse());
  expect(byKey(other.mailboxes)).toEqual(byKey(desired.mailboxes));
  expect(byKey(other.aliases)).toEqual(byKey(desired.aliases));
  expect(listed(other.findings)).toEqual(listed(desired.findings));
});
