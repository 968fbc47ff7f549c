/** How often: ns8's `5m` and `2h` as minutes between two runs of mailcow's engine. */

/** The longest that mailcow takes: 30 days and a bit. A task by hand has it, too, because mailcow wants some number. */
export const longestInterval = 43_800;

/** The minutes of `Nm`, `Nh` or '' (by hand); undefined for anything else, and for what mailcow does not take. */
export function cronMinutes(cron: string): number | undefined {
  if (cron === '') return longestInterval;
  const [, digits = '', unit] = /^([1-9]\d{0,4})([mh])$/.exec(cron) ?? [];
  const minutes = Number(digits) * (unit === 'h' ? 60 : 1);
  return minutes >= 1 && minutes <= longestInterval ? minutes : undefined;
}
