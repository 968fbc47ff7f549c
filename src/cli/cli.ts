/** From the words of the command line to one command and its exit code. */
import { renderSettingsHelp } from '../config/example.ts';
import { adoptCommand } from './adopt.ts';
import { approveCommand } from './approve.ts';
import { authCommand } from './auth.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { isUsage, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit.ts';
import { explainCommand } from './explain.ts';
import { findingsCommand } from './findings.ts';
import { healthcheckCommand } from './healthcheck.ts';
import { imapsyncCommand } from './imapsync.ts';
import { importConfigCommand } from './import-config.ts';
import { initCommand } from './init.ts';
import { pinsCommand, unpinCommand } from './pins.ts';
import { planCommand } from './plan.ts';
import { releaseCommand } from './release.ts';
import { runCommand } from './run.ts';
import { listenForStop } from './stop.ts';
import { statusCommand } from './status.ts';
import { syncCommand } from './sync.ts';
import { undoCommand } from './undo.ts';

const commands: ReadonlyMap<string, Command> = new Map([
  ['run', runCommand],
  ['sync', syncCommand],
  ['plan', planCommand],
  ['status', statusCommand],
  ['findings', findingsCommand],
  ['explain', explainCommand],
  ['check', checkCommand],
  ['approve', approveCommand],
  ['undo', undoCommand],
  ['pins', pinsCommand],
  ['unpin', unpinCommand],
  ['adopt', adoptCommand],
  ['release', releaseCommand],
  ['auth', authCommand],
  ['backup', backupCommand],
  ['imapsync', imapsyncCommand],
  ['healthcheck', healthcheckCommand],
  ['init', initCommand],
  ['import-config', importConfigCommand],
]);

const synonyms: ReadonlyMap<string, string> = new Map([['once', 'sync']]);

const overview = (version: string): string =>
  [
    `ldap-mailcow ${version}: makes people of an LDAP directory into mailboxes and aliases of mailcow`,
    '',
    'ldap-mailcow <command> [--env FILE] [--help]',
    ...[...commands].map(([name, command]) => `  ${name.padEnd(15)}${command.summary}`),
    '',
    renderSettingsHelp().trimEnd(),
  ].join('\n');

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const complain = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
};

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

function findCommand(word: string): Command {
  const command = commands.get(synonyms.get(word) ?? word);
  if (command !== undefined) return command;
  throw new UsageError(`unknown command "${word}"; known: ${[...commands.keys()].join(', ')}`);
}

/** The first word that is no option (nor the file of --env) names the command; without one it is the daemon. */
function split(argv: readonly string[]): { readonly word: string; readonly args: readonly string[] } {
  const at = argv.findIndex((word, index) => !word.startsWith('-') && argv[index - 1] !== '--env');
  const word = argv[at];
  if (word === undefined) return { word: 'run', args: argv };
  return { word, args: [...argv.slice(0, at), ...argv.slice(at + 1)] };
}

/** Runs one command line; the exit code is that of DESIGN.md section 6. */
export async function runCli(
  argv: readonly string[],
  { version }: { readonly version: string },
): Promise<number> {
  try {
    const [first] = argv;
    if (first !== undefined && (isHelp(first) || first === 'help')) {
      print(overview(version));
      return exitCodes.done;
    }
    if (first === '--version') {
      print(version);
      return exitCodes.done;
    }
    const { word, args } = split(argv);
    const command = findCommand(word);
    if (args.some(isHelp)) {
      print(command.usage);
      return exitCodes.done;
    }
    return await command.run({ version, args, stop: listenForStop(), print });
  } catch (error) {
    complain(error);
    return isUsage(error) ? exitCodes.usage : exitCodes.failed;
  }
}
