import { openApp } from '../app.ts';
import { configure, parseOptions, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

/** A copy of the state file that is consistent although the daemon goes on. */
export const backupCommand: Command = {
  summary: 'copy the state file, also while the daemon runs',
  usage: `ldap-mailcow backup FILE [--env FILE]

Writes a consistent copy of the state file (LDAP_MAILCOW_DB) to FILE, which must not exist. To go back, stop the
daemon, put the copy in the place of the state file, remove the files ending in -wal and -shm beside it, start.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args);
    const [file, more] = positionals;
    if (file === undefined || more !== undefined)
      throw new UsageError('backup takes one file: ldap-mailcow backup FILE');
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log });
    try {
      await app.context.state.backup(file);
      print(`Copied ${loaded.config.program.db} to ${file}`);
      return exitCodes.done;
    } finally {
      app.close();
    }
  },
};
