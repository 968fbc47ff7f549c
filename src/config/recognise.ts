/** Whose environment this is: ours, or that of an older tool whose user has swapped the image and nothing else. */
import type { Layer } from './layers.ts';
import {
  predecessors,
  type LeftOver,
  type OldName,
  type Predecessor,
  type PredecessorName,
} from './predecessors.ts';
import { variableOf } from './setting.ts';

/** `auto`: by the names. */
export type PredecessorChoice = 'auto' | 'none' | PredecessorName;

export type Signs = {
  readonly layers: readonly Layer[];
  readonly choice: PredecessorChoice;
  /** Looked at only when the names could be those of either program. */
  readonly leftOver: () => LeftOver | undefined;
};

/** The strongest layer that has the name decides, as for every setting. */
const hasValue = (variable: string, layers: readonly Layer[]): boolean =>
  (layers.find(({ values }) => values[variable] !== undefined)?.values[variable] ?? '').trim() !== '';

function fits(predecessor: Predecessor, { layers, leftOver }: Signs): boolean {
  const { needs, lacks } = predecessor;
  if (needs.length === 0) return false;
  const isThere = (variable: string): boolean => hasValue(variable, layers);
  const byNames = needs.every((oneOf) => oneOf.some(isThere)) && !lacks.some(isThere);
  return byNames && (predecessor.leftOver === undefined || leftOver() === predecessor.leftOver);
}

/** The older tool, if it is one's environment: as the operator says, else by what is there. */
export function recognise(signs: Signs): Predecessor | undefined {
  const { choice } = signs;
  if (choice === 'none') return undefined;
  if (choice !== 'auto') return predecessors.find(({ name }) => name === choice);
  return predecessors.find((predecessor) => fits(predecessor, signs));
}

/** The value that a predecessor means for a setting (name without the prefix), as an operator would write it. */
export function presetOf(
  name: string,
  predecessor: Predecessor | undefined,
  isGiven: (name: string) => boolean,
): string | undefined {
  const preset = predecessor?.sets.find((one) => one.name === name);
  if (preset === undefined) return undefined;
  const { unlessGiven } = preset;
  return unlessGiven !== undefined && isGiven(unlessGiven) ? undefined : preset.value;
}

/** What a setting was called there. */
export function oldNamesOf(name: string, predecessor: Predecessor | undefined): readonly OldName[] {
  return predecessor?.oldNames.filter(({ setting }) => setting === name) ?? [];
}

/** Why a setting has a value that nobody wrote. */
export function because({ title }: Predecessor): string {
  return `this environment is that of ${title}`;
}

/** The choice as a line for the start and for `check`; `applied` are the settings that follow from it. */
export function announce(predecessor: Predecessor, applied: readonly string[]): string {
  const settings = predecessor.sets
    .filter(({ name }) => applied.includes(name))
    .map(({ name, value }) => `${variableOf({ name })}=${value}`);
  const meaning =
    settings.length === 0 ? 'every setting that follows from it is set otherwise' : settings.join(', ');
  const stays = `${variableOf({ name: 'PREDECESSOR' })}=${predecessor.name}`;
  return `${because(predecessor)}: ${meaning} (docs/migrating.md; ${stays} keeps it so whatever the names, none ends it)`;
}

const isHere = (variable: string, layers: readonly Layer[]): boolean =>
  layers.some(({ values }) => values[variable] !== undefined);

/** One sentence for each variable of the older tool that has no effect here. */
export function unusedWarnings(predecessor: Predecessor, layers: readonly Layer[]): readonly string[] {
  return Object.entries(predecessor.unused)
    .filter(([variable]) => isHere(variable, layers))
    .map(([variable, why]) => `${variable} has no effect: ${why}`);
}
