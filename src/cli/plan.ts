import { openApp } from '../app.ts';
import { planSync } from '../sync.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { renderPlanJson } from './plan-json.ts';
import { renderPlanText } from './plan-text.ts';

/** What the next sync would do. */
export const planCommand: Command = {
  summary: 'what the next sync would write; writes nothing',
  usage: `ldap-mailcow plan [--env FILE] [--json]

Reads the directory and all lists of mailcow and shows what the next sync would do. Writes nothing, neither in
mailcow nor in the state file, and its reading does not count as one in which somebody was missing.
  --json    {"id","complete","changes","held","forbidden","skips","findings"}, sorted

Exit code: 0, or 3 if it would hold changes back, 1 failed, 2 configuration.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log, readOnly: true });
    try {
      const report = await planSync(app.context);
      print(values['json'] === true ? renderPlanJson(report) : renderPlanText(report));
      return report.plan.held.length > 0 ? exitCodes.held : exitCodes.done;
    } finally {
      app.close();
    }
  },
};
