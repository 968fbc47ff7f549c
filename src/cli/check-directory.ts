/** The section of `check` about the directory. */
import type { DirectoryProbe } from '../directory/probe.ts';
import type { Mapping } from '../core/mapping.ts';
import type { Finding, Reading } from '../core/model.ts';
import type { Person } from '../core/person.ts';
import type { Understood } from './check-people.ts';
import { counted, type Outcome, type Section } from './check-report.ts';

export type DirectoryAnswer = { readonly probe: DirectoryProbe; readonly reading: Reading };

const title = 'Directory';
const sampleOfPeople = 5;
const sampleOfUnresolved = 3;

const disabledRule = ({ disabled }: Mapping): string =>
  disabled.kind === 'attribute' ? `${disabled.attribute}=${disabled.values.join(',')}` : disabled.kind;

const connectionLines = ({ probe }: DirectoryAnswer): readonly string[] => [
  `${probe.uri}, ${probe.encrypted ? 'encrypted' : 'not encrypted'}`,
  `bound${probe.whoami === undefined ? '' : ` as ${probe.whoami}`}`,
  `server: ${probe.vendor}; dialect: ${probe.dialect}`,
  `paging: ${probe.pagingWorks ? 'works' : 'not offered'}; limits: ${probe.sizeLimited ? 'cut the reading off' : 'none met'}`,
];

function memberLines({ members }: DirectoryProbe): readonly string[] {
  if (!members) return [];
  const entries = counted(members.count, 'entry', 'entries');
  const key = members.key ?? 'their DN';
  return [
    members.decides
      ? `members of lists: ${entries} selected by LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER, which groups name by ${key}`
      : `members of lists: the people, and whoever else of ${entries} with an address a group names`,
  ];
}

const countLines = ({ probe }: DirectoryAnswer, { people, unresolved }: Understood): readonly string[] => {
  const disabled = people.filter((person) => !person.enabled).length;
  return [
    `${counted(probe.countPeople, 'person', 'people')} (${disabled} disabled, ${unresolved.length} without an address that can be used), ${counted(probe.countLists, 'list', 'lists')}, ${counted(probe.countOtherGroups, 'other group', 'other groups')}`,
    ...memberLines(probe),
  ];
};

const mappingLine = (mapping: Mapping): string =>
  [
    `mapping: address ${mapping.mail}`,
    `name ${mapping.name.map((parts) => parts.join('+')).join(', else ')}`,
    `aliases ${mapping.aliases.join(', ') || 'none'}`,
    `quota ${mapping.quota ?? 'none'}`,
    `disabled by ${[disabledRule(mapping), mapping.active].filter((name) => name !== undefined).join(' and ')}`,
  ].join('; ');

const quotaText = (quotaMiB: number | undefined): string => {
  if (quotaMiB === undefined) return 'quota of new mailboxes';
  return quotaMiB === 0 ? 'no quota limit' : `${quotaMiB} MiB`;
};

const personLines = (person: Person): readonly string[] => {
  const aliases = person.aliases.map((value) => value.text).filter((text) => text !== person.address);
  const what = [
    person.address,
    `"${person.name}"`,
    quotaText(person.quotaMiB),
    person.enabled ? 'active' : 'disabled',
    `aliases: ${aliases.join(', ') || 'none'}`,
  ];
  return [`  ${person.dn}`, `    ${what.join('; ')}`];
};

/** A few of each sort: people that work, one that is disabled, and entries that cannot be used. */
function sampleLines({ people, unresolved }: Understood): readonly string[] {
  const enabled = people.filter((person) => person.enabled);
  const disabled = people.filter((person) => !person.enabled);
  const sample = [...enabled.slice(0, sampleOfPeople), ...disabled.slice(0, 1)];
  return [
    ...(sample.length > 0 ? ['a sample of entries, as a sync would understand them:'] : []),
    ...sample.flatMap(personLines),
    ...unresolved
      .slice(0, sampleOfUnresolved)
      .flatMap(({ code, subject, message }) => [`  ${subject}`, `    ${code}: ${message}`]),
  ];
}

const nobody =
  'the search found nobody: check LDAP_MAILCOW_LDAP_FILTER, LDAP_MAILCOW_LDAP_BASE_DN and what the bind DN may read';

const noMembers =
  'LDAP_MAILCOW_LDAP_GROUP_MEMBER_FILTER selects no entry, so that no list would have a member: correct it, or remove it';

const noAddresses = (mapping: Mapping): string =>
  `nobody has an address that can be used in ${mapping.mail}: check LDAP_MAILCOW_MAIL_ATTRIBUTE and whether the bind DN may read it`;

function problemsOf({ probe }: DirectoryAnswer, { mapping, people }: Understood): readonly string[] {
  const empty = probe.countPeople === 0 && probe.problems.length === 0;
  const unaddressed = probe.countPeople > 0 && people.length === 0;
  const memberless = probe.members?.decides === true && probe.members.count === 0;
  return [
    ...probe.problems,
    ...(empty ? [nobody] : []),
    ...(unaddressed ? [noAddresses(mapping)] : []),
    ...(memberless && probe.problems.length === 0 ? [noMembers] : []),
  ];
}

function groupByCode(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, readonly Finding[]>();
  for (const finding of findings) groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  return groups;
}

const findingRemark = ([code, findings]: readonly [string, readonly Finding[]]): string => {
  const [first] = findings;
  const example = first === undefined ? '' : `, for example ${first.subject}: ${first.message}`;
  return `${findings.length} × ${code}${example} (docs/findings.md#${code})`;
};

const dialectRemark = ({ probe }: DirectoryAnswer): readonly string[] =>
  probe.dialect === probe.detected
    ? []
    : [`the dialect is set to ${probe.dialect}, but the server looks like ${probe.detected}`];

export type DirectoryFacts = {
  readonly answer: Outcome<DirectoryAnswer>;
  readonly understood: Understood | undefined;
  /** Of the whole desired state. */
  readonly findings: readonly Finding[];
};

/** What the directory said, and how its entries are understood. */
export function directorySection({ answer, understood, findings }: DirectoryFacts): Section {
  if (!answer.ok) return { title, lines: [], problems: [answer.error.message], remarks: [] };
  if (understood === undefined) return { title, lines: [], problems: [], remarks: [] };
  const { value } = answer;
  return {
    title,
    lines: [
      ...connectionLines(value),
      ...countLines(value, understood),
      mappingLine(understood.mapping),
      ...sampleLines(understood),
    ],
    problems: problemsOf(value, understood),
    remarks: [...dialectRemark(value), ...[...groupByCode(findings)].map(findingRemark)],
  };
}
