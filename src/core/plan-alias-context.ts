/** What the planning of aliases shares: inputs and small words. */
import type { Change, Fields, Stage } from './change.ts';
import type { CurrentState } from './current.ts';
import type { DesiredAlias } from './desired-types.ts';
import type { Notes, PlanInput } from './plan-context.ts';

/** What planning aliases takes. */
export type AliasContext = {
  readonly input: PlanInput;
  readonly notes: Notes;
  /** mailcow as it will be after the renames of this plan. */
  readonly current: CurrentState;
  /** The mailbox change of each directory id that its aliases go along with. */
  readonly companions: ReadonlyMap<string, readonly string[]>;
  /** Addresses that somebody in the directory has as his own. */
  readonly claimed: ReadonlySet<string>;
  /** The rename by which a mailbox leaves an address. */
  readonly vacating: ReadonlyMap<string, string>;
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
  what: Pick<Change, 'kind' | 'key' | 'directoryId' | 'list' | 'uses' | 'switchedOff'>,
  { before = {}, after = {}, reason, stage, needs = [] }: Details,
): Change => ({ ...what, resource: 'alias', before, after, reason, stage, needs });

/** Takes down a finding about an alias. */
export const finding = (notes: Notes, code: string, details: { subject: string; message: string }): void => {
  notes.findings.push({ code, ...details });
};

/** A goto in a sentence: a list may have thousands of members. */
export const shortly = (goto: readonly string[]): string =>
  goto.length > 3 ? `${goto.slice(0, 3).join(', ')} and ${goto.length - 3} more` : goto.join(', ');

/** Where an alias leads, in a sentence. */
export const targetOf = (alias: DesiredAlias): string =>
  alias.list === undefined ? shortly(alias.goto) : `the members of ${alias.list.dn}`;

/** What may be done with an alias of whom the directory says nothing else: who is in a list may not send as it. */
export const ordinaryFlags = ({
  isList,
}: {
  readonly isList: boolean;
}): { readonly internal: boolean; readonly senderAllowed: boolean } => ({
  internal: false,
  senderAllowed: !isList,
});

/** What a change of a list carries. */
export const listOf = ({ list }: DesiredAlias): Pick<Change, 'list' | 'uses'> =>
  list === undefined ? {} : { list: true, ...(list.uses.length > 0 && { uses: list.uses }) };

/** What else than its goto an alias is. */
export const flagNames = ['internal', 'senderAllowed'] as const;

/** The flags that the directory says something about. */
export const flagsOf = (alias: DesiredAlias): Fields =>
  Object.fromEntries(
    flagNames.filter((name) => alias[name] !== undefined).map((name) => [name, alias[name]]),
  );
