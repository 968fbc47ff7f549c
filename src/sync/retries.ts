/** What mailcow refused is not sent again at once: each refusal costs it a table rebuild (facts, section 9). */
import { changeId, changeSignature, fallTogether, type Change, type Skip } from '../core/change.ts';
import type { Lookups } from '../core/plan-context.ts';
import type { Retry } from '../ports-state.ts';
import type { Applied } from './apply.ts';

const FIRST_MS = 5 * 60_000;
const LONGEST_MS = 24 * 60 * 60_000;

/** A first look again soon: mailcow's administrator may be mending it right now. */
const LOOKUP_MS = 60_000;

type Pace = { readonly now: Date; readonly first: number };

const later = (attempts: number, { now, first }: Pace): string =>
  new Date(now.getTime() + Math.min(LONGEST_MS, first * 2 ** Math.min(attempts - 1, 20))).toISOString();

const isDue = (retry: Retry | undefined, now: Date): boolean =>
  retry === undefined || retry.nextAt <= now.toISOString();

/** Whether mailcow refused this very change not long ago. */
export function isWaiting(change: Change, retries: ReadonlyMap<string, Retry>, now: Date): boolean {
  return !isDue(retries.get(changeSignature(change)), now);
}

const lookupKey = (kind: 'domain' | 'address', name: string): string => `look ${kind} ${name}`;

const isLookup = (key: string): boolean => key.startsWith('look ');

/** What stands in the way in mailcow is looked at again by single reads, ever more seldom. */
export function dueLookups(lookups: Lookups, retries: ReadonlyMap<string, Retry>, now: Date): Lookups {
  const due = (kind: 'domain' | 'address', names: ReadonlySet<string>): Set<string> =>
    new Set([...names].filter((name) => isDue(retries.get(lookupKey(kind, name)), now)));
  return { domains: due('domain', lookups.domains), addresses: due('address', lookups.addresses) };
}

/** Lookups that were made now, each with a longer pause than before; those that are needed no more are gone. */
export function nextLookups(
  before: ReadonlyMap<string, Retry>,
  looked: { readonly made: Lookups; readonly wanted: Lookups },
  now: Date,
): readonly Retry[] {
  const keysOf = ({ domains, addresses }: Lookups): readonly string[] => [
    ...[...domains].map((name) => lookupKey('domain', name)),
    ...[...addresses].map((name) => lookupKey('address', name)),
  ];
  const made = new Set(keysOf(looked.made));
  return keysOf(looked.wanted).map((key): Retry => {
    const known = before.get(key);
    if (known !== undefined && !made.has(key)) return known;
    const attempts = (known?.attempts ?? 0) + 1;
    return { key, attempts, nextAt: later(attempts, { now, first: LOOKUP_MS }) };
  });
}

function whyWaiting(
  change: Change,
  retries: ReadonlyMap<string, Retry>,
  causes: ReadonlyMap<string, string>,
): string {
  const retry = retries.get(changeSignature(change));
  return retry === undefined
    ? `${change.kind}: goes with what mailcow refused (${causes.get(changeId(change)) ?? ''})`
    : `${change.kind}: mailcow refused it; tried again after ${retry.nextAt}`;
}

/** Splits changes into those that may be sent now and those that wait after a refusal. */
export function withoutWaiting(
  changes: readonly Change[],
  retries: ReadonlyMap<string, Retry>,
  now: Date,
): { readonly changes: readonly Change[]; readonly skips: readonly Skip[] } {
  if (retries.size === 0) return { changes, skips: [] };
  const refused = changes.filter((change) => isWaiting(change, retries, now)).map(changeId);
  const causes = fallTogether(changes, new Set(refused));
  const waiting = changes.filter((change) => causes.has(changeId(change)));
  const skips = waiting.map((change) => ({
    resource: change.resource,
    key: change.key,
    reason: whyWaiting(change, retries, causes),
  }));
  return { changes: changes.filter((change) => !causes.has(changeId(change))), skips };
}

/** The retries to remember after a sync: new refusals wait longer each time, what went through is forgotten. */
export function nextRetries(
  before: ReadonlyMap<string, Retry>,
  applied: Applied,
  now: Date,
): readonly Retry[] {
  const after = new Map([...before].filter(([key]) => !isLookup(key)));
  for (const change of applied.done) after.delete(changeSignature(change));
  for (const { change, words } of applied.failed) {
    if (words.length === 0) continue;
    const key = changeSignature(change);
    const attempts = (before.get(key)?.attempts ?? 0) + 1;
    after.set(key, { key, attempts, nextAt: later(attempts, { now, first: FIRST_MS }) });
  }
  const horizon = new Date(now.getTime() - LONGEST_MS).toISOString();
  return [...after.values()].filter((retry) => retry.nextAt > horizon);
}
