/** The configuration of one start: every setting once, typed, with its origin. */
import { readFileSync, statSync } from 'node:fs';
import { adviceOn } from './advice.ts';
import { ConfigError } from './error.ts';
import type { Inputs } from './given.ts';
import { openLayers, type Environment, type Layer } from './layers.ts';
import type { LeftOver, Predecessor } from './predecessors.ts';
import { profiles, type Profile } from './profiles.ts';
import { announce, recognise, unusedWarnings, type PredecessorChoice } from './recognise.ts';
import { resolveSettings, type Resolved } from './resolve.ts';
import { allSettings, sectionNames, type Config } from './schema.ts';
import { setAsideWarnings } from './set-aside.ts';
import type { Files } from './setting.ts';
import { programSettings } from './settings/program.ts';
import { syncSettings } from './settings/sync.ts';
import { hyphenWarnings, unknownNameWarnings } from './unknown.ts';

export type LoadedConfig = {
  readonly config: Config;
  /** In the order of the schema. */
  readonly resolved: readonly Resolved[];
  /** Whose environment it is, when it is that of an older tool, as a line for the log. */
  readonly predecessor?: string;
  /** Sentences; the settings are usable all the same. */
  readonly warnings: readonly string[];
};

export type LoadOptions = {
  /** Default: the environment of this process. */
  readonly env?: Environment;
  /** Of the option --env; it wins over the environment. Without it `.env` is read, and the environment wins. */
  readonly envFile?: string;
  readonly files?: Files;
  /** What of an older tool the SQLite file at this path holds, or once held. Default: nothing. */
  readonly leftOver?: (path: string) => LeftOver | undefined;
};

const realFiles: Files = {
  readText: (path) => readFileSync(path, 'utf8'),
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
};

const buildConfig = (resolved: readonly Resolved[]): Config => {
  const values = new Map(resolved.map(({ setting, value }) => [setting.name, value]));
  const sections = sectionNames.map((section) => {
    const set = allSettings
      .filter((placed) => placed.section === section)
      .map(({ key, setting }) => [key, values.get(setting.name)] as const)
      .filter(([, value]) => value !== undefined);
    return [section, Object.fromEntries(set)];
  });
  // Sections, keys and parsers are those of the schema, from which the type is derived.
  return Object.fromEntries(sections) as Config;
};

/** Compose's list form keeps quotes as part of the value; dotenv would have taken them away. */
const quoteWarnings = (resolved: readonly Resolved[], layers: readonly Layer[]): readonly string[] =>
  resolved.flatMap(({ origin }) => {
    if (origin.kind !== 'given' || origin.envFile !== undefined) return [];
    const text = layers.find(({ path }) => path === undefined)?.values[origin.variable] ?? '';
    return /^(["']).*\1$/s.test(text.trim())
      ? [`${origin.variable}: the quotation marks around the value are taken as part of it`]
      : [];
  });

type Sources = Pick<Inputs, 'layers' | 'files'>;

/** What the recognition of an older tool looks at must be known before all else. */
function whose(sources: Sources, leftOver: LoadOptions['leftOver']): Predecessor | undefined {
  const { db, predecessor } = programSettings;
  const { resolved } = resolveSettings([predecessor, db], sources);
  const valueOf = (wanted: string): unknown => resolved.find(({ setting }) => setting.name === wanted)?.value;
  const path = valueOf(db.name);
  return recognise({
    layers: sources.layers,
    // The setting's own kind has parsed it.
    choice: (valueOf(predecessor.name) ?? 'auto') as PredecessorChoice,
    leftOver: () => (typeof path === 'string' ? leftOver?.(path) : undefined),
  });
}

type ChosenProfile = { readonly profile: Profile; readonly isGiven: boolean };

/** The profile decides other settings, so it must be known before them; an older tool's environment may imply it. */
function profileOf(inputs: Inputs): ChosenProfile | undefined {
  const { resolved } = resolveSettings([syncSettings.profile], inputs);
  const [chosen] = resolved;
  const profile = profiles.find(({ name }) => name === chosen?.value);
  return profile && { profile, isGiven: chosen?.origin.kind === 'given' };
}

const appliedOf = (resolved: readonly Resolved[]): readonly string[] =>
  resolved.filter(({ origin }) => origin.kind === 'preset').map(({ setting }) => setting.name);

/** Reads and checks all settings. Throws one ConfigError with everything that is wrong. */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { env = process.env, envFile, files = realFiles } = options;
  const { layers, problems, warnings } = openLayers({
    env,
    files,
    ...(envFile === undefined ? {} : { envFile }),
  });
  const settings = allSettings.map(({ setting }) => setting);
  const predecessor = whose({ layers, files }, options.leftOver);
  const inputs: Inputs = { layers, files, ...(predecessor && { predecessor }) };
  const chosen = profileOf(inputs);
  const resolution = resolveSettings(settings, { ...inputs, ...(chosen && { profile: chosen.profile }) });
  const unused = [
    ...unknownNameWarnings(layers, settings, predecessor),
    ...(predecessor ? unusedWarnings(predecessor, layers) : []),
    ...(chosen ? setAsideWarnings(resolution.setAside, chosen.profile, chosen) : []),
  ];
  const all = [...problems, ...resolution.problems];
  // A name that is misspelled or cut at a # is often why another is missing.
  if (all.length > 0) throw new ConfigError(all, [...warnings, ...unused]);
  const { resolved } = resolution;
  const config = buildConfig(resolved);
  const typed = resolved.flatMap(({ origin }) => (origin.kind === 'given' ? [origin.variable] : []));
  return {
    config,
    resolved,
    ...(predecessor && { predecessor: announce(predecessor, appliedOf(resolved)) }),
    warnings: [
      ...warnings,
      ...quoteWarnings(resolved, layers),
      ...hyphenWarnings(typed, predecessor),
      ...unused,
      ...adviceOn(config, resolved),
    ],
  };
}
