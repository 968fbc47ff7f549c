/** The plan as a person reads it. */
import { describeChange } from '../core/describe.ts';
import { approveCommand, holdsOf } from '../sync/holds.ts';
import type { PlanReport } from '../sync.ts';

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title} (${lines.length})`, ...lines.map((line) => `  ${line}`)];

function approval({ held }: PlanReport['plan']): readonly string[] {
  const holds = holdsOf(held);
  return holds === undefined
    ? []
    : ['', `After the next sync, to let them through: ${approveCommand(holds)}`];
}

/** The text that `plan` prints. */
export function renderPlanText(report: PlanReport): string {
  const { plan, complete, problems } = report;
  const head =
    plan.changes.length === 0 && plan.held.length === 0
      ? 'Nothing to change: mailcow holds what the directory says.'
      : `${plan.changes.length} to write, ${plan.held.length} held back. Nothing has been written.`;
  return [
    head,
    ...(complete ? [] : ['The reading of the directory is incomplete, so nothing would be taken away:']),
    ...problems.map((problem) => `  ${problem}`),
    ...section('Would write', plan.changes.map(describeChange)),
    ...section(
      'Held back, waiting for approval',
      plan.held.map(({ change, why }) => `${describeChange(change)}: ${why}`),
    ),
    ...approval(plan),
    ...section(
      'Left alone on purpose',
      plan.skips.map((skip) => `${skip.resource} ${skip.key}: ${skip.reason}`),
    ),
    ...section(
      'Findings',
      plan.findings.map((finding) => `${finding.code}: ${finding.subject}: ${finding.message}`),
    ),
    '',
  ].join('\n');
}
