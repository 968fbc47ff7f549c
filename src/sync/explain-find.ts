/** Which entries a question is about: an address, a DN, an account name or a directory id. */
import { parseAddress } from '../core/address.ts';
import { dnKey } from '../core/dn.ts';
import type { SnapshotEntry } from '../core/grace.ts';
import type { Mapping } from '../core/mapping.ts';
import type { DirectoryEntry, Reading } from '../core/model.ts';
import { nearest } from '../core/nearest.ts';
import { aliasValuesOf, parseEntryAddress } from '../core/person.ts';
import { isWatchId } from '../core/watch.ts';
import type { LookedUp } from '../ports.ts';
import { isPlaceholder } from './draft.ts';
import type { EntryReport, NamedBy, NearReport, ObjectReport } from './explanation.ts';

export type Question = {
  readonly text: string;
  /** Canonical, when it is one that mailcow would take. */
  readonly address: string | undefined;
  readonly dn: string | undefined;
};

/** A text with `=` is a DN, one that mailcow would take an address; all may be account names or ids. */
export function parseQuestion(text: string): Question {
  const trimmed = text.trim();
  const isDn = /^[\w.-]+\s*=/.test(trimmed);
  return {
    text: trimmed,
    address: isDn ? undefined : parseAddress(trimmed),
    dn: isDn ? trimmed : undefined,
  };
}

/** An entry with where it was seen. */
export type Seen = Pick<EntryReport, 'kind' | 'presence'> & { readonly entry: DirectoryEntry };

export type Found = Seen & { readonly namedBy: readonly NamedBy[]; readonly lookedUp?: LookedUp };

const kinds = { person: 'person', group: 'group', watch: 'person' } as const;

/** Everybody of this reading, and those that an earlier one showed. */
export function allSeen(
  reading: Reading | undefined,
  snapshot: ReadonlyMap<string, SnapshotEntry>,
): readonly Seen[] {
  const there = (kind: EntryReport['kind'], entries: readonly DirectoryEntry[] = []): readonly Seen[] =>
    entries.map((entry) => ({ entry, kind, presence: 'there' }));
  const present = [...there('person', reading?.people), ...there('group', reading?.groups)];
  const ids = new Set(present.map(({ entry }) => entry.id));
  const absent = [...snapshot.values()]
    .filter(({ entry }) => !ids.has(entry.id) && !isPlaceholder(entry) && !isWatchId(entry.id))
    .map(({ entry, kind }): Seen => ({ entry, kind: kinds[kind], presence: 'absent' }));
  const others = there('possible member', reading?.members?.entries).filter(
    ({ entry }) => !ids.has(entry.id),
  );
  return [...present, ...absent, ...others];
}

/** The address of an entry; undefined when it has none that counts. */
function addressOf(entry: DirectoryEntry, { mail }: Mapping): string | undefined {
  const parsed = parseEntryAddress(entry, mail);
  return parsed.kind === 'address' ? parsed.address : undefined;
}

const furtherOf = (entry: DirectoryEntry, { aliases }: Mapping): readonly string[] =>
  aliasValuesOf(entry, aliases).map(({ address, text }) => address ?? text);

const has = (values: readonly string[] | undefined, text: string): boolean =>
  values?.some((value) => value.trim().toLowerCase() === text) === true;

/** By all values of the address attribute: also where nobody can know which of them counts. */
function namesOf(entry: DirectoryEntry, question: Question, mapping: Mapping): readonly NamedBy[] {
  const { dn } = question;
  if (dn !== undefined) return dnKey(entry.dn) === dnKey(dn) ? ['dn'] : [];
  const text = question.address ?? question.text.toLowerCase();
  const names: (NamedBy | false)[] = [
    entry.id.toLowerCase() === text && 'directory id',
    has(entry.attributes[mapping.account], text) && 'account',
    has(entry.attributes[mapping.mail], text) && 'address',
    furtherOf(entry, mapping).includes(text) && 'further address',
  ];
  return names.filter((name) => name !== false);
}

const isOnlyFurther = ({ namedBy }: Found): boolean => namedBy.every((name) => name === 'further address');

/** The entries that a question names; who is named directly comes first. */
export function findEntries(question: Question, seen: readonly Seen[], mapping: Mapping): readonly Found[] {
  const found = seen
    .map((one): Found => ({ ...one, namedBy: namesOf(one.entry, question, mapping) }))
    .filter(({ namedBy }) => namedBy.length > 0);
  return [...found.filter((one) => !isOnlyFurther(one)), ...found.filter(isOnlyFurther)];
}

/** Entries that only the look-up found, and what it says of those that an earlier reading showed. */
export function withLookedUp(
  found: readonly Found[],
  looked: readonly LookedUp[],
  seen: readonly Seen[],
): readonly Found[] {
  const there = new Set(seen.filter(({ presence }) => presence === 'there').map(({ entry }) => entry.id));
  const news = looked.filter(({ entry }) => !there.has(entry.id));
  const known = new Map(news.map((one) => [one.entry.id, one]));
  const before = found.map((one): Found => {
    const lookedUp = known.get(one.entry.id);
    known.delete(one.entry.id);
    return lookedUp === undefined ? one : { ...one, lookedUp };
  });
  const added = [...known.values()].map((lookedUp): Found => {
    const { entry } = lookedUp;
    const earlier = seen.find((one) => one.entry.id === entry.id);
    const presence = earlier === undefined ? 'not read' : 'absent';
    return { entry, kind: earlier?.kind ?? 'person', presence, namedBy: ['look-up'], lookedUp };
  });
  return [...before, ...added];
}

/** Whether the directory should be asked past its filters: nobody that it shows is meant directly. */
export const needsLookUp = (found: readonly Found[]): boolean =>
  found.every((one) => isOnlyFurther(one) || one.presence === 'absent');

/** Who else may have been meant: by address, account name or DN, at most three. */
export function nearTo(question: Question, seen: readonly Seen[], mapping: Mapping): readonly NearReport[] {
  const names = ({ entry }: Seen): readonly string[] => {
    if (question.dn !== undefined) return [entry.dn];
    const { [mapping.mail]: mail = [], [mapping.account]: account = [] } = entry.attributes;
    return question.text.includes('@') ? [...mail, ...furtherOf(entry, mapping)] : account;
  };
  const found = nearest(question.text, seen, { namesOf: names, count: 3 });
  return found.map(({ entry }) => ({ dn: entry.dn, address: addressOf(entry, mapping) ?? null }));
}

/** Everybody who asks for an address. */
export function claimantsOf(
  address: string,
  seen: readonly Seen[],
  mapping: Mapping,
): ObjectReport['claimants'] {
  const claimAs = ({ entry, kind }: Seen): ObjectReport['claimants'][number]['as'] | undefined => {
    if (kind === 'possible member') return undefined;
    if (has(entry.attributes[mapping.mail], address)) return 'address';
    return furtherOf(entry, mapping).includes(address) ? 'further address' : undefined;
  };
  return seen.flatMap((one) => {
    const as = claimAs(one);
    return as === undefined ? [] : [{ dn: one.entry.dn, as }];
  });
}

/** The addresses that an answer is about: of who is meant directly all, of who only claims the address the own one. */
export function addressesOf(
  question: Question,
  found: readonly Found[],
  mapping: Mapping,
): readonly string[] {
  const own = found.flatMap((one) => {
    const { [mapping.mail]: mail = [] } = one.entry.attributes;
    const further = isOnlyFurther(one) ? [] : furtherOf(one.entry, mapping);
    return [...mail, ...further].map((text) => parseAddress(text));
  });
  return [...new Set([question.address, ...own])].filter((address) => address !== undefined);
}
