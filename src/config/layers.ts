/** Where variables come from: the process environment and an env file, the stronger one first. */
import { parse } from 'dotenv';
import { readingFailure } from './kinds.ts';
import type { Files } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Layer = {
  /** undefined: the process environment. */
  readonly path?: string;
  readonly values: Environment;
};

export type Layers = {
  readonly layers: readonly Layer[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
};

export type LayerSources = {
  readonly env: Environment;
  /** Of the option --env. */
  readonly envFile?: string;
  readonly files: Files;
};

const defaultEnvFile = '.env';

const ourVariable = /^\s*(?:export\s+)?(LDAP[_-]MAILCOW_\w+)\s*=(?![^\S\n]*['"`])([^\n]*?)#/gm;

/** dotenv ends an unquoted value at any `#`, also inside a password: the operator should hear of it. */
const commentWarnings = (text: string, path: string): readonly string[] =>
  [...text.matchAll(ourVariable)]
    .filter(([, , before]) => !/\s$/.test(before ?? ''))
    .map(
      ([, name]) =>
        `${name ?? ''} in ${path}: everything from the # on is a comment; if it belongs to the value, put the value in single quotes`,
    );

const parseLayer = (text: string, path: string): Layer => ({
  path,
  values: parse(text.replace(/^\uFEFF/, '')),
});

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

type EnvFile = { readonly layer: Layer; readonly warnings: readonly string[] };

const readEnvFile = (path: string, files: Files): EnvFile => {
  const text = files.readText(path);
  return { layer: parseLayer(text, path), warnings: commentWarnings(text, path) };
};

/** Who has set a variable in both places should not have to guess which one counts. */
const overrideWarnings = ({ path, values }: Layer, env: Environment): readonly string[] => {
  const names = Object.keys(values)
    .filter((name) => /^LDAP[_-]MAILCOW_/.test(name))
    .filter((name) => env[name] !== undefined && env[name] !== values[name])
    .sort();
  return names.length === 0
    ? []
    : [`${names.join(', ')}: set in the environment too, with another value; ${path ?? ''} counts`];
};

/**
 * A file named with --env is meant for this program and wins over the inherited environment; a `.env` that
 * merely lies in the working directory loses to it, as dotenv has it.
 */
export function openLayers({ env, envFile, files }: LayerSources): Layers {
  const environment: Layer = { values: env };
  const path = envFile ?? defaultEnvFile;
  try {
    const { layer, warnings } = readEnvFile(path, files);
    if (envFile === undefined) return { layers: [environment, layer], problems: [], warnings };
    const overridden = overrideWarnings(layer, env);
    return { layers: [layer, environment], problems: [], warnings: [...warnings, ...overridden] };
  } catch (error) {
    const problem = `the env file ${path} cannot be read (${readingFailure(error)})`;
    const ignored = envFile === undefined && isMissing(error);
    return { layers: [environment], problems: ignored ? [] : [problem], warnings: [] };
  }
}
