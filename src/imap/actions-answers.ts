/** Refusals as ns8 prints them. */
import type { WriteResult } from '../ports-mailcow.ts';
import type { ActionResult } from './actions-parts.ts';
import type { Complaint } from './task.ts';

/** Why an action was not carried out, and the exit code for it. */
export type Refusal = { readonly code: 1 | 2 | 3 | 4; readonly complaints: readonly Complaint[] };

/** A refusal with ns8's code for most of them. */
export function refusal(...complaints: readonly Complaint[]): Refusal {
  return { code: 1, complaints };
}

/** What the action answers then: ns8's list, and a sentence for each. */
export function answerRefusal({ code, complaints }: Refusal): ActionResult {
  return {
    code,
    output: complaints.map(({ message: _message, ...complaint }) => complaint),
    notes: complaints.map(({ field, message }) => `${field}: ${message}`),
  };
}

/** A complaint about no single field: ns8 names the action. */
export function failed(message: string, error = 'validation_failed'): Complaint {
  return { field: 'createTask', parameter: 'createTask', value: error, error, message };
}

/** What mailcow said instead of `done`; undefined: it is done. */
export function verdictProblem(verdict: WriteResult | undefined): string | undefined {
  if (verdict === undefined) return 'mailcow said nothing';
  if (verdict.kind === 'done') return undefined;
  if (verdict.kind === 'unclear')
    return `whether mailcow did it is not known (${verdict.why}): see list-tasks before you try again`;
  const words = verdict.words.map(({ word, args }) => [word, ...args].join(' '));
  return `mailcow refuses it: ${words.join(', ')}`;
}

/** The message of whatever was thrown. */
export function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
