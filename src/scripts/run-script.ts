/** One run of one script: without a shell, in a process group of its own, with an end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { outputLines } from './output.ts';

export type ScriptLimits = {
  /** After so long it is told to end, … */
  readonly timeoutMs: number;
  /** … and so much later it is ended. */
  readonly killMs: number;
  /** The same when the daemon ends, which must be gone ten seconds after it was told. */
  readonly stopMs: number;
};

export const scriptLimits: ScriptLimits = { timeoutMs: 60 * 60_000, killMs: 10_000, stopMs: 5000 };

export type ScriptRun = {
  readonly path: string;
  readonly words: readonly string[];
  readonly folder: string;
  /** All that the script is given of an environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: ScriptLimits;
  readonly signal: AbortSignal;
  /** One line of what it says; what is too much is left out, with a line that says so. */
  readonly onLine: (line: string) => void;
};

/** How it ended. */
export type ScriptEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout' | 'stopped' }
  | { readonly kind: 'not-started'; readonly why: string };

/** Runs it to its end, that of all that it started in its group, or that of the patience with it. Throws nothing. */
export function runScript(run: ScriptRun): Promise<ScriptEnd> {
  return new Promise((resolve) => {
    try {
      follow(run, resolve);
    } catch (error) {
      // What cannot be started is thrown in some cases (too many words) and emitted in others.
      resolve(notStarted(error));
    }
  });
}

function follow(run: ScriptRun, resolve: (end: ScriptEnd) => void): void {
  const child = spawn(run.path, run.words, {
    cwd: run.folder,
    env: run.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = outputLines(run.onLine);
  const patience = limitPatience(child, run);
  const end = (result: ScriptEnd): void => {
    patience.clear();
    lines.end();
    resolve(patience.cut() ?? result);
  };
  child.on('error', (error) => {
    end(notStarted(error));
  });
  // Only `close` waits for what it started in the background and what that still says.
  child.on('close', (code, signal) => {
    end(signal === null ? { kind: 'exit', code: code ?? 1 } : { kind: 'signal', signal });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', lines.reader());
  }
}

function notStarted(error: unknown): ScriptEnd {
  return { kind: 'not-started', why: error instanceof Error ? error.message : String(error) };
}

type Cut = Extract<ScriptEnd, { readonly kind: 'timeout' | 'stopped' }>;

function limitPatience(
  child: ChildProcess,
  { limits, signal }: ScriptRun,
): { readonly clear: () => void; readonly cut: () => Cut | undefined } {
  let cut: Cut | undefined;
  let last: NodeJS.Timeout | undefined;
  const kill = (): void => {
    killGroup(child, 'SIGKILL');
    // What left the group may hold the pipes open: nobody waits for it.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const end = (kind: Cut['kind'], killMs: number): void => {
    if (cut !== undefined && kind === 'timeout') return;
    cut ??= { kind };
    killGroup(child, 'SIGTERM');
    clearTimeout(last);
    last = setTimeout(kill, killMs);
  };
  const stop = (): void => {
    end('stopped', limits.stopMs);
  };
  const timer = setTimeout(() => {
    end('timeout', limits.killMs);
  }, limits.timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  return {
    clear: () => {
      clearTimeout(timer);
      clearTimeout(last);
      signal.removeEventListener('abort', stop);
      if (cut !== undefined) killGroup(child, 'SIGKILL');
    },
    cut: () => cut,
  };
}

/** A detached child leads a group with its own number. */
function killGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
