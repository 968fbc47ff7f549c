/** What of a plan and of all findings concerns one person, group or address. */
import { escapePattern } from './escape-pattern.ts';
import { anchorFor, findingAdvice } from '../core/finding-advice.ts';
import type { Finding } from '../core/model.ts';
import type { KnownFinding } from '../ports-state.ts';
import type { ConcernedFinding, Explanation, NextSync } from './explanation.ts';
import { approveCommand, holdsOf } from './holds.ts';
import type { Prepared } from './prepare.ts';

/** Whether a text names one of the addresses (as a whole) or DNs. */
export function namer(addresses: readonly string[], dns: readonly string[]): (text: string) => boolean {
  const patterns = addresses.map(
    (address) => new RegExp(`(?<![\\w.+-])${escapePattern(address)}(?![\\w-]|\\.\\w)`, 'i'),
  );
  return (text) => dns.some((dn) => text.includes(dn)) || patterns.some((pattern) => pattern.test(text));
}

/** Findings about the directory, mailcow or the logins as a whole name neither an address nor an entry. */
const isGeneral = ({ code, subject }: Finding): boolean =>
  code === 'reading-incomplete' || !/[@=]/.test(subject);

/** Findings about somebody, and those about everybody; all others are left out. */
export function sortOut(
  findings: readonly ConcernedFinding[],
  { names, domains }: { readonly names: (text: string) => boolean; readonly domains: ReadonlySet<string> },
): Pick<Explanation, 'findings' | 'generalFindings'> {
  const concerns = ({ subject, message }: Finding): boolean =>
    names(subject) || names(message) || domains.has(subject);
  const own = findings.filter(concerns);
  return { findings: own, generalFindings: findings.filter((one) => !own.includes(one) && isGeneral(one)) };
}

/** What only a sync finds out, because a plan writes nothing and tries nothing. */
const foundByWriting = new Set([
  'refused-by-mailcow',
  'login-files',
  'logins-refused',
  'identity-provider-unreachable',
]);

/** Those of the plan, and of the last sync those that no plan finds. */
export function allFindings(
  planned: readonly Finding[] | undefined,
  stored: readonly KnownFinding[],
): readonly ConcernedFinding[] {
  const sinceOf = new Map(stored.map(({ code, subject, since }) => [`${code}\n${subject}`, since]));
  const codes = new Set((planned ?? []).map(({ code }) => code));
  const late = stored.filter(
    ({ code }) => planned === undefined || (foundByWriting.has(code) && !codes.has(code)),
  );
  const findings = [...(planned ?? []), ...late.map(({ since: _since, ...finding }) => finding)];
  return findings.map((finding) => ({
    ...finding,
    since: sinceOf.get(`${finding.code}\n${finding.subject}`) ?? null,
    advice: findingAdvice[finding.code] ?? '',
    anchor: anchorFor(finding.code),
  }));
}

/** What an answer is about. */
export type Concern = {
  readonly ids: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  readonly names: (text: string) => boolean;
};

/** What a plan holds for somebody. */
export function nextSyncOf({ plan }: Prepared, { ids, addresses, domains, names }: Concern): NextSync {
  const isNamed = (goto: readonly string[] = []): boolean => goto.some((target) => addresses.has(target));
  const concerns = ({ resource, key, directoryId, before, after }: NextSync['changes'][number]): boolean =>
    ids.has(directoryId) ||
    addresses.has(key) ||
    addresses.has(after.address ?? '') ||
    (resource === 'domain' && domains.has(key)) ||
    isNamed(before.goto) !== isNamed(after.goto);
  const kept = <T extends { readonly change: NextSync['changes'][number] }>(
    items: readonly T[],
  ): readonly T[] => items.filter(({ change }) => concerns(change));
  const holds = holdsOf(plan.held);
  const held = kept(plan.held);
  return {
    changes: plan.changes.filter(concerns),
    held,
    approve: held.length === 0 || holds === undefined ? null : approveCommand(holds),
    forbidden: kept(plan.forbidden),
    skips: plan.skips.filter(({ key, reason }) => addresses.has(key) || names(reason)),
  };
}
