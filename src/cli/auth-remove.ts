import { openApp } from '../app.ts';
import { restartFor, servicesFor } from '../sync/login-way.ts';
import { configure, parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

/** Takes the files for logins out of mailcow's folders again. */
export const authRemove: Command = {
  summary: 'take the files for logins out of mailcow',
  usage: `ldap-mailcow auth remove [--env FILE]

Takes the files for logins out of the folders of mailcow and puts back what stood there before, byte for byte. What
somebody else changed since stays. People can no longer log in with the password of the directory by them. Set
LDAP_MAILCOW_AUTH to something else than "templates" first, or the next sync puts them back.

Exit code: 0 done, or there was nothing; 1 a folder cannot be written, or a sync keeps running for 30 s; 2 configuration.`,
  run: async ({ args, print }) => {
    const { values, positionals } = parseOptions(args);
    refusePositionals(positionals);
    const { loaded, log } = configure(values);
    const app = openApp({ config: loaded.config, log });
    try {
      const lock = await app.lock();
      const { logins } = app.context;
      if (lock === undefined || logins === undefined) {
        print('Another sync is running: try again when it has ended.');
        return exitCodes.failed;
      }
      try {
        const changed = logins.files.remove();
        if (changed.paths.length === 0) {
          print('No files of ours are in the folders of mailcow.');
          return exitCodes.done;
        }
        for (const path of changed.paths) print(`took out ${path}`);
        const waiting = await restartFor(servicesFor(changed), { ...logins, log });
        return waiting.length > 0 ? exitCodes.failed : exitCodes.done;
      } finally {
        lock.release();
      }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'LoginFilesError') throw error;
      print(error.message);
      return exitCodes.failed;
    } finally {
      app.close();
    }
  },
};
