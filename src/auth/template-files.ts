/** The templates as they lie on the disk: ours beside the program, those of the operator where they are mounted. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RenderError } from './render-error.ts';
import type { Template } from './template.ts';

export type LoginTexts = {
  readonly ours: {
    readonly passdb: Template;
    readonly extra: Template;
    readonly extra24: Template;
    readonly plist: Template;
    readonly loader: Template;
    readonly source: Template;
  };
  readonly theirs: {
    readonly passdb?: Template;
    readonly extra?: Template;
    readonly plist?: Template;
  };
  /** The authorities of LDAP_TLS_CA_FILE. */
  readonly ca?: string;
};

/** Both src/auth and dist/auth lie two folders below the one with `templates`. */
const OURS = join(import.meta.dirname, '..', '..', 'templates');

const PASSDB = 'dovecot/ldap/passdb.conf';
const EXTRA = 'dovecot/extra.conf';
const PLIST = 'sogo/plist_ldap';

function readIfThere(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    throw new RenderError(`${path} cannot be read`, { cause: error });
  }
}

function read(folder: string, name: string): Template {
  const file = join(folder, name);
  const text = readIfThere(file);
  if (text === undefined) throw new RenderError(`${file} is missing: the program is not complete`);
  return { file, text };
}

function mounted<K extends string>(key: K, folder: string, name: string): Partial<Record<K, Template>> {
  const file = join(folder, name);
  const text = readIfThere(file);
  return text === undefined ? {} : ({ [key]: { file, text } } as Record<K, Template>);
}

/** Reads all of them; `folder` is LDAP_MAILCOW_TEMPLATES. Throws RenderError for what cannot be read. */
export function readLoginTexts(folder: string, caFile?: string): LoginTexts {
  const ca = caFile === undefined ? undefined : readIfThere(caFile);
  return {
    ours: {
      passdb: read(OURS, PASSDB),
      extra: read(OURS, EXTRA),
      extra24: read(OURS, 'dovecot/extra-2.4.conf'),
      plist: read(OURS, PLIST),
      loader: read(OURS, 'sogo/plist_ldap.sh'),
      source: read(OURS, 'sogo/source.sh'),
    },
    theirs: {
      ...mounted('passdb', folder, PASSDB),
      ...mounted('extra', folder, EXTRA),
      ...mounted('plist', folder, PLIST),
    },
    ...(ca !== undefined && { ca }),
  };
}
