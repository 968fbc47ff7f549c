/**
 * Scripts of the operator's own, `*.custom` in one folder, run by the file `crontab` in it (facts/imapsync.md 4.4). ns8
 * let root's cron run them; here they are run by the daemon as its own user, and only what nobody else could have written.
 */
import { readFileSync } from 'node:fs';
import type { Log } from '../ports.ts';
import { parseCrontab, type CrontabEntry } from './crontab.ts';
import { runScript, scriptLimits, type ScriptEnd, type ScriptLimits } from './run-script.ts';
import { trustFile, trustFolder, trustScript, type Trust } from './trust.ts';

export type ScriptsOptions = {
  readonly folder: string;
  readonly log: Log;
  /** Ends it all: what runs is told to end. */
  readonly signal: AbortSignal;
  /** The next time of a schedule, strictly in the future. */
  readonly nextRun: (schedule: string) => Date;
  readonly isSchedule: (schedule: string) => boolean;
  /** All that a script is given of an environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The user of this program, who may own the files beside root. */
  readonly uid: number;
  readonly limits?: ScriptLimits;
  /** Between two looks at the crontab. */
  readonly pollMs?: number;
};

/** An entry with the moment of its next run. */
type Planned = { readonly entry: CrontabEntry; next: number };

const POLL_MS = 10_000;
const crontabName = 'crontab';

/**
 * Runs the scripts when it is their time, each entry once at a time, until the signal; `ended` resolves when none runs
 * any more. Says in the log what it refuses, what the scripts say and how they end. Throws nothing.
 */
export function startScripts(options: ScriptsOptions): { readonly ended: Promise<void> } {
  return { ended: new Scripts(options).run() };
}

class Scripts {
  private plans: readonly Planned[] = [];
  private version = '';
  /** The runs by their entries, also of lines that are no longer in the crontab. */
  private readonly running = new Map<string, Promise<void>>();
  private readonly options: ScriptsOptions;

  constructor(options: ScriptsOptions) {
    this.options = options;
  }

  async run(): Promise<void> {
    const { signal, log } = this.options;
    while (!signal.aborted) {
      try {
        this.refresh();
        this.startDue(Date.now());
      } catch (error) {
        log.error(`scripts: ${error instanceof Error ? error.message : String(error)}`);
      }
      await pause(this.untilNext(Date.now()), signal);
    }
    await Promise.all(this.running.values());
  }

  /** Reads the crontab again when it, or who may write it, has changed. */
  private refresh(): void {
    const { uid, log, isSchedule } = this.options;
    const folder = trustFolder(this.options.folder, uid);
    const crontab = folder.kind === 'refused' ? folder : trustFile(folder.path, crontabName, uid);
    const version = versionOf(crontab);
    if (version === this.version) return;
    this.version = version;
    if (crontab.kind === 'refused') {
      this.plans = [];
      log.error(`scripts: none are run: ${crontab.message}`);
      return;
    }
    const { entries, problems } = parseCrontab(readFileSync(crontab.path, 'utf8'), isSchedule);
    for (const { line, message } of problems) log.error(`scripts: ${crontabName} line ${line}: ${message}`);
    this.plan(entries);
    log.info(`scripts: ${entries.length} in ${crontab.path}`);
  }

  private plan(entries: readonly CrontabEntry[]): void {
    const { nextRun } = this.options;
    this.plans = entries.map((entry) => ({ entry, next: nextRun(entry.schedule).getTime() }));
  }

  private startDue(now: number): void {
    const { nextRun, log } = this.options;
    for (const planned of this.plans) {
      const { entry } = planned;
      const next = nextRun(entry.schedule).getTime();
      if (planned.next > now) {
        // A clock that was set back must not silence a script for as long.
        planned.next = Math.min(planned.next, next);
        continue;
      }
      planned.next = next;
      if (this.running.has(keyOf(entry)))
        log.warn(`script ${entry.script}: not started, its last run has not ended yet`);
      else this.start(entry);
    }
  }

  private start(entry: CrontabEntry): void {
    const key = keyOf(entry);
    const work = this.runOnce(entry).finally(() => this.running.delete(key));
    this.running.set(key, work);
  }

  private async runOnce({ script, words }: CrontabEntry): Promise<void> {
    const { log, signal, environment, uid, limits = scriptLimits } = this.options;
    // Looked at before each run: it may have been changed since the crontab was read.
    const folder = trustFolder(this.options.folder, uid);
    const trust = folder.kind === 'refused' ? folder : trustScript(folder.path, script, uid);
    if (folder.kind === 'refused' || trust.kind === 'refused') {
      log.error(`script ${script}: not run: ${trust.kind === 'refused' ? trust.message : ''}`);
      return;
    }
    log.info(`script ${script}: started`);
    const onLine = (line: string): void => {
      log.info(`script ${script}: ${line}`);
    };
    const end = await runScript({
      path: trust.path,
      words,
      folder: folder.path,
      environment,
      limits,
      signal,
      onLine,
    });
    sayEnd(log, script, end);
  }

  private untilNext(now: number): number {
    const { pollMs = POLL_MS } = this.options;
    return Math.max(0, Math.min(pollMs, ...this.plans.map(({ next }) => next - now)));
  }
}

function sayEnd(log: Log, script: string, end: ScriptEnd): void {
  switch (end.kind) {
    case 'exit':
      if (end.code === 0) log.info(`script ${script}: ended well`, { exitCode: 0 });
      else log.warn(`script ${script}: ended with exit code ${end.code}`, { exitCode: end.code });
      return;
    case 'signal':
      log.warn(`script ${script}: ended by ${end.signal}`);
      return;
    case 'timeout':
      log.error(`script ${script}: ended by force, it ran too long`);
      return;
    case 'stopped':
      log.info(`script ${script}: ended with the daemon`);
      return;
    case 'not-started':
      log.error(`script ${script}: cannot be started: ${end.why}`);
  }
}

function versionOf(trust: Trust): string {
  if (trust.kind === 'refused') return trust.message;
  const { ino, size, mtimeMs } = trust.stats;
  return [trust.path, ino, size, mtimeMs].join(' ');
}

function keyOf({ schedule, script, words }: CrontabEntry): string {
  return JSON.stringify([schedule, script, ...words]);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
