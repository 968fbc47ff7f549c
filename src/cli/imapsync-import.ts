/** `imapsync` beyond single tasks: tables, ns8's state folder, and what ns8 calls the configuration of a module. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  importCsv,
  importState,
  judgeConfiguration,
  moduleConfiguration,
  type ImportCall,
  type ImportResult,
} from '../app-imapsync-import.ts';
import { configure, parseOptions, refusePositionals, UsageError, type CommandContext } from './command.ts';
import { exitCodes } from './exit.ts';
import { runProgress } from './imapsync-progress.ts';
import { readData } from './imapsync-data.ts';

type Run = (context: CommandContext) => Promise<number>;

const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

const importCsvTasks: Run = async ({ args, print }) => {
  const { values, positionals } = parseOptions(args, {
    check: { type: 'boolean', short: 'c' },
    update: { type: 'boolean', short: 'u' },
  });
  const [, file = '-', more] = positionals;
  if (more !== undefined)
    throw new UsageError('import-csv-tasks takes one FILE, or - for the standard input');
  const what = file === '-' ? 'the table' : file;
  const text = decode(readBytes(file));
  if (text === undefined)
    return finish({ kind: 'unusable', why: 'it is not UTF-8; save it in that encoding' }, { print, what });
  const result = await importCsv({
    ...callOf(values),
    text,
    update: values['update'] === true,
    checkOnly: values['check'] === true,
  });
  return finish(result, { print, what });
};

const importStateFolder: Run = async ({ args, print }) => {
  const { values, positionals } = parseOptions(args, {
    'dry-run': { type: 'boolean' },
    domain: { type: 'string' },
  });
  const [, folder, more] = positionals;
  if (folder === undefined || more !== undefined)
    throw new UsageError('import-state takes one folder: the one that holds imapsync/ and cron/');
  if (statSync(join(folder, 'imapsync'), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`${folder} is no state folder of ns8-imapsync: it has no folder imapsync`);
  const domain = values['domain'];
  const result = await importState({
    ...callOf(values),
    folder,
    ...(typeof domain === 'string' && { domain }),
    checkOnly: values['dry-run'] === true,
  });
  return finish(result, { print, what: folder });
};

function callOf(
  values: Readonly<Record<string, unknown>> & Parameters<typeof configure>[0],
): Pick<ImportCall, 'config' | 'log' | 'say'> {
  const { loaded, log } = configure(values);
  return { config: loaded.config, log, say };
}

function finish(
  result: ImportResult,
  { print, what }: { readonly print: (text: string) => void; readonly what: string },
): number {
  if (result.kind === 'unusable') {
    say(`${what} cannot be used, nothing was imported: ${result.why}`);
    return exitCodes.failed;
  }
  print(result.summary);
  return result.failed > 0 ? exitCodes.failed : exitCodes.done;
}

/** undefined: it is not UTF-8. A table in another encoding would bring mangled passwords. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read ${file === '-' ? 'the standard input' : file}: ${why}`);
  }
}

const printConfiguration: Run = ({ args, print }) => {
  const { values, positionals } = parseOptions(args, { data: { type: 'string' } });
  refusePositionals(positionals.slice(1));
  print(JSON.stringify(moduleConfiguration(configure(values).loaded.config)));
  return Promise.resolve(exitCodes.done);
};

const printSettings: Run = ({ args, print }) => {
  const { values, positionals } = parseOptions(args, { data: { type: 'string' } });
  refusePositionals(positionals.slice(1));
  const { input } = readData(values['data']);
  const judged = judgeConfiguration(configure(values).loaded.config, input);
  if (judged.kind === 'refused') {
    for (const { field, message } of judged.complaints) say(`${field}: ${message}`);
    print(JSON.stringify(judged.complaints.map(({ message: _message, ...complaint }) => complaint)));
    return Promise.resolve(judged.code);
  }
  print(`LDAP_MAILCOW_IMAPSYNC_IMAP_URI=${judged.imapUri}`);
  say(
    'Nothing was changed: the configuration is the environment. Put this line there and start the daemon anew.',
  );
  return Promise.resolve(exitCodes.done);
};

const verbs: ReadonlyMap<string, Run> = new Map([
  ['import-csv-tasks', importCsvTasks],
  ['import-state', importStateFolder],
  ['get-configuration', printConfiguration],
  ['configure-module', printSettings],
  ['progress', runProgress],
]);

/** The names of these verbs. */
export const importVerbs: readonly string[] = [...verbs.keys()];

/** The verb that a command line of `imapsync` names, if it is one of these. */
export function findImportVerb(args: readonly string[]): Run | undefined {
  const word = args.find((each, index) => !each.startsWith('-') && !takesValue(args[index - 1]));
  return word === undefined ? undefined : verbs.get(word);
}

function takesValue(option: string | undefined): boolean {
  return option === '--env' || option === '--data' || option === '--domain';
}
