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

/** Whether the expression is one that has a next time. */
export function isSchedule(expression: string): boolean {
  return cron.validate(expression);
}
