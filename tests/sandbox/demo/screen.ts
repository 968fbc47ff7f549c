/** What the demo prints: short, in colours only where a terminal takes them. */
import type { Stats } from '../../support/mailcow/stats.ts';
import type { Ended } from '../program.ts';

type Paint = (text: string) => string;
export type Colours = Readonly<Record<'title' | 'quiet' | 'good' | 'bad', Paint>>;

const escape =
  (code: number): Paint =>
  (text) =>
    `\u001b[${code}m${text}\u001b[0m`;
const plain: Paint = (text) => text;

/** Colours for a terminal; NO_COLOR and pipes get none. */
export function chooseColours(terminal: boolean, environment: NodeJS.ProcessEnv): Colours {
  if (!terminal || (environment['NO_COLOR'] ?? '') !== '') {
    return { title: plain, quiet: plain, good: plain, bad: plain };
  }
  return { title: escape(1), quiet: escape(2), good: escape(32), bad: escape(31) };
}

type ChangeJson = {
  readonly kind: string;
  readonly resource: string;
  readonly key: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
};
type PlanJson = {
  readonly complete: boolean;
  readonly changes: readonly ChangeJson[];
  readonly held: readonly (ChangeJson & { readonly why: string })[];
  readonly findings: readonly { readonly code: string }[];
};

const MOST_LINES = 4;

const shown = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);

const field = (name: string, { before, after }: ChangeJson): string =>
  before[name] === undefined
    ? `${name} ${shown(after[name])}`
    : `${name} ${shown(before[name])} → ${shown(after[name])}`;

function changeLine(change: ChangeJson): string {
  const fields = Object.keys(change.after).map((name) => field(name, change));
  return `${change.kind} ${change.resource} ${change.key}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`;
}

function shortened(changes: readonly ChangeJson[]): readonly string[] {
  const mailboxesFirst = [...changes].sort((a, b) =>
    a.resource < b.resource ? 1 : a.resource > b.resource ? -1 : 0,
  );
  const lines = mailboxesFirst.map(changeLine);
  const shown = lines.length <= MOST_LINES + 1 ? lines : lines.slice(0, MOST_LINES);
  return lines.length === shown.length ? shown : [...shown, `… and ${lines.length - shown.length} more`];
}

/** What `plan --json` says, in a few lines. */
export function planLines({ code, stdout, stderr }: Ended): readonly string[] {
  if (stdout === '')
    return [`failed with exit code ${code}`, ...stderr.trim().split('\n').slice(-1).map(withoutPrefix)];
  const { changes, held, complete } = JSON.parse(stdout) as PlanJson;
  const incomplete = complete ? [] : ['the reading is incomplete: nothing may be taken away'];
  const why = held[0]?.why;
  const lines = [
    ...incomplete,
    ...shortened(changes),
    ...(why === undefined ? [] : [`${held.length} changes held: ${why}`]),
  ];
  return lines.length === 0 ? ['nothing to do'] : lines;
}

/** The findings of `plan --json` by kind: `no-address, duplicate-address (2)`. */
export function findingsLine({ stdout }: Ended): string {
  if (stdout === '') return 'unknown';
  const counts = new Map<string, number>();
  for (const { code } of (JSON.parse(stdout) as PlanJson).findings)
    counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => (count === 1 ? code : `${code} (${count})`)).join(', ');
}

/** A log line without its time, level and run id. */
const withoutPrefix = (line: string): string => line.replace(/^\S+ \S+ \w+ +(\[run \w+\] )?/, '');

/** The last line of a sync's log and its exit code. */
export function syncLine({ code, stderr }: Ended): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return `${withoutPrefix(last)} (exit code ${code})`;
}

/** How often mailcow was called. */
export function callsLine({ writes, lists, objects }: Stats): string {
  return `API calls: ${writes} writing, ${lists} reading a list, ${objects} reading one object`;
}

/** A label and its lines, the label only once. */
export function labelled(label: string, lines: readonly string[]): string {
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(11)}${line}\n`).join('');
}
