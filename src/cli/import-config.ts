import { readFileSync } from 'node:fs';
import { importConfig } from '../config/old-config.ts';
import { parseOptions, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

function readOld(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${path} cannot be read (${code})`);
  }
}

/** For who comes from mailcow-ldap-sync, which has no environment but a file. */
export const importConfigCommand: Command = {
  summary: 'print the settings that a config.json of mailcow-ldap-sync means',
  usage: `ldap-mailcow import-config config.json

Prints an env file that means what the config.json of myOmikron/mailcow-ldap-sync meant, secrets included:
(umask 077 && ldap-mailcow import-config config.json > .env)`,
  run: ({ args, print }) => {
    const [path, ...more] = parseOptions(args).positionals;
    if (path === undefined || more.length > 0)
      throw new UsageError('import-config takes one file: config.json');
    const imported = importConfig(readOld(path));
    if ('problem' in imported) throw new UsageError(`${path} cannot be used: ${imported.problem}`);
    print(imported.text);
    return Promise.resolve(exitCodes.done);
  },
};
