/** Findings over time: said when they appear and when they go. */
import { sortFindings } from '../core/change.ts';
import type { Finding } from '../core/model.ts';
import type { KnownFinding } from '../ports-state.ts';
import type { Applied } from './apply.ts';
import type { SyncContext } from './settings.ts';

/** What mailcow refused in this sync. */
export function refusedFindings(applied: Applied): readonly Finding[] {
  return applied.failed
    .filter((failure) => failure.words.length > 0)
    .map((failure) => ({
      code: 'refused-by-mailcow',
      subject: failure.change.key,
      message: `${failure.change.kind} ${failure.change.resource}: ${failure.why}`,
    }));
}

/** Each finding is logged once when it appears and once when it goes. */
export function recordFindings(context: SyncContext, findings: readonly Finding[]): void {
  const { state, log, now } = context;
  const keyOf = ({ code, subject }: Finding): string => `${code}\n${subject}`;
  const before = new Map(state.findings().map((finding) => [keyOf(finding), finding]));
  const after: KnownFinding[] = [];
  for (const finding of sortFindings(findings)) {
    const known = before.get(keyOf(finding));
    after.push({ ...finding, since: known?.since ?? now().toISOString() });
    if (known === undefined) log.warn(`finding ${finding.code}: ${finding.subject}: ${finding.message}`);
    before.delete(keyOf(finding));
  }
  for (const finding of before.values()) log.info(`settled ${finding.code}: ${finding.subject}`);
  state.replaceFindings(after);
}
