/** How often a task runs: ns8's `5m` and `2h`, `''` by hand, and cron expressions. */

/** The longest that mailcow takes: 30 days and a bit. What the daemon starts has it, too, because mailcow wants some number. */
export const longestInterval = 43_800;

/** The minutes of `Nm` or `Nh`; undefined for anything else, and for what mailcow does not take. */
export function cronMinutes(cron: string): number | undefined {
  const [, digits = '', unit] = /^([1-9]\d{0,4})([mh])$/.exec(cron) ?? [];
  const minutes = Number(digits) * (unit === 'h' ? 60 : 1);
  return minutes >= 1 && minutes <= longestInterval ? minutes : undefined;
}

/** Five fields; whether their values make sense is judged by the package that runs them. */
export function isWallClock(cron: string): boolean {
  return /^[^\s~_]+(?: [^\s~_]+){4}$/.test(cron);
}

/** As a part of the mark, which may hold neither blanks nor dashes. */
export function renderCronMark(cron: string): string {
  if (cron === '') return 'm';
  return cronMinutes(cron) === undefined ? `w${cron.replaceAll(' ', '_').replaceAll('-', '~')}` : `c${cron}`;
}

/** The inverse of `renderCronMark`. */
export function parseCronMark(mark: string): string {
  if (mark === 'm') return '';
  const rest = mark.slice(1);
  return mark.startsWith('c') ? rest : rest.replaceAll('_', ' ').replaceAll('~', '-');
}
