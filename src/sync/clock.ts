/** Wall clock and uptime together: a jump of one without the other is noticed (DESIGN.md 4.10). */
import type { Uptime } from '../core/grace.ts';
import type { Facts } from '../ports-state.ts';

const TOLERANCE_MS = 60_000;

/** Whether the clock has gone evenly since the last sync. A restart of the system cannot be judged: trusted. */
export function isClockTrusted(facts: Facts, now: Date, uptime: Uptime | undefined): boolean {
  const { lastClock } = facts;
  if (lastClock === undefined || uptime === undefined) return true;
  const wall = now.getTime() - Date.parse(lastClock.at);
  if (lastClock.uptime.boot !== uptime.boot) return wall >= 0;
  return Math.abs(wall - (uptime.ms - lastClock.uptime.ms)) <= TOLERANCE_MS;
}
