/** Cron expressions, judged by the package that will run them. */
import cron from 'node-cron';
import type { Kind } from './setting.ts';

/** A cron expression that has a next time; why it is none comes from node-cron itself. */
export const cronExpression: Kind<string> = {
  expects: 'a cron expression like "*/10 * * * *"',
  parse: (text) => {
    const expression = text.trim();
    const { valid, errors } = cron.validateDetailed(expression);
    if (valid) return { value: expression };
    const why = errors.map(({ message }) => message).join('; ');
    return { problem: `no cron expression (${why}); give something like "*/10 * * * *"` };
  },
};
