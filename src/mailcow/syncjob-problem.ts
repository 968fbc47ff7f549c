/** What mailcow would refuse without saying why, ignore, or die of, in a sync job. */
import { isSyncHost, isSyncLogin, isSyncPassword, type SyncJobEdit } from '../core/sync-job.ts';
import { refusedHere } from './write.ts';
import type { RefusedHere } from './write.ts';

const isBetween = (value: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= 1 && value <= most;

const isLongerThan = (text: string | undefined, most: number): boolean =>
  text !== undefined && [...text].length > most;

/**
 * A verdict of ours on the fields that are given; undefined: mailcow may be asked. An edit ignores what is empty,
 * and its `access_denied` would not tell one bad field from another.
 */
export function syncJobProblem(edit: SyncJobEdit): RefusedHere | undefined {
  const { host, port, user, password, intervalMinutes } = edit;
  if (host !== undefined && !isSyncHost(host)) return refusedHere('host_invalid', host);
  if (port !== undefined && !isBetween(port, 65_535)) return refusedHere('port_invalid', String(port));
  if (intervalMinutes !== undefined && !isBetween(intervalMinutes, 43_800))
    return refusedHere('interval_invalid', String(intervalMinutes));
  if (user !== undefined && !isSyncLogin(user)) return refusedHere('user_invalid');
  if (password !== undefined && !isSyncPassword(password)) return refusedHere('remote_password_invalid');
  if (isLongerThan(edit.exclude, 500)) return refusedHere('exclude_too_long');
  return isLongerThan(edit.customParams, 512) ? refusedHere('custom_params_too_long') : undefined;
}
