import { imapsyncActions, runImapsync } from '../app-imapsync.ts';
import { configure, parseOptions, UsageError, type Command } from './command.ts';
import { readData } from './imapsync-data.ts';
import { readHow } from './imapsync-how.ts';
import { findImportVerb, importVerbs } from './imapsync-import.ts';

const known = [...Object.keys(imapsyncActions), ...importVerbs].join(', ');

const complain = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

/** The actions of ns8-imapsync on mailcow's own sync jobs. */
export const imapsyncCommand: Command = {
  summary: "copy mail from another server by mailcow's sync jobs",
  usage: `ldap-mailcow imapsync ACTION [KEY] [--data JSON|@FILE|-] [--wait [--timeout SECONDS]] [--dry-run] [--env FILE]

The actions of ns8-imapsync on mailcow's own sync jobs, with its JSON in and out:

  create-task           a new task, or an edit of the one with this id; the login there is tried first
  delete-task           the task goes, the mail that it brought stays
  start-task            one run now, and those that follow by its cron
  stop-task             the run under way ends where LDAP_MAILCOW_IMAPSYNC_RUN_FOLDER is set; else none is begun any more
  start-all-tasks, stop-all-tasks
  status                how a task stands, when it runs next, how its last run ended; without KEY of all
  list-tasks            all tasks with their settings, and the mailboxes that could have one
  list-informations     folders, messages and bytes at both sides
  get-log               the end of what imapsync said in the last run
  get-facts             how many tasks of which kind
  import-csv-tasks [FILE|-] [-c|--check] [-u|--update]
                        a task for each row of ns8's table
  import-state DIR [--domain DOMAIN] [--dry-run]
                        the tasks in a state folder of ns8
  get-configuration, configure-module
                        what ns8 calls the configuration; the second prints the setting that replaces it
  progress [--json]     how far the migration of everybody in the directory has come

KEY names a task as ns8 does, USER_TASKID: anna@example.org_a0241w, or with the short name, anna_a0241w. A USER alone
is enough where there is one task. The same can stand in --data as "localuser" and "task_id".

--data is the input: as it stands, of a file, or of the standard input. A password does not belong on a command line:
use @FILE, - or "remotepassword_file" in place of "remotepassword".
--wait (create, start, stop, delete): ends when the run has; 0 when it ended well, 1 otherwise, and after --timeout.
  For stop and delete: when no run is under way any more.
--dry-run: says what would be written, field by field, and writes nothing; create-task tries the login all the same.

  ldap-mailcow imapsync create-task --data @task.json --wait
  ldap-mailcow imapsync list-tasks
  ldap-mailcow imapsync stop-task anna@example.org_a0241w

JSON goes to the standard output, sentences to the standard error. Exit code: 0 done; 1 refused or failed, with the
reasons as JSON; of create-task, with JSON: 2 the login there was refused, 3 it cannot be reached, 4 TLS did not work;
without JSON, 2 is a wrong command line or configuration. docs/imapsync.md has all fields and what becomes of them.`,
  run: async (context) => {
    const importVerb = findImportVerb(context.args);
    if (importVerb !== undefined) return importVerb(context);
    const { args, print } = context;
    const { values, positionals } = parseOptions(args, {
      data: { type: 'string' },
      wait: { type: 'boolean' },
      timeout: { type: 'string' },
      'dry-run': { type: 'boolean' },
    });
    const [action, key, more] = positionals;
    const entry = action === undefined ? undefined : imapsyncActions[action];
    if (action === undefined || entry === undefined)
      throw new UsageError(`imapsync takes one action: ${known}`);
    const { input, isExposed } = readData(values['data']);
    const call = readHow({ action, entry, values, input, words: { key, more } });
    if (isExposed)
      complain(
        'warning: others on this machine can read a command line; use --data @FILE, - or remotepassword_file',
      );
    const { loaded, log } = configure(values);
    const result = await runImapsync({ ...call, config: loaded.config, log, action, input, say: complain });
    for (const note of result.notes) complain(note);
    if (result.output !== undefined) print(JSON.stringify(result.output));
    return result.code;
  },
};
