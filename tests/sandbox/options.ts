/** The command line of the sandbox. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isObject, parseJson } from '../support/mailcow/json.ts';
import type { JsonObject } from '../support/mailcow/json.ts';
import type { StartState } from '../support/mailcow/start-state.ts';

export type SandboxOptions = {
  /** Paths of LDIF files, at least one. */
  readonly ldif: readonly string[];
  readonly schema: readonly string[];
  readonly state?: StartState;
  readonly latencyMs: number;
  /** Of the stand-in; 0 takes a free one. */
  readonly port: number;
};

/** Something on the command line is wrong; the message is a sentence. */
export class SandboxUsageError extends Error {
  override readonly name = 'SandboxUsageError';
}

export const usage = `npm run sandbox -- [--ldif FILE]… [--schema FILE]… [--mailcow FILE] [--latency MS] [--port N]

Starts a real OpenLDAP and the mailcow stand-in on 127.0.0.1 and prints one line of JSON when both are ready:
{"ldapUri","baseDn","bindDn","bindPassword","adminDn","adminPassword","apiHost","apiKey","envFile"}
Runs until SIGTERM or SIGINT (Ctrl-C) and leaves nothing behind.

  --ldif FILE     entries for slapadd or changes for ldapmodify; several are loaded in order; the base DN is that
                  of the first entry (default: the sample company, tests/sandbox/company.ldif)
  --schema FILE   after core, cosine, inetorgperson and nis; several in order; replaces the own adlike.schema
  --mailcow FILE  start state, JSON {"domains","mailboxes","aliases","filters"} of add-bodies of the API
                  (default: the domains example.test and other.test with room for 100,000)
  --latency MS    how long each call of the stand-in takes (default: 0)
  --port N        the port of the stand-in (default: a free one)

Try: node dist/main.js sync --env "$envFile"
`;

type Words = {
  readonly ldif?: readonly string[];
  readonly schema?: readonly string[];
  readonly mailcow?: string;
  readonly latency?: string;
  readonly port?: string;
  readonly help?: boolean;
};

function parseWords(args: readonly string[]): Words {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ldif: { type: 'string', multiple: true },
        schema: { type: 'string', multiple: true },
        mailcow: { type: 'string' },
        latency: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new SandboxUsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string | undefined, most: number): number {
  const number = Number(text ?? '0');
  if (/^\d+$/.test(text ?? '0') && number <= most) return number;
  throw new SandboxUsageError(`--${name} takes a whole number from 0 to ${most}, not "${text ?? ''}".`);
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SandboxUsageError(`--${option}: the file cannot be read: ${why}`);
  }
}

const parts = ['domains', 'mailboxes', 'aliases', 'filters'];

const isListOfBodies = (value: unknown): value is readonly JsonObject[] =>
  Array.isArray(value) && value.every((body: unknown) => typeof body === 'object' && body !== null);

function readState(path: string): StartState {
  const state = parseJson(readText('mailcow', path));
  if (!isObject(state)) throw new SandboxUsageError(`--mailcow: ${path} holds no JSON object.`);
  for (const [name, value] of Object.entries(state)) {
    if (!parts.includes(name) || !isListOfBodies(value)) {
      throw new SandboxUsageError(
        `--mailcow: ${path} may hold lists of add-bodies under ${parts.join(', ')}; "${name}" is something else.`,
      );
    }
  }
  return state;
}

export type CommandLine = {
  readonly args: readonly string[];
  /** The folder of the project. */
  readonly root: string;
  /** Where the command was typed: npm itself changes to the folder of the project. */
  readonly typedIn: string;
};

/** What was asked for, or undefined for `--help`. Throws SandboxUsageError. */
export function parseSandboxOptions({ args, root, typedIn }: CommandLine): SandboxOptions | undefined {
  const words = parseWords(args);
  if (words.help === true) return undefined;
  const pathsOf = (option: 'ldif' | 'schema', standard: readonly string[]): readonly string[] => {
    const paths = (words[option] ?? standard).map((path) => resolve(typedIn, path));
    for (const path of paths) readText(option, path);
    return paths;
  };
  return {
    ldif: pathsOf('ldif', [join(root, 'tests/sandbox/company.ldif')]),
    schema: pathsOf('schema', [join(root, 'tests/support/adlike.schema')]),
    ...(words.mailcow !== undefined && { state: readState(resolve(typedIn, words.mailcow)) }),
    latencyMs: wholeNumber('latency', words.latency, 3_600_000),
    port: wholeNumber('port', words.port, 65_535),
  };
}
