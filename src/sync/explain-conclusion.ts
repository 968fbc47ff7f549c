/** Why somebody has a mailbox or an alias, or none: the sentences that come first. */
import { describeChange } from '../core/describe.ts';
import { isActive } from '../core/current.ts';
import type { JournalEntry } from '../ports-state.ts';
import type { Absence, EntryReport, Explanation, ObjectReport } from './explanation.ts';
import type { Question } from './explain-find.ts';
import type { SyncSettings } from './settings.ts';

export type Facts = Omit<Explanation, 'query' | 'conclusion' | 'nearest' | 'problems'> & {
  readonly question: Question;
  readonly settings: SyncSettings;
};

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

function whose({ managed, marks }: ObjectReport): string {
  const [row] = managed;
  if (row !== undefined) return `managed here since ${row.since.slice(0, 10)} (${row.origin})`;
  const [mark] = marks;
  if (mark === undefined) return 'not managed here';
  return mark.ours ? 'marked as ours' : `managed by another ldap-mailcow ("${mark.owner}")`;
}

function objectLines(object: ObjectReport): readonly string[] {
  const { address, mailbox, alias, halfDeleted } = object;
  const lines: string[] = [];
  if (mailbox !== undefined) {
    const state = isActive(mailbox.active) ? 'works' : `is deactivated (active ${mailbox.active})`;
    lines.push(`The mailbox ${address} is there and ${state}; it is ${whose(object)}.`);
  }
  if (alias !== undefined) {
    const state = isActive(alias.active) ? '' : ', and is deactivated';
    lines.push(`${address} is an alias to ${alias.goto.join(', ')}${state}; it is ${whose(object)}.`);
  }
  if (halfDeleted === true) lines.push(`A deletion of the mailbox ${address} stopped half-way in mailcow.`);
  return lines.length > 0 ? lines : [`mailcow has no mailbox and no alias ${address}.`];
}

const filterLine = (name: string, { failing, filter }: { failing?: string; filter: string }): string =>
  failing === undefined || failing === filter
    ? `${name} does not hit: ${filter} does not hold, or the bind account may not read what it asks for.`
    : `${name} does not hit: its part ${failing} does not hold, or the bind account may not read what it asks for.`;

function selectionLines({ selection, dn, presence }: EntryReport): readonly string[] {
  if (selection === undefined) return [];
  const { isInScope, asPerson, asGroup } = selection;
  const head = `${dn} is in the directory, but no reading shows it now.`;
  const scope = isInScope
    ? []
    : ['It is not below LDAP_MAILCOW_LDAP_BASE_DN, or deeper than LDAP_MAILCOW_LDAP_SCOPE reaches.'];
  if (asPerson.hits || asGroup?.hits === true) {
    const line = 'The filter hits it: the next reading shows it, unless this one was cut short.';
    return [head, ...(scope.length === 0 ? [line] : scope)];
  }
  const asked =
    presence === 'absent' || asGroup === undefined
      ? []
      : [filterLine('LDAP_MAILCOW_LDAP_GROUP_FILTER', asGroup)];
  return [head, ...scope, filterLine('LDAP_MAILCOW_LDAP_FILTER', asPerson), ...asked];
}

/** `missing in 1 of 2 readings since …`: with the last of them it counts as gone. */
export function sayAbsence({ missing, of, since }: Absence): string {
  const when = since === null ? '' : ` since ${since}`;
  if (missing === 0)
    return `not in this reading, which does not count (missing in 0 of ${of} readings${when})`;
  return missing < of
    ? `missing in ${missing} of ${of} readings${when}`
    : `gone: missing in ${missing} readings${when}, and ${of} are enough`;
}

function entryLines(entry: EntryReport): readonly string[] {
  const { dn, absence, kind } = entry;
  const lines = [...selectionLines(entry)];
  if (absence !== undefined) lines.push(`${dn} is ${sayAbsence(absence)}.`);
  if (kind === 'possible member')
    lines.push(
      `${dn} may be a member of lists, but LDAP_MAILCOW_LDAP_FILTER does not make it one of the people.`,
    );
  return lines;
}

function nextLines({ nextSync }: Facts): readonly string[] {
  if (nextSync === null) return [];
  const { changes, held, approve, forbidden, skips } = nextSync;
  return [
    ...changes.map((change) => `The next sync will: ${describeChange(change)}.`),
    ...held.map(
      ({ change, why }) =>
        `Held back: ${describeChange(change)}: ${why}; to let it through: ${approve ?? ''}`,
    ),
    ...forbidden.map(({ change, why }) => `Not made because of ${why}: ${describeChange(change)}.`),
    ...skips.map(({ resource, key, reason }) => `The ${resource} ${key} is left alone: ${reason}.`),
  ];
}

const taking = new Set(['remove', 'delete', 'deactivate']);

/** The last write to the object in question, when it took something away. */
function takenLines(main: ObjectReport | undefined, writes: readonly JournalEntry[]): readonly string[] {
  if (main === undefined || (main.mailbox ?? main.alias)?.active === 1) return [];
  const last = writes.find(({ change, end }) => change.key === main.address && end === 'done');
  if (last === undefined || !taking.has(last.change.kind)) return [];
  return [`Last written by run ${last.run} at ${last.at}: ${describeChange(last.change)}.`];
}

const onlyAliases = ({ settings, entries }: Facts): readonly string[] =>
  settings.plan.syncMailboxes || entries.every(({ kind }) => kind !== 'person')
    ? []
    : ['Mailboxes are not synced, only aliases: LDAP_MAILCOW_SYNC_MAILBOXES, LDAP_MAILCOW_API_QUOTA.'];

/** Of who has a mailbox that works, what concerns everybody is not the reason of anything. */
const generalLines = (main: ObjectReport | undefined, { generalFindings }: Facts): readonly string[] =>
  main?.mailbox?.active === 1
    ? []
    : generalFindings.map(({ code, message }) => sentence(`For everybody: ${code}: ${message}`));

/** What is there, why, and what comes next; one sentence each. */
export function conclude(facts: Facts): readonly string[] {
  const { question, known, objects, entries, findings, writes } = facts;
  if (!known) {
    return [
      `Nothing is known of "${question.text}": neither the directory, nor mailcow, nor the state file has it.`,
    ];
  }
  const [main] = objects;
  return [
    ...(main === undefined
      ? ['There is no address that counts, so there is no mailbox.']
      : objectLines(main)),
    ...findings.map(({ code, message }) => sentence(`${code}: ${message}`)),
    ...entries.flatMap(entryLines),
    ...onlyAliases(facts),
    ...takenLines(main, writes),
    ...nextLines(facts),
    ...generalLines(main, facts),
  ];
}
