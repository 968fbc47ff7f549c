/** Moments that are remembered, on a clock that may be set. */

/** Whether so much time has passed; also since a moment in the future, of a clock that was set back. */
export function hasPassed(since: string, ms: number, now: Date): boolean {
  const passed = now.getTime() - Date.parse(since);
  return passed < 0 || passed >= ms;
}
