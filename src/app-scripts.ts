/** Where scripts of the operator's own meet the settings and the clock. */
import type { Config } from './config/schema.ts';
import type { Log } from './ports.ts';
import { isSchedule, nextRun } from './schedule/cron.ts';
import { startScripts } from './scripts/scripts.ts';

/** Of the environment, which holds keys and passwords, scripts are given this much. */
export function scriptEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', TZ, LANG } = env;
  return { PATH, HOME: '/tmp', ...(TZ !== undefined && { TZ }), ...(LANG !== undefined && { LANG }) };
}

export type ConfiguredScripts = { readonly config: Config; readonly log: Log; readonly signal: AbortSignal };

/** Runs the scripts of IMAPSYNC_SCRIPTS until the signal; without that setting none. Returns at once. */
export function startConfiguredScripts({ config, log, signal }: ConfiguredScripts): void {
  const folder = config.imapsync.scripts;
  if (folder === undefined) return;
  const uid = process.getuid?.() ?? 0;
  const environment = scriptEnvironment(process.env);
  void startScripts({ folder, log, signal, nextRun, isSchedule, environment, uid }).ended;
}
