/** The section of `check` about the state file: may it be written where it is, or made where it is not yet? */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Section } from './check-report.ts';

const whyNot = (path: string): string | undefined => {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

const user = (): string => `${process.getuid?.() ?? '?'}:${process.getgid?.() ?? '?'}`;

const advice = (path: string, why: string): string =>
  `${path} cannot be written (${why}) by the user ${user()} that this runs as: chown ${user()} ${path} on the machine that holds it, or set LDAP_MAILCOW_DB to a path that can be written`;

/** The nearest folder that exists: what is missing below it is made at the first start. */
function existingFolder(path: string): string {
  const folder = dirname(path);
  return folder === path || isThere(folder) ? folder : existingFolder(folder);
}

const notAFile = (path: string): string | undefined =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    ? `${path} is a folder: set LDAP_MAILCOW_DB to the path of a file in it`
    : undefined;

/** Looks only; nothing is made. SQLite writes beside its file, so the folder counts as well. */
export function stateSection(db: string): Section {
  const path = resolve(db);
  const folder = existingFolder(path);
  const exists = isThere(path);
  const denied = [folder, ...(exists ? [path] : [])].flatMap((place) => {
    const why = whyNot(place);
    return why === undefined ? [] : [advice(place, why)];
  });
  const wrongKind = notAFile(path);
  const problems = wrongKind === undefined ? denied : [wrongKind];
  const state = exists ? 'exists' : 'not there yet; the first sync makes it';
  return {
    title: 'State file',
    lines: [`${path}: ${state}`, ...(problems.length === 0 ? [`${folder} can be written`] : [])],
    problems,
    remarks: [],
  };
}
