/** What the operator gave for one setting: under which name, in which source, directly or as a file. */
import { readingFailure } from './kinds.ts';
import type { Layer } from './layers.ts';
import type { Predecessor } from './predecessors.ts';
import { oldNamesOf } from './recognise.ts';
import { variableOf, type AnySetting, type Files } from './setting.ts';

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

/** A name that a setting may be given by, and what its value lacks at the beginning. */
type Spelling = { readonly variable: string; readonly before?: string };

const spellingsOf = (setting: AnySetting, predecessor: Predecessor | undefined): readonly Spelling[] => [
  { variable: variableOf(setting) },
  { variable: hyphenated(variableOf(setting)) },
  ...oldNamesOf(setting.name, predecessor),
];

const lookAll = (spellings: readonly Spelling[], layers: readonly Layer[]): readonly Given[] =>
  spellings.flatMap(({ variable, before = '' }) => {
    const given = look(variable, layers);
    return given === undefined ? [] : [{ ...given, text: `${before}${given.text}` }];
  });

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

const fileSpelling = ({ variable }: Spelling): Spelling => ({ variable: `${variable}_FILE` });

const bothSet = (names: readonly string[]): string =>
  `${names.join(' and ')} are both set: keep one of them (an empty value counts as not set)`;

export type Inputs = {
  readonly layers: readonly Layer[];
  readonly files: Files;
  /** Whose environment it is, when it is that of an older tool. */
  readonly predecessor?: Predecessor;
};

/** The one value of a setting; several spellings of it at the same time are a problem. */
export function findGiven(setting: AnySetting, { layers, files, predecessor }: Inputs): Found {
  const spellings = spellingsOf(setting, predecessor);
  const direct = lookAll(spellings, layers);
  const byFile = setting.secret === true ? lookAll(spellings.map(fileSpelling), layers) : [];
  const all = [...direct, ...byFile];
  if (all.length > 1) return { problem: bothSet(all.map(({ source }) => source.variable)) };
  const [file] = byFile;
  return file === undefined ? direct[0] : readSecret(file, files);
}
