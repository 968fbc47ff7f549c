/** What is known of one person or address, as a person reads it. */
import { describeChange } from '../core/describe.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Alias, Mailbox } from '../core/model.ts';
import type { JournalEntry } from '../ports-state.ts';
import type {
  ConcernedFinding,
  EntryReport,
  Explanation,
  NextSync,
  ObjectReport,
} from '../sync/explanation.ts';
import { sayAbsence } from '../sync/explain-conclusion.ts';
import { moment, renderLines } from './words.ts';

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...indent(lines)];

const presences: Readonly<Record<EntryReport['presence'], string>> = {
  there: 'in the directory',
  absent: 'not in this reading, but in an earlier one',
  'not read': 'in the directory, but shown by no reading',
};

const answer = (name: string, { hits, failing, filter }: FilterLine): string =>
  hits ? `${name} hits: ${filter}` : `${name} does not hit, because of ${failing ?? filter}`;

type FilterLine = NonNullable<EntryReport['selection']>['asPerson'];

function entryLines({
  kind,
  dn,
  id,
  presence,
  namedBy,
  selection,
  absence,
  values,
}: EntryReport): readonly string[] {
  const by = namedBy.includes('look-up') ? 'found past the filters' : `found by its ${namedBy.join(', ')}`;
  return [
    `${kind} ${dn}`,
    ...indent([
      `${presences[presence]}; ${by}; directory id ${id === '' ? 'none' : id}`,
      ...(selection === undefined
        ? []
        : [
            `base and scope: ${selection.isInScope ? 'within' : 'outside'}`,
            answer('LDAP_MAILCOW_LDAP_FILTER', selection.asPerson),
            ...(selection.asGroup ? [answer('LDAP_MAILCOW_LDAP_GROUP_FILTER', selection.asGroup)] : []),
          ]),
      ...(absence === undefined ? [] : [sayAbsence(absence)]),
      ...values.map(({ what, value, rule }) => `${what}: ${value}  <- ${rule}`),
    ]),
  ];
}

const activity = (active: number): string => (active === 1 ? 'active' : `deactivated (${active})`);

const mailboxLine = ({ name, quotaMiB, active, authSource, tags }: Mailbox): string =>
  `mailbox: ${activity(active)}, name "${name}", quota ${quotaMiB === 0 ? 'without limit' : `${quotaMiB} MiB`}${authSource === '' ? '' : `, logins of ${authSource}`}${tags.length === 0 ? '' : `, tags ${tags.join(', ')}`}`;

const aliasLine = ({ goto, active, privateComment }: Alias): string =>
  `alias: ${activity(active)}, to ${goto.join(', ')}${privateComment === '' ? '' : `, private comment "${privateComment}"`}`;

function rowLine({
  resource,
  directoryId,
  origin,
  since,
  lastActive,
  movedTo,
  applied = {},
}: LedgerEntry): string {
  const { name, quotaMiB, goto } = applied;
  const last = [
    ...(lastActive === undefined ? [] : [lastActive ? 'active' : 'deactivated']),
    ...(name === undefined ? [] : [`name "${name}"`]),
    ...(quotaMiB === undefined ? [] : [`quota ${quotaMiB} MiB`]),
    ...(goto === undefined ? [] : [`to ${goto.join(', ')}`]),
  ];
  const left = last.length === 0 ? '' : `; last written or accepted: ${last.join(', ')}`;
  const moved = movedTo === undefined ? '' : `; its person moved to ${movedTo}`;
  return `managed here: ${resource} of directory id ${directoryId}, ${origin}, since ${moment(since)}${left}${moved}`;
}

function objectLines({
  address,
  mailbox,
  alias,
  halfDeleted,
  managed,
  marks,
  claimants,
}: ObjectReport): readonly string[] {
  const has = [
    ...(mailbox ? [mailboxLine(mailbox)] : []),
    ...(alias ? [aliasLine(alias)] : []),
    ...(halfDeleted === true ? ['a mailbox whose deletion stopped half-way'] : []),
  ];
  return [
    address,
    ...indent([
      ...(has.length === 0 ? ['mailcow has neither a mailbox nor an alias'] : has),
      ...managed.map(rowLine),
      ...marks
        .filter(({ ours }) => !ours)
        .map(({ resource, owner, directoryId }) => `${resource} marked by "${owner}" for ${directoryId}`),
      ...claimants.map(
        ({ dn, as }) => `claimed by ${dn} as ${as === 'address' ? 'its address' : 'a further address'}`,
      ),
    ]),
  ];
}

const ends: Readonly<Record<string, string>> = {
  done: 'done',
  refused: 'refused by mailcow',
  failed: 'failed',
  settled: 'read later what became of it',
};

const writeLine = ({ run, at, change, end, detail }: JournalEntry): string =>
  `${moment(at)}  run ${run}  ${describeChange(change)}: ${end === undefined ? 'cut short' : (ends[end] ?? end)}${detail === undefined ? '' : ` (${detail})`}`;

function nextLines(next: NextSync | null): readonly string[] {
  if (next === null) return ['not known: one of both sides could not be read'];
  const lines = [
    ...next.changes.map(describeChange),
    ...next.held.map(({ change, why }) => `held back: ${describeChange(change)}: ${why}`),
    ...(next.approve === null ? [] : [`after the next sync, to let it through: ${next.approve}`]),
    ...next.forbidden.map(({ change, why }) => `not made because of ${why}: ${describeChange(change)}`),
    ...next.skips.map(({ resource, key, reason }) => `left alone: ${resource} ${key}: ${reason}`),
  ];
  return lines.length === 0 ? ['nothing'] : lines;
}

const findingLines = ({
  code,
  subject,
  message,
  since,
  advice,
  anchor,
}: ConcernedFinding): readonly string[] => [
  `${code}: ${subject}: ${message}${since === null ? '' : ` (since ${moment(since)})`}`,
  `  ${advice} (${anchor})`,
];

/** The text that `explain` prints. */
export function renderExplanation(report: Explanation): string {
  const { conclusion, entries, nearest, objects, writes, pins, nextSync, findings, generalFindings } = report;
  const near = nearest.map(({ dn, address }) => `${address ?? 'no address'}  ${dn}`);
  return renderLines([
    ...conclusion,
    ...section('Could not be read to the end', report.problems),
    ...section('Entries', entries.flatMap(entryLines)),
    ...section(entries.length === 0 ? 'The directory has nobody of that name; nearest are' : 'Near', near),
    ...section('In mailcow', objects.flatMap(objectLines)),
    ...section('Last writes', writes.map(writeLine)),
    ...section('Pinned', pins),
    ...(report.known ? section('The next sync', nextLines(nextSync)) : []),
    ...section('Findings', findings.flatMap(findingLines)),
    ...section('Findings about everybody', generalFindings.flatMap(findingLines)),
  ]);
}
