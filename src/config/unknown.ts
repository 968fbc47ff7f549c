/** Names with our prefix that mean nothing to us: most likely a slip of the pen. */
import { hyphenated } from './given.ts';
import type { Layer } from './layers.ts';
import type { Predecessor } from './predecessors.ts';
import { fileVariableOf, prefix, variableOf, type AnySetting } from './setting.ts';

/** How many letters must be inserted, removed, replaced or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a.charAt(i - 1) === b.charAt(j - 1);
      const swapped =
        i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1);
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

type Candidate = { readonly name: string; readonly distance: number };

/** Leaving out which side a setting belongs to (`DOMAIN` for `LDAP_DOMAIN`) is one slip, not five. */
const slips = (name: string, candidate: string): number =>
  Math.min(
    editDistance(name, candidate),
    editDistance(name, candidate.replace(/^(?:LDAP|API)_/, '')) + 1,
    editDistance(name.replace(/^(?:LDAP|API)_/, ''), candidate) + 1,
  );

const nearest = (name: string, known: readonly string[]): Candidate | undefined =>
  known
    .map((candidate) => ({ name: candidate, distance: slips(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];

const hintFor = (name: string, best: Candidate | undefined): string => {
  if (best === undefined) return '';
  const near = best.distance <= Math.ceil(name.length / 3);
  return near ? `; did you mean ${prefix}${best.name}?` : `; the nearest name is ${prefix}${best.name}`;
};

/** Every variable that the settings can be given by, without the hyphenated spellings. */
function knownVariables(settings: readonly AnySetting[]): readonly string[] {
  return settings.flatMap((setting) =>
    setting.secret === true ? [variableOf(setting), fileVariableOf(setting)] : [variableOf(setting)],
  );
}

const ours = (variable: string): boolean =>
  variable.startsWith(prefix) || variable.startsWith(hyphenated(prefix));

/** What an older tool's environment names, without those that have an effect here. */
const theirs = ({ oldNames, unused }: Predecessor): ReadonlySet<string> =>
  new Set([...oldNames.map(({ variable }) => variable), ...Object.keys(unused)]);

const namesIn = (layers: readonly Layer[]): readonly string[] =>
  [...new Set(layers.flatMap(({ values }) => Object.keys(values)))].filter(ours).sort();

/** One warning for each name with our prefix that is no setting, with the nearest one that is. */
export function unknownNameWarnings(
  layers: readonly Layer[],
  settings: readonly AnySetting[],
  predecessor?: Predecessor,
): readonly string[] {
  const known = knownVariables(settings);
  const names = known.map((variable) => variable.slice(prefix.length));
  const accepted = new Set([
    ...known,
    ...known.map(hyphenated),
    ...(predecessor === undefined ? [] : theirs(predecessor)),
  ]);
  return namesIn(layers)
    .filter((variable) => !accepted.has(variable))
    .map((variable) => {
      const name = variable.slice(prefix.length);
      const hint = hintFor(name, nearest(name, names));
      return `${variable} is no setting of this program and has no effect${hint}`;
    });
}

const inTime = (predecessor: Predecessor | undefined): string =>
  predecessor === undefined
    ? ''
    : `; whoever changes the names also sets ${variableOf({ name: 'PREDECESSOR' })}=${predecessor.name}, or what follows from them is lost`;

/** One warning for all names that are spelled as a predecessor did. */
export function hyphenWarnings(variables: readonly string[], predecessor?: Predecessor): readonly string[] {
  const spelled = variables.filter((variable) => variable.startsWith(hyphenated(prefix))).sort();
  return spelled.length === 0
    ? []
    : [
        `${spelled.join(', ')}: accepted, but the name is written ${prefix}… now (a hyphen is not legal in a shell)${inTime(predecessor)}`,
      ];
}
