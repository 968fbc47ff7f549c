import { imapsyncActions, runImapsync } from '../app-imapsync.ts';
import { configure, parseOptions, UsageError, type Command } from './command.ts';
import { readData } from './imapsync-data.ts';
import { runProgress } from './imapsync-progress.ts';

const known = imapsyncActions.join(', ');

const complain = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

/** The actions of ns8-imapsync on mailcow's own sync jobs; a beginning. */
export const imapsyncCommand: Command = {
  summary: "copy mail from another server by mailcow's sync jobs (a beginning)",
  usage: `ldap-mailcow imapsync ACTION [--data JSON|@FILE|-] [--env FILE]

The actions of ns8-imapsync with its JSON in and out: ${known}.
--data is the input: as it stands, of a file, or of the standard input. A password does not belong on a command line:
use @FILE, - or "remotepassword_file" in place of "remotepassword". Sentences go to the standard error.

  ldap-mailcow imapsync create-task --data @task.json
  ldap-mailcow imapsync list-tasks
  ldap-mailcow imapsync progress [--json]    how far everybody's migration has come: docs/imapsync-migration.md
  ldap-mailcow imapsync stop-task --data '{"localuser": "anna@example.org", "task_id": "a0241w"}'

Exit code 1: refused, with the reasons as JSON. The other server is not asked whether login and password are right, and
a run that is under way cannot be stopped; docs/imapsync.md says what works, what is refused and what is not there yet.`,
  run: async ({ args, print }) => {
    if (args.includes('progress')) return runProgress({ args, print });
    const { values, positionals } = parseOptions(args, { data: { type: 'string' } });
    const [action, more] = positionals;
    if (action === undefined || more !== undefined || !imapsyncActions.includes(action))
      throw new UsageError(`imapsync takes one action: ${known}`);
    const { input, isExposed } = readData(values['data']);
    if (isExposed)
      complain(
        'warning: others on this machine can read a command line; use --data @FILE, - or remotepassword_file',
      );
    const { loaded, log } = configure(values);
    const { code, output, notes } = await runImapsync({ config: loaded.config, log, action, input });
    for (const note of notes) complain(note);
    if (output !== undefined) print(JSON.stringify(output));
    return code;
  },
};
