/** Cron expressions, read by node-cron in the time zone of the process. */
import cron from 'node-cron';

/** The next time that the expression names, strictly in the future. */
export function nextRun(expression: string): Date {
  const task = cron.createTask(expression, () => undefined);
  const [next] = task.getNextRuns(1);
  void task.destroy();
  if (next === undefined) throw new Error(`the schedule "${expression}" has no next run`);
  return next;
}

/** So many times in a row that the expression names, all in the future. */
export function nextRuns(expression: string, count: number): readonly Date[] {
  const task = cron.createTask(expression, () => undefined);
  const runs = task.getNextRuns(count);
  void task.destroy();
  return runs;
}

/** Whether the expression is one that has a next time. */
export function isSchedule(expression: string): boolean {
  return cron.validate(expression);
}

/** Far enough back for a schedule of once a month; a schedule with seconds is looked at second by second. */
const MOST_STEPS = 50_000;

/**
 * The first time after `from` that the expression names, also one that has passed; one that lies in the future is
 * found as `nextRun` does.
 */
export function firstRunAfter(expression: string, from: Date): Date {
  const stepMs = expression.trim().split(/\s+/).length > 5 ? 1000 : 60_000;
  const task = cron.createTask(expression, () => undefined);
  const now = Date.now();
  let at = (Math.floor(from.getTime() / stepMs) + 1) * stepMs;
  try {
    for (let step = 0; step < MOST_STEPS && at <= now; step += 1, at += stepMs) {
      if (task.match(new Date(at))) return new Date(at);
    }
  } finally {
    void task.destroy();
  }
  return nextRun(expression);
}
