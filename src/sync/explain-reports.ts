/** Entries and objects of an answer, without what they show of passwords. */
import { explainGroup, explainPerson, HIDDEN, type MappingContext } from '../core/explain-entry.ts';
import type { Mapping } from '../core/mapping.ts';
import { marksOf } from '../core/mark.ts';
import type { LookedUp } from '../ports.ts';
import { escapePattern } from './escape-pattern.ts';
import { claimantsOf, type Found, type Seen } from './explain-find.ts';
import type { EntryReport, Explanation, ObjectReport } from './explanation.ts';
import type { Memory } from './memory.ts';

/** Both sides and the state, as far as an answer needs them. */
export type Known = {
  readonly memory: Memory;
  readonly owner: string;
  readonly mapping: Mapping;
  readonly addresses: readonly string[];
  readonly seen: readonly Seen[];
};

/** What mailcow has at an address, and whose it is. */
export function objectOf(address: string, { memory, owner, mapping, seen }: Known): ObjectReport {
  const { current, ledger } = memory;
  const mailbox = current.mailboxes.get(address);
  const alias = current.aliases.get(address);
  const marks = [
    ...marksOf(mailbox?.tags ?? []).map((mark) => ({ ...mark, resource: 'mailbox' as const })),
    ...marksOf(alias === undefined ? [] : [alias.privateComment]).map((mark) => ({
      ...mark,
      resource: 'alias' as const,
    })),
  ];
  return {
    address,
    ...(mailbox && { mailbox }),
    ...(alias && { alias }),
    ...(current.halfDeleted?.has(address) === true && { halfDeleted: true }),
    managed: [ledger.mailboxes.get(address), ledger.aliases.get(address)].filter((row) => row !== undefined),
    marks: marks.map((mark) => ({ ...mark, ours: mark.owner === owner })),
    claimants: claimantsOf(address, seen, mapping),
  };
}

/** What an entry comes to, and where it was seen. */
export function entryOf(
  found: Found,
  { mapping, memory }: Known,
  { graceReadings, values }: EntryContext,
): EntryReport {
  const { entry, kind, presence, namedBy, lookedUp } = found;
  // As it was before this reading, which does not count.
  const seen = memory.snapshot.get(entry.id);
  const explain = kind === 'group' ? explainGroup : explainPerson;
  return {
    id: entry.id,
    dn: entry.dn,
    kind,
    namedBy,
    presence,
    ...(lookedUp && { selection: selectionOf(lookedUp) }),
    ...(presence === 'absent' && {
      absence: {
        missing: seen?.missing ?? 0,
        of: graceReadings,
        since: seen?.missingSince ?? null,
      },
    }),
    values: explain(entry, mapping, values),
  };
}

const selectionOf = ({ isInScope, asPerson, asGroup }: LookedUp): NonNullable<EntryReport['selection']> => ({
  isInScope,
  asPerson,
  ...(asGroup && { asGroup }),
});

export type EntryContext = {
  readonly graceReadings: number;
  readonly values: MappingContext;
};

/** Findings quote what an attribute holds: mapped to a password, that would be the password. Case is not ours to trust. */
export function withoutSecrets(report: Explanation, secrets: readonly string[]): Explanation {
  const known = secrets.filter((secret) => secret.trim() !== '').map(escapePattern);
  if (known.length === 0) return report;
  const pattern = new RegExp(known.join('|'), 'gi');
  const clean = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.replace(pattern, HIDDEN) : value;
  return JSON.parse(JSON.stringify(report), clean) as Explanation;
}
