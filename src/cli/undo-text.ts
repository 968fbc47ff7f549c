/** An undo as a person reads it. */
import { describeChange } from '../core/describe.ts';
import type { Skip } from '../core/change.ts';
import type { RunRecord } from '../ports-state.ts';
import { countReasons } from '../sync/holds.ts';
import type { OrderedRun } from '../sync/run-changes.ts';
import type { UndoPlan } from '../sync/undo.ts';
import { section } from './plan-text.ts';

const skipLine = ({ resource, key, reason }: Skip): string => `${resource} ${key}: ${reason}`;

const countsOf = ({ counts = {} }: RunRecord): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

/** Runs that wrote something, one a line. */
export function renderRuns(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return 'No run wrote anything that the journal still has.';
  const lines = runs.map(
    (run) =>
      `  ${run.id}  ${run.startedAt}  ${run.message?.startsWith('undo of') === true ? run.message : run.kind}: ${countsOf(run) || (run.outcome ?? 'not ended')}`,
  );
  return [
    'The last runs that wrote something:',
    ...lines,
    '',
    'To see what taking one back would write: ldap-mailcow undo RUN --dry-run',
  ].join('\n');
}

/** What an undo would write; first of all what it cannot take back. */
export function renderUndo({ run, changes, impossible, skips, held }: UndoPlan): string {
  return [
    `Undo of run ${run.id} (${run.kind}, ${run.startedAt}): ${changes.length} to write, ${impossible.length} cannot be taken back, ${skips.length} stay.`,
    ...section('Cannot be taken back', impossible.map(skipLine)),
    ...section('Stays as it is', skips.map(skipLine)),
    ...section('Takes back', changes.map(describeChange)),
    ...section(
      'The guard would hold back',
      countReasons(held).map(([why, count]) => `${count}: ${why}`),
    ),
  ].join('\n');
}

/** What an ordered run did, and how to take it back. */
export function renderOrdered({ run, done, failed, left }: OrderedRun): string {
  const more = [
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(left.length > 0 ? [`${left.length} left`] : []),
  ];
  return [
    '',
    `Run ${run}: ${[`${done.length} written`, ...more].join(', ')}.`,
    ...failed.map(({ change, why }) => `  failed: ${describeChange(change)}: ${why}`),
    `To take that back: ldap-mailcow undo ${run}`,
  ].join('\n');
}
