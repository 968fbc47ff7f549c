/** The files for logins behind the port: rendered from the settings, proved, and put into mailcow's folders. */
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoginFileKinds } from '../core/choose-logins.ts';
import { dialectDefaults, resolveMapping, type MappingSettings } from '../core/mapping.ts';
import { knownRule } from '../core/login-filter.ts';
import type { DirectoryKnown, FilesChanged, LoginFiles } from '../ports-logins.ts';
import { hasBegin, withoutBlock } from './block.ts';
import { renderDovecot, type LoginFile } from './dovecot.ts';
import { explained, LoginFilesError } from './errors.ts';
import { installFiles, type WantedFile } from './install.ts';
import { openBackup, type Backup } from './manifest.ts';
import { readOlderExtraConf } from './older-files.ts';
import { proveExtra, provePassdbWords } from './prove-template.ts';
import { provePassdb } from './prove.ts';
import { recoverEntries } from './recover.ts';
import { removeFiles } from './remove.ts';
import type { LoginSettings } from './settings.ts';
import { renderSogo } from './sogo.ts';
import { readLoginTexts, type LoginTexts } from './template-files.ts';
import { readVolumes, type Folders } from './volumes.ts';

export type LoginFilesOptions = {
  readonly folders: Folders;
  /** Where an operator's own templates are mounted. */
  readonly templates: string;
  /** Where the way back is kept. */
  readonly backup: string;
  /** All but what the dialect decides. */
  readonly settings: Omit<LoginSettings, 'userFilter' | 'disabled' | 'active' | 'mail' | 'login'>;
  /** Undefined: that of the dialect. */
  readonly userFilter?: string;
  readonly mapping: MappingSettings;
  /** LDAP_GC_URI of an older tool's environment. */
  readonly gcUri?: string;
};

/** Of an attribute that a server does not know it cannot tell the negation either, and then nobody could log in. */
function settingsFor({ dialect, seen }: DirectoryKnown, options: LoginFilesOptions): LoginSettings {
  const mapping = resolveMapping(options.mapping, dialect);
  const { mail, login, active } = mapping;
  return {
    ...options.settings,
    userFilter: options.userFilter ?? dialectDefaults[dialect].userFilter,
    disabled: knownRule(mapping.disabled, seen),
    mail,
    ...(active !== undefined && seen.has(active) && { active }),
    ...(login && { login }),
  };
}

/** A template of the operator is the operator's own, but not what locks everybody out. */
function proveTheirs(
  files: readonly LoginFile[],
  { passdb, extra }: LoginTexts['theirs'],
  { dovecot }: Folders,
): void {
  const textOf = (end: string): string => files.find(({ name }) => name.endsWith(end))?.text ?? '';
  if (passdb !== undefined) provePassdbWords(textOf('passdb.conf'), passdb.file);
  if (extra === undefined) return;
  proveExtra({ file: extra.file, text: textOf('extra.conf') }, files, (name) =>
    existsSync(join(dovecot, name)),
  );
}

function render(
  kinds: LoginFileKinds,
  known: DirectoryKnown,
  options: LoginFilesOptions,
): readonly LoginFile[] {
  const settings = settingsFor(known, options);
  const texts = readLoginTexts(options.templates, settings.tls.caFile);
  const gc = options.gcUri === undefined ? {} : { gcUri: options.gcUri };
  const dovecot = renderDovecot(settings, { syntax: kinds.syntax, texts, ...gc });
  if (texts.theirs.passdb === undefined) provePassdb(dovecot, settings);
  proveTheirs(dovecot, texts.theirs, options.folders);
  if (kinds.sogo === 'nothing') return dovecot;
  // What Dovecot is told by comes last: until then nothing has changed for anybody.
  return [...renderSogo(settings, { reads: kinds.sogo, texts, ...gc }), ...dovecot];
}

const LDAP_PASSDB = /^\s*driver\s*=\s*ldap\b|^\s*passdb\s+ldap\b/m;

/** Two of them would ask the directory twice, and the older one by other rules. */
function refuseSecondPassdb(path: string): void {
  if (!existsSync(path)) return;
  const text = withoutBlock(readFileSync(path, 'latin1'));
  if (!LDAP_PASSDB.test(text) || readOlderExtraConf(text) !== undefined) return;
  throw new LoginFilesError(
    `${path} asks a directory already, by settings that are not ours: it is left as it is. Take the passdb out of it, or set LDAP_MAILCOW_AUTH=none`,
  );
}

const wanted = (file: LoginFile, { folders }: LoginFilesOptions): WantedFile => {
  const { name, service, ...rest } = file;
  const isExtra = name === 'extra.conf';
  return {
    ...rest,
    service,
    path: join(folders[service], name),
    ...(isExtra && { staysOf: (text: string) => readOlderExtraConf(text)?.rest ?? text }),
  };
};

/** Only making a file tells: rights are not all there is. Leaves nothing behind. */
function refusalOf({ dovecot, sogo }: Folders): string | undefined {
  for (const folder of [dovecot, sogo].filter((one) => existsSync(one))) {
    const path = join(folder, `.ldap-mailcow-check-${process.pid}`);
    try {
      closeSync(openSync(path, 'wx', 0o600));
      rmSync(path);
    } catch (error) {
      return explained(folder, error).message;
    }
  }
  return undefined;
}

/** Never in the way of a sync: what cannot be read is told when something is to be written. */
function areThere(options: LoginFilesOptions): boolean {
  try {
    const extra = join(options.folders.dovecot, 'extra.conf');
    if (existsSync(extra) && hasBegin(readFileSync(extra, 'latin1'))) return true;
    return openBackup(options.backup).entries().size > 0;
  } catch {
    return false;
  }
}

function mountedIn({ folders }: LoginFilesOptions): (service: 'dovecot' | 'sogo') => boolean {
  const { isDovecotMounted, isSogoMounted } = readVolumes(folders);
  return (service) => (service === 'dovecot' ? isDovecotMounted : isSogoMounted);
}

/** Nothing in a folder that is not there proves that our file is gone. */
function requireFolders(backup: Backup, options: LoginFilesOptions): void {
  const isMounted = mountedIn(options);
  const missing = [...backup.entries().values()].find(({ service }) => !isMounted(service));
  if (missing === undefined) return;
  throw new LoginFilesError(
    `files of ours are in the folder of ${missing.service}, and it is not mounted: mount mailcow's ./data/conf/${missing.service} as ${options.folders[missing.service]}; if that mailcow is gone for good, delete ${options.backup}`,
  );
}

/** Opens them; nothing is read or written yet. */
export function openLoginFiles(options: LoginFilesOptions): LoginFiles {
  const openRecovered = (): Backup => {
    const backup = openBackup(options.backup);
    recoverEntries(options.folders, backup);
    return backup;
  };
  return {
    signs: () => readVolumes(options.folders),
    refusal: () => refusalOf(options.folders),
    areInstalled: () => areThere(options),
    install: (kinds, known): FilesChanged => {
      const files = render(kinds, known, options).map((file) => wanted(file, options));
      refuseSecondPassdb(join(options.folders.dovecot, 'extra.conf'));
      return installFiles(files, openRecovered(), mountedIn(options));
    },
    remove: () => {
      const backup = openRecovered();
      requireFolders(backup, options);
      return removeFiles(backup);
    },
  };
}
