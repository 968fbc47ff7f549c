/** The expectations of tests/fixtures/ldif without what only groups cause: lists of groups are not made yet. */
import { readFileSync } from 'node:fs';
import { dnKey } from '../../src/core/dn.ts';
import type { Holdings } from '../sandbox/holdings.ts';
import { entriesOf, hasClass } from '../support/ldif.ts';

export type ExpectedWrite = {
  readonly kind: string;
  readonly resource: 'mailbox' | 'alias';
  readonly key: string;
  readonly fields: readonly string[];
};

export type FindingKey = { readonly code: string; readonly subject: string };

type ExpectedFile = Holdings & {
  readonly findings: readonly FindingKey[];
  readonly writesFirstSync?: readonly ExpectedWrite[];
  readonly writesSecondSync?: readonly ExpectedWrite[];
  readonly doneByRename?: readonly ExpectedWrite[];
};

export type Expected = Required<ExpectedFile>;

const folder = 'tests/fixtures/ldif';

/** Each address that a value of `mail` or `proxyAddresses` may mean, as tests/fixtures/ldif/RULES.md reads it. */
const addressOf = (value: string): string =>
  value
    .replace(/^smtp:/i, '')
    .trim()
    .toLowerCase();

type Claimants = { readonly addresses: ReadonlySet<string>; readonly dns: ReadonlySet<string> };

type Values = readonly string[] | undefined;

const addressesIn = (values: Values): readonly string[] => (values ?? []).map(addressOf);

/** All addresses of groups; of people only those beside their own one, which they ask for as aliases. */
function claimantsOf(text: string, objectClass: 'group' | 'user'): Claimants {
  const entries = entriesOf(text).filter((entry) => hasClass(entry, objectClass));
  const claims = entries.flatMap(({ attributes }) => {
    const own = addressesIn(attributes['mail']);
    const further = addressesIn(attributes['proxyaddresses']);
    return objectClass === 'group'
      ? [...own, ...further]
      : further.filter((address) => !own.includes(address));
  });
  return { addresses: new Set(claims), dns: new Set(entries.map(({ dn }) => dnKey(dn))) };
}

/** Whether a finding is about a group, or about an address that no person asks for as an alias. */
const isOfGroupsOnly = ({ code, subject }: FindingKey, groups: Claimants, people: Claimants): boolean =>
  groups.dns.has(dnKey(subject)) ||
  (code !== 'duplicate-address' && groups.addresses.has(subject) && !people.addresses.has(subject));

/** What a directory must become; `changes` is the LDIF that was applied to it. */
export function readExpected(name: string, changes?: string): Expected {
  const file = JSON.parse(readFileSync(`${folder}/${changes ?? name}.expected.json`, 'utf8')) as ExpectedFile;
  const before = readFileSync(`${folder}/${name}.ldif`, 'utf8');
  const added = changes === undefined ? '' : readFileSync(`${folder}/${changes}.ldif`, 'utf8');
  const groups = claimantsOf(before, 'group');
  const people = claimantsOf(`${before}\n\n${added}`, 'user');
  const forPeople = ({ resource, key }: ExpectedWrite): boolean =>
    resource === 'mailbox' || !groups.addresses.has(key);
  return {
    mailboxes: file.mailboxes,
    aliases: Object.fromEntries(
      Object.entries(file.aliases).filter(([address]) => !groups.addresses.has(address)),
    ),
    findings: file.findings.filter((finding) => !isOfGroupsOnly(finding, groups, people)),
    writesFirstSync: (file.writesFirstSync ?? []).filter(forPeople),
    writesSecondSync: (file.writesSecondSync ?? []).filter(forPeople),
    doneByRename: (file.doneByRename ?? []).filter(forPeople),
  };
}

/** Findings as comparable text: servers spell DNs in their own way. */
export function findingKeys(findings: readonly FindingKey[]): readonly string[] {
  return findings
    .map(({ code, subject }) => `${code} ${subject.includes('=') ? dnKey(subject) : subject}`)
    .sort();
}
