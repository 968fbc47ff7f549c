/** A directory that answers what it is told, and a log that remembers what it was told. */
import type { Reading } from '../../src/core/model.ts';
import type { Directory, Log } from '../../src/ports.ts';

export type ScriptedDirectory = Directory & { now: Reading | Error };

/** Answers `now`, until it is told otherwise; an Error is thrown. */
export function scriptedDirectory(start: Reading | Error): ScriptedDirectory {
  const directory: ScriptedDirectory = {
    now: start,
    read: () =>
      directory.now instanceof Error ? Promise.reject(directory.now) : Promise.resolve(directory.now),
    close: () => Promise.resolve(),
  };
  return directory;
}

export type Line = { readonly level: keyof Log; readonly message: string };

/** Keeps every line. */
export function keepingLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: keyof Log) =>
    (message: string): void => {
      lines.push({ level, message });
    };
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
