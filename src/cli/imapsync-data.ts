/** The input of an imapsync action: from the command line, a file or the standard input. */
import { readFileSync } from 'node:fs';
import { UsageError } from './command.ts';

export type Data = {
  readonly input: Readonly<Record<string, unknown>>;
  /** A password stood on the command line, where every process of the machine can read it. */
  readonly isExposed: boolean;
};

/** Reads `--data`: `{…}`, `@file` or `-`; `remotepassword_file` becomes what the file holds. Throws UsageError. */
export function readData(data: unknown): Data {
  if (typeof data !== 'string') return { input: {}, isExposed: false };
  const isInline = data !== '-' && !data.startsWith('@');
  const { remotepassword_file: file, ...input } = parse(
    isInline ? data : readText(data === '-' ? 0 : data.slice(1)),
  );
  const isExposed = isInline && typeof input['remotepassword'] === 'string' && input['remotepassword'] !== '';
  if (file === undefined) return { input, isExposed };
  if (typeof file !== 'string' || 'remotepassword' in input)
    throw new UsageError(
      'remotepassword_file takes the name of a file, and stands in the place of remotepassword',
    );
  const remotepassword = readText(file).replace(/\r?\n$/, '');
  return { input: { ...input, remotepassword }, isExposed };
}

function readText(file: string | 0): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read ${file === 0 ? 'the standard input' : file}: ${why}`);
  }
}

/** The error of JSON.parse quotes the text, passwords included: it is not repeated. */
function parse(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(
    '--data takes a JSON object: \'{"localuser": …}\', @FILE, or - for the standard input',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
