/** What the operator gave for one setting: under which name, in which source, directly or as a file. */
import { readingFailure } from './kinds.ts';
import type { Layer } from './layers.ts';
import { fileVariableOf, variableOf, type AnySetting, type Files } from './setting.ts';

export type Source = {
  /** As the operator typed it. */
  readonly variable: string;
  /** Of the env file; undefined: the process environment. */
  readonly envFile?: string;
  /** Of the file that a NAME_FILE variable names. */
  readonly secretFile?: string;
};

export type Given = { readonly text: string; readonly source: Source };

export type Found = Given | { readonly problem: string } | undefined;

/** The predecessors wrote `LDAP-MAILCOW_…`. */
export function hyphenated(variable: string): string {
  return variable.replace('LDAP_', 'LDAP-');
}

/** The strongest source that has the name decides, also when the value there is empty: that means not set. */
const look = (variable: string, layers: readonly Layer[]): Given | undefined => {
  const layer = layers.find(({ values }) => values[variable] !== undefined);
  const text = layer?.values[variable] ?? '';
  if (layer === undefined || text.trim() === '') return undefined;
  return {
    text,
    source: { variable, ...(layer.path === undefined ? {} : { envFile: layer.path }) },
  };
};

const lookBoth = (variable: string, layers: readonly Layer[]): readonly Given[] =>
  [look(variable, layers), look(hyphenated(variable), layers)].filter((given) => given !== undefined);

const readSecret = ({ text, source }: Given, files: Files): Found => {
  const path = text.trim();
  try {
    const content = files.readText(path).replace(/^\uFEFF|\r?\n$/g, '');
    return content.trim() === ''
      ? { problem: `${source.variable}: the file ${path} is empty` }
      : { text: content, source: { ...source, secretFile: path } };
  } catch (error) {
    return { problem: `${source.variable}: the file ${path} cannot be read (${readingFailure(error)})` };
  }
};

const bothSet = (names: readonly string[]): string =>
  `${names.join(' and ')} are both set: keep one of them (an empty value counts as not set)`;

/** The one value of a setting; several spellings of it at the same time are a problem. */
export function findGiven(
  setting: AnySetting,
  { layers, files }: { readonly layers: readonly Layer[]; readonly files: Files },
): Found {
  const direct = lookBoth(variableOf(setting), layers);
  const byFile = setting.secret === true ? lookBoth(fileVariableOf(setting), layers) : [];
  const all = [...direct, ...byFile];
  if (all.length > 1) return { problem: bothSet(all.map(({ source }) => source.variable)) };
  const [file] = byFile;
  return file === undefined ? direct[0] : readSecret(file, files);
}
