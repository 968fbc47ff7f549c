/** The plan as a person reads it. */
import { describeChange } from '../core/describe.ts';
import { approveCommand, holdsOf } from '../sync/holds.ts';
import type { PlanReport } from '../sync.ts';

/** A title with the number of its lines, and these; nothing where there are none. */
export const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title} (${lines.length})`, ...lines.map((line) => `  ${line}`)];

function approval({ held }: PlanReport['plan']): readonly string[] {
  const holds = holdsOf(held);
  return holds === undefined
    ? []
    : ['', `After the next sync, to let them through: ${approveCommand(holds)}`];
}

function headOf({ changes, held, forbidden }: PlanReport['plan']): string {
  if (changes.length + held.length + forbidden.length === 0)
    return 'Nothing to change: mailcow holds what the directory says.';
  const kept = forbidden.length === 0 ? '' : `, ${forbidden.length} not made because of the policy`;
  return `${changes.length} to write, ${held.length} held back${kept}. Nothing has been written.`;
}

/** All have the same reason, the policy. */
const forbiddenSection = ([first, ...others]: PlanReport['plan']['forbidden']): readonly string[] =>
  first === undefined
    ? []
    : section(
        `Not made because of ${first.why}`,
        [first, ...others].map(({ change }) => describeChange(change)),
      );

/** The text that `plan` prints. */
export function renderPlanText(report: PlanReport): string {
  const { plan, complete, problems } = report;
  return [
    headOf(plan),
    ...(complete ? [] : ['The reading of the directory is incomplete, so nothing would be taken away:']),
    ...problems.map((problem) => `  ${problem}`),
    ...section('Would write', plan.changes.map(describeChange)),
    ...section(
      'Held back, waiting for approval',
      plan.held.map(({ change, why }) => `${describeChange(change)}: ${why}`),
    ),
    ...approval(plan),
    ...forbiddenSection(plan.forbidden),
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
