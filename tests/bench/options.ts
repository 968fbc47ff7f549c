/** The command line of the bench. */
import { parseArgs } from 'node:util';

export type BenchOptions = {
  readonly people: number;
  /** What each write costs mailcow. */
  readonly latencyMs: number;
  /** How often what is compared with ldapsearch is measured. */
  readonly repeat: number;
  readonly json: boolean;
};

/** Something on the command line is wrong; the message is a sentence. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError';
}

export const usage = `npm run bench -- [--people N] [--latency MS] [--repeat N] [--json]

Measures the built program on a real OpenLDAP and the mailcow stand-in, beside ldapsearch for the same entries.

  --people N    people with two further addresses each, and a tenth of that many groups (default: 1000)
  --latency MS  how long each call of mailcow that writes takes (default: 0)
  --repeat N    how often an unchanged sync and ldapsearch are measured; the medians count (default: 7)
  --json        one line of JSON instead of a table
`;

function whole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new BenchUsageError(`--${name} is "${text}": a whole number of at least ${min} is needed`);
}

/** Undefined: help was asked for. Throws a BenchUsageError. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const text = (value: string): { readonly type: 'string'; readonly default: string } => ({
    type: 'string',
    default: value,
  });
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: text('1000'),
      latency: text('0'),
      repeat: text('7'),
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    people: whole('people', values.people, 10),
    latencyMs: whole('latency', values.latency, 0),
    repeat: whole('repeat', values.repeat, 1),
    json: values.json,
  };
}
