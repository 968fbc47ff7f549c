/** The commands about logins, by their second word. */
import { authMigrate } from './auth-migrate.ts';
import { authRemove } from './auth-remove.ts';
import { UsageError, type Command } from './command.ts';

const subcommands: ReadonlyMap<string, Command> = new Map([
  ['migrate', authMigrate],
  ['remove', authRemove],
]);

const known = [...subcommands.keys()].join(', ');

/** The first word that is no option (nor the file of --env) says which of them. Throws UsageError. */
function split(args: readonly string[]): { readonly found: Command; readonly rest: readonly string[] } {
  const at = args.findIndex((word, index) => !word.startsWith('-') && args[index - 1] !== '--env');
  const word = args[at];
  if (word === undefined) throw new UsageError(`auth takes a second word: ${known}`);
  const found = subcommands.get(word);
  if (found === undefined) throw new UsageError(`unknown command "auth ${word}"; known: ${known}`);
  return { found, rest: [...args.slice(0, at), ...args.slice(at + 1)] };
}

/** What can be done about logins beside a sync. */
export const authCommand: Command = {
  summary: `how people log in: auth ${known}`,
  usage: [...subcommands.values()].map(({ usage }) => usage).join('\n\n'),
  run: (context) => {
    const { found, rest } = split(context.args);
    return found.run({ ...context, args: rest });
  },
};
