/** The results for people. */
import { median } from './median.ts';
import type { Results, Row } from './stages.ts';

const columns = [
  '',
  'wall s',
  'CPU s',
  'peak MiB',
  'ldapsearch s',
  'ratio',
  'LDAP pages',
  'reads',
  'lists',
  'writes',
  'other calls',
] as const;

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

const cellsOf = ({ what, usage, ldapsearchMs, counts }: Row): readonly string[] => [
  what,
  seconds(usage.wallMs),
  seconds(usage.cpuMs),
  usage.peakMiB.toFixed(0),
  seconds(ldapsearchMs),
  (usage.wallMs / ldapsearchMs).toFixed(1),
  ...(counts === undefined
    ? ['', '', '', '', '']
    : [counts.searches, counts.reads, counts.lists, counts.writes, counts.others].map(String)),
];

function render(rows: readonly (readonly string[])[]): string {
  const widths = columns.map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join(' | ');
  const rule = widths
    .map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
    .join(' | ');
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].map((text) => `| ${text} |\n`).join('');
}

/** How near a sync that writes came to one writer that does nothing else. */
function writerLine({ rows, latencyMs, writerMs }: Results): string {
  const first = rows.find(({ what }) => what === 'first sync');
  const writes = first?.counts?.writes ?? 0;
  if (first === undefined || writes === 0) return '';
  const least = writes * writerMs;
  const share = (100 * least) / first.usage.wallMs;
  return `first sync: a writer that does nothing else takes ${writerMs.toFixed(2)} ms a write here (${latencyMs} ms of it mailcow's), for ${writes} writes ${seconds(least)} s: the sync reached ${share.toFixed(0)} % of its speed\n`;
}

/** A Markdown table, and the lines that the issue asks for. */
export function renderTable(results: Results): string {
  const { inside, people, latencyMs } = results;
  const sync = median(inside.syncMs);
  const search = median(inside.ldapsearchMs);
  return [
    `${people} people, ${Math.floor(people / 10)} groups, ${latencyMs} ms a write\n\n`,
    render([columns, ...results.rows.map(cellsOf)]),
    '\n',
    `inside the process an unchanged sync takes ${sync.toFixed(0)} ms, ldapsearch ${search.toFixed(0)} ms: ${(sync / search).toFixed(2)} times (medians of ${inside.syncMs.length})\n`,
    `the daemon's peak: ${inside.usage.peakMiB.toFixed(0)} MiB\n`,
    writerLine(results),
  ].join('');
}
