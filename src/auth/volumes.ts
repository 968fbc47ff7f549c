/** What mailcow's mounted configuration folders show (facts/auth.md section 2). */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { VolumeSigns } from '../core/choose-logins.ts';

export type Folders = { readonly dovecot: string; readonly sogo: string };

/** What may not be looked at is none: nothing here stops a sync. */
function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** The text of a file, or undefined where there is none or it may not be read. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ageOf({ dovecot, sogo }: Folders): VolumeSigns['age'] {
  const isNew =
    existsSync(join(dovecot, 'auth/passwd-verify.lua')) || existsSync(join(sogo, 'plist_ldap.sh'));
  if (isNew) return 'new';
  const isLegacy = isFolder(join(dovecot, 'lua')) || existsSync(join(sogo, 'plist_ldap'));
  return isLegacy ? 'legacy' : undefined;
}

/** Reads the folders as they are now. An empty folder is what docker makes of a wrong path: it is none. */
export function readVolumes(folders: Folders): VolumeSigns {
  const conf = textOf(join(folders.dovecot, 'dovecot.conf'));
  return {
    age: ageOf(folders),
    isDovecotMounted: conf !== undefined,
    isSogoMounted: isFolder(folders.sogo) && existsSync(join(folders.sogo, 'sogo.conf')),
    isDovecot24: conf !== undefined && /^\s*dovecot_config_version\s*=/m.test(conf),
  };
}
