/** From what the operator gave to one value per setting, and where it came from. */
import { findGiven, type Given, type Source } from './given.ts';
import type { Layer } from './layers.ts';
import {
  fileVariableOf,
  variableOf,
  type AnySetting,
  type Files,
  type Known,
  type Presence,
  type Setting,
} from './setting.ts';

export type Origin =
  | ({ readonly kind: 'given' } & Source)
  | { readonly kind: 'default' }
  | { readonly kind: 'derived'; readonly because: string }
  | { readonly kind: 'unset' };

export type Resolved = {
  readonly setting: AnySetting;
  /** undefined: not set. */
  readonly value: unknown;
  readonly origin: Origin;
  /** As typed; only of settings that are no secrets. */
  readonly typed?: string;
};

export type Resolution = { readonly resolved: readonly Resolved[]; readonly problems: readonly string[] };

type Inputs = { readonly layers: readonly Layer[]; readonly files: Files };

const shownLength = 200;

/** A wrong value as it may be shown: on one line, cut, and without what looks like a password in a URL. */
const shown = (text: string): string => {
  const masked = text.trim().replace(/(:\/\/)[^/@\s]*@/g, '$1***@');
  return JSON.stringify(masked.length > shownLength ? `${masked.slice(0, shownLength)}…` : masked);
};

const missing = (setting: AnySetting): string => {
  const orFile =
    setting.secret === true ? ` (or in ${fileVariableOf(setting)} the path of a file with it)` : '';
  return `${variableOf(setting)} is not set: give ${setting.kind.expects}${orFile}`;
};

const invalid = (setting: AnySetting, { text, source }: Given, problem: string): string => {
  if (setting.secret !== true) return `${source.variable} is ${shown(text)}: ${problem}`;
  const where = source.secretFile === undefined ? '' : ` (the file ${source.secretFile})`;
  return `${source.variable}${where} cannot be used (its value is not shown): ${problem}`;
};

type Step = Resolved | { readonly problem: string };

const resolveGiven = (setting: AnySetting, given: Given, files: Files): Step => {
  const parsed = setting.kind.parse(given.text, files);
  if ('problem' in parsed) return { problem: invalid(setting, given, parsed.problem) };
  return {
    setting,
    value: parsed.value,
    origin: { kind: 'given', ...given.source },
    ...(setting.secret === true ? {} : { typed: given.text.trim() }),
  };
};

const resolveFallback = (setting: AnySetting, known: Known): Step => {
  const { fallback } = setting;
  switch (fallback.kind) {
    case 'required':
      return { problem: missing(setting) };
    case 'unset':
      return { setting, value: undefined, origin: { kind: 'unset' } };
    case 'value':
      return { setting, value: fallback.value, origin: { kind: 'default' } };
    case 'computed': {
      const { value, because } = fallback.compute(known);
      return { setting, value, origin: { kind: 'derived', because } };
    }
  }
};

/** The map holds what the setting's own kind has parsed, so its type is the setting's. */
const knownFrom = (values: ReadonlyMap<string, unknown>, files: Files): Known => ({
  read: <T>(setting: Setting<T, Presence>) => values.get(setting.name) as T | undefined,
  files,
});

/** Settings in the order of the schema, with every problem there is. */
export function resolveSettings(settings: readonly AnySetting[], inputs: Inputs): Resolution {
  const values = new Map<string, unknown>();
  const known = knownFrom(values, inputs.files);
  const resolved: Resolved[] = [];
  const problems: string[] = [];
  for (const setting of settings) {
    const given = findGiven(setting, inputs);
    const step =
      given === undefined
        ? resolveFallback(setting, known)
        : 'problem' in given
          ? given
          : resolveGiven(setting, given, inputs.files);
    if ('problem' in step) {
      problems.push(step.problem);
    } else {
      resolved.push(step);
      values.set(setting.name, step.value);
    }
  }
  return { resolved, problems };
}
