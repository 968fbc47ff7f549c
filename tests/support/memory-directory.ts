/** A directory that answers what it is told, and a log that remembers what it was told. */
import type { Reading } from '../../src/core/model.ts';
import type { Directory, Log } from '../../src/ports.ts';

export type ScriptedDirectory = Directory & {
  now: Reading | Error;
  /** How often it was asked whether it is still the same. */
  asked: number;
};

const fingerprintOf = ({ fingerprint: _mine, ...reading }: Reading): string => JSON.stringify(reading);

/** Answers `now`, until it is told otherwise; an Error is thrown. */
export function scriptedDirectory(start: Reading | Error): ScriptedDirectory {
  const directory: ScriptedDirectory = {
    now: start,
    asked: 0,
    read: () =>
      directory.now instanceof Error
        ? Promise.reject(directory.now)
        : Promise.resolve({ ...directory.now, fingerprint: fingerprintOf(directory.now) }),
    isStill: ({ fingerprint }) => {
      directory.asked += 1;
      if (directory.now instanceof Error) return Promise.reject(directory.now);
      const isWhole = directory.now.problems.length === 0;
      return Promise.resolve(isWhole && fingerprintOf(directory.now) === fingerprint);
    },
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
