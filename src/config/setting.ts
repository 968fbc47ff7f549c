/** What a setting is: everything the loader, the documentation and `--help` know about one variable. */

export const prefix = 'LDAP_MAILCOW_';

/** The file system as the configuration sees it; tests hand in their own. */
export type Files = {
  /** Throws the system's error when the file cannot be read. */
  readonly readText: (path: string) => string;
  readonly isDirectory: (path: string) => boolean;
};

/** `problem` says what would be right, as the end of the sentence `NAME is "x": …`. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

export type Kind<T> = {
  /** What may stand there, as the end of the sentence `give …`. */
  readonly expects: string;
  readonly parse: (text: string, files: Files) => Parsed<T>;
};

/** What a computed default may look at: settings declared before it, and the file system. */
export type Known = {
  readonly read: <T>(setting: Setting<T, Presence>) => T | undefined;
  readonly files: Files;
};

type Fallback<T> =
  | { readonly kind: 'required' }
  | { readonly kind: 'unset'; readonly text: string }
  | { readonly kind: 'value'; readonly value: T }
  | {
      readonly kind: 'computed';
      readonly text: string;
      readonly compute: (known: Known) => { readonly value: T; readonly because: string };
    };

/** `always`: the configuration has a value in any case; `maybe`: the key is missing when it is not set. */
export type Presence = 'always' | 'maybe';

type Words<T> = {
  /** Without the prefix. */
  readonly name: string;
  readonly kind: Kind<T>;
  /** One sentence for the reference, the example file and `--help`. */
  readonly line: string;
  /** Further sentences for the reference. */
  readonly detail?: string;
  readonly example?: string;
  /** What a new installation starts with: stands uncommented in the example file though it is not required. */
  readonly starter?: string;
  /** Never shown; may also be given as the path of a file in NAME_FILE. */
  readonly secret?: boolean;
  /** False for what only changes how or when a sync talks, not what it decides. Default: true. */
  readonly changesPlan?: boolean;
};

export type Setting<T, P extends Presence> = Words<T> & {
  readonly presence: P;
  readonly fallback: Fallback<T>;
};

export type AnySetting = Setting<unknown, Presence>;

/** A setting that the program cannot start without. */
export function required<T>(words: Words<T> & { readonly example: string }): Setting<T, 'always'> {
  return { ...words, presence: 'always', fallback: { kind: 'required' } };
}

/** A setting that may stay away; `unset` says what happens then. */
export function optional<T>(words: Words<T> & { readonly unset: string }): Setting<T, 'maybe'> {
  const { unset, ...rest } = words;
  return { ...rest, presence: 'maybe', fallback: { kind: 'unset', text: unset } };
}

/** A setting with a fixed default. */
export function withDefault<T>(words: Words<T> & { readonly value: NoInfer<T> }): Setting<T, 'always'> {
  const { value, ...rest } = words;
  return { ...rest, presence: 'always', fallback: { kind: 'value', value } };
}

type Computed<T> = Extract<Fallback<T>, { readonly kind: 'computed' }>;

/** A setting whose default follows from other settings or from the machine; `text` says how. */
export function withComputedDefault<T>(
  words: Words<T> & Pick<Computed<NoInfer<T>>, 'text' | 'compute'>,
): Setting<T, 'always'> {
  const { text, compute, ...rest } = words;
  return { ...rest, presence: 'always', fallback: { kind: 'computed', text, compute } };
}

/** The variable of a setting, as the operator writes it. */
export function variableOf(setting: { readonly name: string }): string {
  return `${prefix}${setting.name}`;
}

/** The variable that names a file with a secret's value. */
export function fileVariableOf(setting: { readonly name: string }): string {
  return `${prefix}${setting.name}_FILE`;
}
