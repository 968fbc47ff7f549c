/** The id that an administrator types, and how long an approval lasts. */
import { createHash } from 'node:crypto';
import type { Held } from '../core/change.ts';
import { approvalSignatures } from '../core/list-change.ts';
import type { Log } from '../ports.ts';
import type { Holds, State } from '../ports-state.ts';

const APPROVAL_MS = 24 * 60 * 60 * 1000;

/** A digest of the held changes alone; that of nothing is a constant. */
export function holdsId(held: readonly Held[]): string {
  const signatures = held.flatMap(({ change }) => approvalSignatures(change)).sort();
  return createHash('sha256').update(JSON.stringify(signatures)).digest('hex').slice(0, 8);
}

/** Holds with their id: a digest of the held changes alone, so that ordinary creations do not move it. */
export function holdsOf(held: readonly Held[]): Holds | undefined {
  return held.length === 0 ? undefined : { id: holdsId(held), held };
}

/** The command that lets held changes through. */
export function approveCommand(holds: Holds): string {
  return `ldap-mailcow approve ${holds.id}`;
}

/** Reasons with their numbers, most frequent first. */
export function countReasons(held: readonly Held[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { why } of held) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** Says what is held, why, and what to type; each change only at debug level, there may be thousands. */
export function logHolds(log: Log, holds: Holds | undefined): void {
  if (holds === undefined) return;
  for (const [why, count] of countReasons(holds.held)) log.warn(`held back: ${count} changes: ${why}`);
  for (const { change, why } of holds.held.slice(0, 10)) {
    log.warn(`held: ${change.kind} ${change.resource} ${change.key}: ${why}`);
  }
  if (holds.held.length > 10) log.warn(`held: and ${holds.held.length - 10} more; see: ldap-mailcow plan`);
  log.warn(
    `to let the held changes through, look at them with "ldap-mailcow plan", then: ${approveCommand(holds)}`,
  );
}

const DECLARED = 'reading ';

/** What an administrator has declared of the directory, and not too long ago (Judgement.declarable). */
export function declaredAt(state: Pick<State, 'approved'>, now: Date): ReadonlySet<string> {
  const signatures = [...state.approved(now.toISOString())];
  return new Set(
    signatures.filter((text) => text.startsWith(DECLARED)).map((text) => text.slice(DECLARED.length)),
  );
}

/** Takes down for 24 hours that the directory is right, in one of the points of Judgement.declarable. */
export function declare(state: State, what: string, now: Date): Date {
  return approveSignatures(state, { id: what, signatures: [`${DECLARED}${what}`] }, now);
}

/** Approves what is held; the approval covers these changes and any subset of them for 24 hours. */
export function approveHolds(state: State, holds: Holds, now: Date): Date {
  const signatures = holds.held.flatMap(({ change }) => approvalSignatures(change));
  return approveSignatures(state, { id: holds.id, signatures }, now);
}

function approveSignatures(
  state: State,
  what: { readonly id: string; readonly signatures: readonly string[] },
  now: Date,
): Date {
  const expiresAt = new Date(now.getTime() + APPROVAL_MS);
  state.approve({ ...what, at: now.toISOString(), expiresAt: expiresAt.toISOString() });
  return expiresAt;
}
