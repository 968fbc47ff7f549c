import { entryFinder, openApp } from '../app.ts';
import { secretValues } from '../config/describe.ts';
import { openRedactor } from '../observe/redact.ts';
import { explainSubject } from '../sync/explain-subject.ts';
import { configure, parseOptions, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { renderExplanation } from './explain-text.ts';

function onlyOne(positionals: readonly string[]): string {
  const [subject, more] = positionals;
  if (subject !== undefined && subject.trim() !== '' && more === undefined) return subject;
  throw new UsageError(
    'explain takes one address, DN or account name: ldap-mailcow explain anna@example.org',
  );
}

/** Why somebody has a mailbox or an alias, or none. */
export const explainCommand: Command = {
  summary: 'why somebody has a mailbox or an alias, or none; writes nothing',
  usage: `ldap-mailcow explain ADDRESS|DN|ACCOUNT [--json] [--env FILE]

Says what is known of one person, group or address: the entry it comes from (or the nearest ones), whether base, scope and
filter let it through and which part does not, each value and the rule it follows from, what mailcow has, whose it is, who
else asks for the address, the last writes, since when somebody is missing, and what the next sync will do. Reads the
directory once, single objects of mailcow, and the state file; writes nothing. Values of password attributes are not shown.
  --json    the same as data; times in UTC

Exit code: 0, or 1 when nothing is known of it anywhere, 2 command line or configuration.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
    const subject = onlyOne(positionals);
    const { loaded, log } = configure(values);
    const { config } = loaded;
    const redactor = openRedactor(secretValues(loaded));
    const finder = entryFinder(config);
    const app = openApp({ config, log, readOnly: true });
    try {
      const report = await explainSubject(app.context, subject, { finder });
      const text = values['json'] === true ? JSON.stringify(report, undefined, 2) : renderExplanation(report);
      print(redactor.text(text));
      return report.known ? exitCodes.done : exitCodes.failed;
    } finally {
      app.close();
    }
  },
};
