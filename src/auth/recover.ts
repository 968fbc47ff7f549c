/**
 * Files of ours that nothing is remembered of, because the state was lost: taken for ours again before anything is
 * installed or removed. Otherwise `extra.conf` with our block in it would be kept as what stood there before us, and put
 * back when the file that it names is gone: then nobody can log in.
 */
import { join } from 'node:path';
import { hasBegin, withoutBlock } from './block.ts';
import { digestOf, type Backup, type Entry } from './manifest.ts';
import type { Folders } from './volumes.ts';
import { bytesAt, permissionsOf } from './write-file.ts';

type Candidate = {
  readonly name: string;
  readonly kind: Entry['kind'];
  readonly service: Entry['service'];
  readonly isOurs: (text: string) => boolean;
};

const always = (): boolean => true;
/** The first words of our templates; those of an operator are known by the state alone. */
const isMade = (text: string): boolean => /^\s*(?:#!.*\n)?(?:#|<!--) Made by ldap-mailcow\b/.test(text);

/** In the order of installing. */
const candidates: readonly Candidate[] = [
  { name: 'ldap-mailcow-source.sh', kind: 'own', service: 'sogo', isOurs: always },
  { name: 'plist_ldap.sh', kind: 'replace', service: 'sogo', isOurs: isMade },
  { name: 'plist_ldap', kind: 'replace', service: 'sogo', isOurs: isMade },
  { name: 'ldap/ldap-mailcow-ca.pem', kind: 'own', service: 'dovecot', isOurs: always },
  { name: 'ldap/ldap-mailcow-passdb.conf', kind: 'own', service: 'dovecot', isOurs: always },
  { name: 'extra.conf', kind: 'block', service: 'dovecot', isOurs: hasBegin },
];

function recoverBlock(path: string, bytes: Uint8Array, backup: Backup): void {
  const rest = Buffer.from(withoutBlock(Buffer.from(bytes).toString('latin1')), 'latin1');
  const permissions = permissionsOf(path);
  backup.keep(path, {
    kind: 'block',
    service: 'dovecot',
    left: digestOf(bytes),
    rest: digestOf(rest),
    // Whether it was there, and empty, nobody knows any more.
    ...(rest.length > 0 && { bytes: rest }),
    ...(permissions && { permissions }),
  });
}

function recover({ name, kind, service, isOurs }: Candidate, folder: string, backup: Backup): void {
  const path = join(folder, name);
  if (backup.entries().has(path)) return;
  const bytes = bytesAt(path);
  if (bytes === undefined || !isOurs(Buffer.from(bytes).toString('latin1'))) return;
  if (kind === 'block') recoverBlock(path, bytes, backup);
  else backup.keep(path, { kind, service, left: digestOf(bytes) });
}

/** Takes down what of ours is in the folders and in no manifest. Throws LoginFilesError. */
export function recoverEntries(folders: Folders, backup: Backup): void {
  for (const candidate of candidates) recover(candidate, folders[candidate.service], backup);
}
