import { renderEnvExample } from '../config/example.ts';
import { parseOptions, refusePositionals, type Command } from './command.ts';
import { exitCodes } from './exit.ts';

/** A commented `.env` to start from. */
export const initCommand: Command = {
  summary: 'print a commented .env to start from',
  usage: `ldap-mailcow init

Prints a commented file of settings: ldap-mailcow init > .env`,
  run: ({ args, print }) => {
    refusePositionals(parseOptions(args).positionals);
    print(renderEnvExample().trimEnd());
    return Promise.resolve(exitCodes.done);
  },
};
