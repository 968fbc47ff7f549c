/** What every command is given, and the shape of one. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { leftOverAt } from '../app.ts';
import { ConfigError } from '../config/error.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { secretValues } from '../config/describe.ts';
import { openLogger, type Logger } from '../observe/logger.ts';
import type { Stop } from './stop.ts';

export type CommandContext = {
  readonly version: string;
  readonly args: readonly string[];
  readonly stop: Stop;
  readonly print: (text: string) => void;
};

export type Command = {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: string;
  readonly run: (context: CommandContext) => Promise<number>;
};

/** The command line is wrong; the message says how. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Readonly<Record<string, string | boolean | undefined>>;

/** The options of a command; every one takes `--env FILE`. Throws UsageError. */
export function parseOptions(
  args: readonly string[],
  options: Options = {},
): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { env: { type: 'string' }, ...options },
      allowPositionals: true,
      strict: true,
    });
    return { values: parsed.values, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Refuses words that a command does not take. Throws UsageError. */
export function refusePositionals(positionals: readonly string[]): void {
  const [first] = positionals;
  if (first !== undefined) throw new UsageError(`unexpected argument "${first}"`);
}

/** The configuration, of the file that --env names if it does. Throws ConfigError. */
export function load(envFile: unknown): LoadedConfig {
  return loadConfig({ leftOver: leftOverAt, ...(typeof envFile === 'string' && { envFile }) });
}

export type Configured = { readonly loaded: LoadedConfig; readonly log: Logger };

/** Loads the configuration and opens the log. Throws ConfigError with everything that is wrong. */
export function configure(values: Values): Configured {
  const envFile = values['env'];
  const loaded = load(envFile);
  const { logLevel, logFormat } = loaded.config.program;
  const log = openLogger({ level: logLevel, format: logFormat, secrets: secretValues(loaded) });
  if (loaded.predecessor !== undefined) log.info(loaded.predecessor);
  for (const warning of loaded.warnings) log.warn(warning);
  return { loaded, log };
}

/** Whether an error is the operator's to mend on the command line or in the configuration. */
export function isUsage(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof ConfigError;
}
