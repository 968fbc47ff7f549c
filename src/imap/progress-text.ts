/** How far the migration has come, as people read it. */
import type { Progress, ProgressRow, ProgressTotals } from './progress.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 MiB`. */
export function sayBytes(bytes: number): string {
  const index = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** index;
  return `${index === 0 ? value : value.toFixed(1)} ${units[index] ?? ''}`;
}

/** `2 d 3 h`, `3 h 20 min`, `5 min`. */
export function sayTime(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

const BAR = 30;

const bar = (percent: number): string => {
  const full = Math.floor((percent * BAR) / 100);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
};

const heading = ['person', 'state', 'messages', 'size', 'runs', 'last run', 'error'];

const cellsOf = (row: ProgressRow): readonly string[] => [
  row.mailbox,
  row.state,
  String(row.messages),
  sayBytes(row.bytes),
  String(row.runs),
  row.lastRun ?? '-',
  row.error ?? '',
];

/** Numbers stand on the right. */
const isNumber = (column: number): boolean => column >= 2 && column <= 4;

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heading.map((_, column) =>
    rows.reduce((widest, cells) => Math.max(widest, (cells[column] ?? '').length), 0),
  );
  const padded = (text: string, column: number): string =>
    isNumber(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  return rows.map((cells) => cells.map(padded).join('  ').trimEnd());
}

function sumLine({ people, counts, percent, secondsLeft: left }: ProgressTotals): string {
  const active = people - counts.off;
  const time = left === undefined ? 'unknown' : `about ${sayTime(left)}`;
  const rest = counts.done === active ? '' : `, time left: ${time}`;
  return `${bar(percent)} ${percent} %, ${counts.done} of ${active} done${rest}`;
}

/** The table and the totals that `progress` prints. */
export function renderProgress({ rows, totals }: Progress): string {
  if (rows.length === 0) return 'mailcow has no sync job of the migration.\n';
  const states = Object.entries(totals.counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const lines = table([heading, ...rows.map(cellsOf)]);
  const totalLine = `${states.join(', ')}; ${totals.messages} messages, ${sayBytes(totals.bytes)}`;
  return [...lines, '', sumLine(totals), totalLine, ''].join('\n');
}
