/** The kinds of values that any setting may have. Each parser trims what white space cannot mean anything in. */
import type { Kind, Parsed } from './setting.ts';

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** A kind from a parser that returns undefined for what it does not understand. */
export function kindOf<T>(expects: string, parse: (text: string) => T | undefined): Kind<T> {
  return {
    expects,
    parse: (text) => {
      const value = parse(text.trim());
      return value === undefined ? { problem: `give ${expects}` } : { value };
    },
  };
}

export const boolean: Kind<boolean> = kindOf(
  'true or false',
  (text): boolean | undefined => booleans[text.toLowerCase()],
);

/** A whole number in `unit` between the limits; no signs, fractions or thousands separators. */
export function wholeNumber(limits: {
  readonly unit: string;
  readonly min: number;
  readonly max?: number;
}): Kind<number> {
  const { unit, min, max = Number.MAX_SAFE_INTEGER } = limits;
  const range = limits.max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
  return kindOf(`a whole number of ${unit}, ${range}`, (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : -1;
    return value >= min && value <= max ? value : undefined;
  });
}

/** The longest wait that node's timers can hold; a longer one would fire at once. */
const longestWait = 2_147_483;

/** Seconds of a timer. */
export function waitSeconds(min: number): Kind<number> {
  return wholeNumber({ unit: 'seconds', min, max: longestWait });
}

/** One of some words, in any case. */
export function oneOf<const T extends string>(...words: readonly T[]): Kind<T> {
  return kindOf(`one of ${words.join(', ')}`, (text) => words.find((word) => word === text.toLowerCase()));
}

/** Any text that is not empty. */
export function text(expects: string): Kind<string> {
  return kindOf(expects, (value) => value);
}

/** A secret is taken as it is, blanks included. */
export function secretText(expects: string): Kind<string> {
  return { expects, parse: (value) => ({ value }) };
}

/** A secret that travels in an HTTP header: nothing but visible ASCII. */
export function headerSecret(expects: string): Kind<string> {
  const parse = (value: string): Parsed<string> =>
    /^[\x21-\x7e]+$/.test(value)
      ? { value }
      : { problem: 'there is a blank, a line break or a character outside of ASCII in it' };
  return { expects, parse };
}

/** The items of a list separated by commas, white space or both. */
export function splitList(value: string): readonly string[] {
  return value.split(/[\s,]+/).filter((item) => item !== '');
}

export type TextFile = { readonly path: string; readonly text: string };

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
};

/** Why a file could not be read, in words. */
export function readingFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return reasons[code] ?? code;
}

/** The path of a file with certificates, read at once: a wrong path is known before the first connection. */
export const certificateFile: Kind<TextFile> = {
  expects: 'the path of a file with PEM certificates',
  parse: (value, files) => {
    const path = value.trim();
    try {
      const content = files.readText(path);
      return content.includes('-----BEGIN CERTIFICATE-----')
        ? { value: { path, text: content } }
        : { problem: 'the file holds no PEM certificate (no line "-----BEGIN CERTIFICATE-----")' };
    } catch (error) {
      return { problem: `the file cannot be read (${readingFailure(error)})` };
    }
  },
};
