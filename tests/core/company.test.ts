/** The sample company becomes what a program that is not ours says it must become (RULES.md). */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { deriveDesired } from '../../src/core/desired.ts';
import type { DesiredList, DesiredState } from '../../src/core/desired-types.ts';
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
const groups = entries
  .filter((entry) => hasClass(entry, 'group'))
  .map((entry) => (entry.attributes['mail'] === undefined ? { ...entry, nestedOnly: true as const } : entry));

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

/** Where everybody has a mailbox, a list reaches its members at their own addresses. */
function gotoOf({ memberIds, others }: DesiredList): readonly string[] {
  const addresses = memberIds.map((id) => desired.mailboxes.get(id)?.address ?? '');
  return [...new Set([...addresses, ...others])].sort();
}

test('its aliases and lists', () => {
  const ofPeople = [...desired.aliases.values()].map(
    ({ address, goto, active }) => [address, { active: active ? 1 : 0, goto }] as const,
  );
  const ofGroups = [...desired.lists.values()]
    .map((list) => [list.address, { active: 1, goto: gotoOf(list) }] as const)
    .filter(([, { goto }]) => goto.length > 0);
  expect(byKey([...ofPeople, ...ofGroups])).toEqual(expected.aliases);
});

test('its findings', () => {
  expect(listed(desired.findings)).toEqual(listed(expected.findings));
});

test('nothing of it depends on the order in which the directory answers', () => {
  const other = derive([...people].reverse(), [...groups].reverse());
  expect(byKey(other.mailboxes)).toEqual(byKey(desired.mailboxes));
  expect(byKey(other.aliases)).toEqual(byKey(desired.aliases));
  const reached = (state: DesiredState) =>
    byKey([...state.lists].map(([key, list]) => [key, gotoOf(list)] as const));
  expect(reached(other)).toEqual(reached(desired));
  expect(listed(other.findings)).toEqual(listed(desired.findings));
});
