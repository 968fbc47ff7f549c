/** imapsync's pid file, and the file that asks it to stop (facts/imapsync.md section 2.5). */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { Ending } from './exits.ts';

export type Pidfile = {
  /** Throws EXIT_BY_FILE when somebody made `<pidfile>abort<pid>`. */
  readonly check: () => void;
  /** Removes both files, as every end of imapsync does but a kill. */
  readonly remove: () => void;
};

type Place = {
  readonly path: string | undefined;
  readonly pid: number;
  readonly say: (line: string) => void;
};

/** Writes the pid; EXIT_PID_FILE_ERROR when that cannot be. Without a path nothing happens, ever. */
export function writePidfile({ path, pid, say }: Place): Pidfile {
  if (path === undefined) return { check: () => undefined, remove: () => undefined };
  say(`PID file is ${path} ( to change it, use --pidfile filepath ; to avoid it use --pidfile "" )`);
  const abort = `${path}abort${pid}`;
  try {
    writeFileSync(path, `${pid}\n`);
  } catch {
    say(`Could not open ${path} for writing. Check permissions or disk space: No such file or directory`);
    throw new Ending('EXIT_PID_FILE_ERROR');
  }
  say(`Writing my PID ${pid} in ${path}`);
  return {
    check: () => {
      if (!existsSync(abort)) return;
      say(`Asked to terminate by file ${abort}`);
      throw new Ending('EXIT_BY_FILE');
    },
    remove: () => {
      rmSync(path, { force: true });
      rmSync(abort, { force: true });
    },
  };
}
