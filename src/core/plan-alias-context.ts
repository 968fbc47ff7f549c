/** What the planning of aliases shares: inputs and small words. */
import type { Change, Fields, Stage } from './change.ts';
import type { CurrentState } from './current.ts';
import type { Notes, PlanInput } from './plan-context.ts';

/** What planning aliases takes. */
export type AliasContext = {
  readonly input: PlanInput;
  readonly notes: Notes;
  /** mailcow as it will be after the renames of this plan. */
  readonly current: CurrentState;
  /** The mailbox change of each directory id that its aliases go along with. */
  readonly companions: ReadonlyMap<string, readonly string[]>;
};

type Details = {
  readonly before?: Fields;
  readonly after?: Fields;
  readonly reason: string;
  readonly stage: Stage;
  readonly needs?: readonly string[];
};

/** A change of an alias; what is empty may be left out. */
export const aliasChange = (
  what: Pick<Change, 'kind' | 'key' | 'directoryId'>,
  { before = {}, after = {}, reason, stage, needs = [] }: Details,
): Change => ({ ...what, resource: 'alias', before, after, reason, stage, needs });

/** Takes down a finding about an alias. */
export const finding = (notes: Notes, code: string, details: { subject: string; message: string }): void => {
  notes.findings.push({ code, ...details });
};
