/** Reading single fields of ns8's input: what is wrong is noted in ns8's words, the rest goes on. */
import { complain, type Complaint } from './task.ts';

export type Input = Readonly<Record<string, unknown>>;

/** The input, and the complaints about it so far. */
export type Reader = { readonly input: Input; readonly complaints: Complaint[] };

type Wrong = { readonly error: string; readonly message: string };

/** Notes a complaint about a field. */
export function refuse({ input, complaints }: Reader, field: string, wrong: Wrong): void {
  complaints.push(complain(field, { value: input[field] ?? null, ...wrong }));
}

const missing: Wrong = { error: 'required', message: 'is missing' };

/** A text; `''` where it is none. */
export function readText(reader: Reader, field: string, { least = 0 } = {}): string {
  const value = reader.input[field];
  if (typeof value === 'string') {
    if (value.length < least) refuse(reader, field, { error: 'string_gte', message: 'must not be empty' });
    return value;
  }
  refuse(reader, field, value === undefined ? missing : { error: 'invalid_type', message: 'must be a text' });
  return '';
}

/** One of some words. */
export function readWord<Word extends string>(
  reader: Reader,
  field: string,
  words: readonly Word[],
): Word | undefined {
  const value = reader.input[field];
  const found = words.find((word) => word === value);
  const choice = words.map((word) => `"${word}"`).join(', ');
  if (found === undefined)
    refuse(
      reader,
      field,
      value === undefined ? missing : { error: 'enum', message: `must be one of ${choice}` },
    );
  return found;
}

/** Yes or no; without a fallback it must be there. */
export function readFlag(reader: Reader, field: string, fallback?: boolean): boolean {
  const value = reader.input[field] ?? fallback;
  if (typeof value === 'boolean') return value;
  refuse(
    reader,
    field,
    value === undefined ? missing : { error: 'invalid_type', message: 'must be true or false' },
  );
  return false;
}

/** A whole number, also as a text of digits, which list-tasks prints. */
export function readNumber(
  reader: Reader,
  field: string,
  { least, most = Number.MAX_SAFE_INTEGER, fallback }: { least: number; most?: number; fallback?: number },
): number {
  const given = reader.input[field] ?? fallback;
  const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    refuse(
      reader,
      field,
      given === undefined ? missing : { error: 'invalid_type', message: 'must be a whole number' },
    );
    return least;
  }
  if (value < least) refuse(reader, field, { error: 'number_gte', message: `must be ${least} or more` });
  if (value > most) refuse(reader, field, { error: 'number_lte', message: `must be ${most} or less` });
  return value;
}

/** Complains about every field that nobody knows. */
export function refuseUnknown(reader: Reader, known: readonly string[]): void {
  for (const field of Object.keys(reader.input)) {
    if (known.includes(field)) continue;
    // Its value may be a password under a wrong name.
    const wrong = { error: 'additional_property_not_allowed', message: 'is not known' };
    reader.complaints.push(complain(field, { value: null, ...wrong }));
  }
}
