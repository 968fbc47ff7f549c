/** From the wire to the entries of the core. */
import type { SearchEntry } from 'ldapts';
import { formatId } from './identity.ts';

/** An attribute of which the server sent only the first values (AD: `member;range=0-1499`). */
export type Range = { readonly attribute: string; readonly next: number };

export type DecodedEntry = {
  readonly dn: string;
  /** Empty when the server did not send any of the id attributes. */
  readonly id: string;
  readonly attributes: Record<string, string[]>;
  readonly ranges: readonly Range[];
};

export type Wanted = {
  /** Lower case; the first that an entry has counts. */
  readonly idAttributes: readonly string[];
  /** Lower case; options and ranges of these are wanted too. */
  readonly attributes: ReadonlySet<string>;
};

type WireAttribute = SearchEntry['attributes'][number];

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Bytes that are no UTF-8 become U+FFFD, which no rule of the core accepts: the entry stays visible, its
 * value is judged invalid. ldapts leaves exactly those values as Buffers.
 */
const toText = (value: Buffer | string): string =>
  typeof value === 'string' ? value : decoder.decode(value);

const rangePattern = /^([^;]+);range=(\d+)-(\d+|\*)$/;

export type NamedValues = {
  readonly name: string;
  /** The index of the first value: 0 but for later parts. */
  readonly from: number;
  /** The first index that is missing, when the server has more values. */
  readonly next: number | undefined;
};

/** Splits `member;range=0-1499` into the attribute and where to go on; other options stay part of the name. */
export function parseAttributeName(type: string): NamedValues {
  const name = type.toLowerCase();
  const range = name.includes(';range=') ? rangePattern.exec(name) : null;
  if (range?.[1] === undefined) return { name, from: 0, next: undefined };
  return {
    name: range[1],
    from: Number(range[2]),
    next: range[3] === '*' ? undefined : Number(range[3]) + 1,
  };
}

/** The values of an attribute as text. */
export function textsOf(attribute: WireAttribute): string[] {
  return attribute.values.map(toText);
}

/** Several values of an id attribute: the smallest, which does not depend on the server's order. */
function smallestId(name: string, values: readonly Buffer[]): string | undefined {
  return values
    .filter((bytes) => bytes.length > 0)
    .map((bytes) => formatId(name, bytes))
    .sort()[0];
}

const isWanted = (name: string, wanted: ReadonlySet<string>): boolean =>
  wanted.has(name) || (name.includes(';') && wanted.has(name.slice(0, name.indexOf(';'))));

/** One entry with its attributes in lower case, without those that have no value or were not asked for. */
export function decodeEntry(entry: SearchEntry, wanted: Wanted): DecodedEntry {
  const attributes: Record<string, string[]> = {};
  const ranges: Range[] = [];
  const ids: (string | undefined)[] = [];
  for (const attribute of entry.attributes) {
    const { name, next } = parseAttributeName(attribute.type);
    const rank = wanted.idAttributes.indexOf(name);
    if (rank >= 0) ids[rank] = smallestId(name, attribute.parsedBuffers);
    if (!isWanted(name, wanted.attributes)) continue;
    if (next !== undefined) ranges.push({ attribute: name, next });
    const values = textsOf(attribute);
    const known = attributes[name];
    if (values.length > 0) attributes[name] = known ? [...known, ...values] : values;
  }
  return { dn: entry.name, id: ids.find((id) => id !== undefined) ?? '', attributes, ranges };
}
