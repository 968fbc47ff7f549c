/** The section of `check` about the state file: is it ours and whole, may it be written, or made where it is not yet? */
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { explainOlder, explainState } from '../app.ts';
import type { Section } from './check-report.ts';

const reason = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);

function whyNot(attempt: (path: string) => void, path: string): string | undefined {
  try {
    attempt(path);
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

/** Only making a file tells: rights are not all there is (network file systems, read-only mounts). */
const makeFile = (folder: string): void => {
  const path = join(folder, `.ldap-mailcow-check-${process.pid}`);
  closeSync(openSync(path, 'wx', 0o600));
  rmSync(path);
};

const openFile = (path: string): void => {
  closeSync(openSync(path, 'r+'));
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

type Place = { readonly path: string; readonly folder: string; readonly exists: boolean };

/** SQLite writes beside its file, so the folder counts as well. */
function problemsOf({ path, folder, exists }: Place): readonly string[] {
  const wrongKind = notAFile(path);
  if (wrongKind !== undefined) return [wrongKind];
  const whyNotFile = exists ? whyNot(openFile, path) : undefined;
  const refused = [
    { place: folder, why: whyNot(makeFile, folder) },
    { place: path, why: whyNotFile },
  ];
  const content = exists && whyNotFile === undefined ? explainState(path) : undefined;
  return [
    ...refused.flatMap(({ place, why }) => (why === undefined ? [] : [advice(place, why)])),
    ...(content === undefined ? [] : [content]),
  ];
}

/** Leaves nothing behind. */
export function stateSection(db: string): Section {
  const path = resolve(db);
  const folder = existingFolder(path);
  const exists = isThere(path);
  const problems = problemsOf({ path, folder, exists });
  const older = problems.length === 0 ? explainOlder(path) : undefined;
  const state = exists ? 'exists' : 'not there yet; the first sync makes it';
  const verdict = exists ? 'it is whole, and it and its folder can be written' : `${folder} can be written`;
  return {
    title: 'State file',
    lines: [
      `${path}: ${state}`,
      ...(older === undefined ? [] : [older]),
      ...(problems.length === 0 ? [verdict] : []),
    ],
    problems,
    remarks: [],
  };
}
