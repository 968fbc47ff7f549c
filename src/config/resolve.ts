/** From what the operator gave to one value per setting, and where it came from. */
import { findGiven, type Found, type Given, type Inputs, type Source } from './given.ts';
import type { Profile, ProfileName } from './profiles.ts';
import { because, presetOf } from './recognise.ts';
import { setAsideName } from './set-aside.ts';
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
  /** What the environment of an older tool means. */
  | { readonly kind: 'preset'; readonly because: string }
  /** `decided`: whatever was given; else it is the profile's default. */
  | { readonly kind: 'profile'; readonly profile: ProfileName; readonly decided: boolean }
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

export type Resolution = {
  readonly resolved: readonly Resolved[];
  readonly problems: readonly string[];
  /** Variables that were given although the profile decides the setting. */
  readonly setAside: readonly string[];
};

export type ResolveInputs = Inputs & { readonly profile?: Profile };

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

type Ours = { readonly text: string; readonly origin: Origin; readonly files: Files };

/** A value of one of our tables. */
const resolveOurs = (setting: AnySetting, { text, origin, files }: Ours): Step => {
  const parsed = setting.kind.parse(text, files);
  // A test parses every value of them.
  if ('problem' in parsed) return { problem: `${variableOf(setting)}=${text}: ${parsed.problem}` };
  return { setting, value: parsed.value, origin, typed: text };
};

/** What the older tool's environment means for a setting that it does not name. */
const resolvePreset = (
  setting: AnySetting,
  inputs: Inputs,
  isGiven: (name: string) => boolean,
): Step | undefined => {
  const { predecessor, files } = inputs;
  const text = presetOf(setting.name, predecessor, isGiven);
  if (predecessor === undefined || text === undefined) return undefined;
  return resolveOurs(setting, { text, origin: { kind: 'preset', because: because(predecessor) }, files });
};

/** What the profile lays down, whatever was given. */
const resolveDecided = (setting: AnySetting, { profile, files }: ResolveInputs): Step | undefined => {
  const decision = profile?.decides.find(({ name }) => name === setting.name);
  if (profile === undefined || decision === undefined) return undefined;
  const origin: Origin = { kind: 'profile', profile: profile.name, decided: true };
  return decision.value === undefined
    ? { setting, value: undefined, origin }
    : resolveOurs(setting, { text: decision.value, origin, files });
};

const resolveProfileDefault = (setting: AnySetting, { profile, files }: ResolveInputs): Step | undefined => {
  const text = profile?.defaults.find(({ name }) => name === setting.name)?.value;
  if (profile === undefined || text === undefined) return undefined;
  const origin: Origin = { kind: 'profile', profile: profile.name, decided: false };
  return resolveOurs(setting, { text, origin, files });
};

/** The map holds what the setting's own kind has parsed, so its type is the setting's. */
const knownFrom = (values: ReadonlyMap<string, unknown>, files: Files): Known => ({
  read: <T>(setting: Setting<T, Presence>) => values.get(setting.name) as T | undefined,
  files,
});

const resolveFound = (setting: AnySetting, found: Exclude<Found, undefined>, files: Files): Step =>
  'problem' in found ? found : resolveGiven(setting, found, files);

/** Settings in the order of the schema, with every problem there is. */
export function resolveSettings(settings: readonly AnySetting[], inputs: ResolveInputs): Resolution {
  const { files } = inputs;
  const values = new Map<string, unknown>();
  const known = knownFrom(values, files);
  const resolved: Resolved[] = [];
  const problems: string[] = [];
  const setAside: string[] = [];
  const found = new Map(settings.map((setting) => [setting.name, findGiven(setting, inputs)]));
  const isGiven = (name: string): boolean => found.get(name) !== undefined;
  for (const setting of settings) {
    const given = found.get(setting.name);
    const decided = resolveDecided(setting, inputs);
    const step =
      decided ??
      (given && resolveFound(setting, given, files)) ??
      resolveProfileDefault(setting, inputs) ??
      resolvePreset(setting, inputs, isGiven) ??
      resolveFallback(setting, known);
    if ('problem' in step) {
      problems.push(step.problem);
      continue;
    }
    resolved.push(step);
    values.set(setting.name, step.value);
    const aside = decided && setAsideName(given, { setting, value: step.value, files });
    if (aside !== undefined) setAside.push(aside);
  }
  return { resolved, problems, setAside };
}
