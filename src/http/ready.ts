/** Whether what the program is for is being done. */

export type Readiness = { readonly ready: boolean; readonly reason: string };

export type Progress = {
  /** When the last good sync ended; undefined: there was none. */
  readonly lastGoodAt: Date | undefined;
  /** By then another good one should have ended. */
  readonly deadline: Date;
  /** When the sync that is going on began: what it takes does not count. */
  readonly syncingSince: Date | undefined;
  readonly failures: number;
  readonly now: Date;
};

/** A first sync of many thousand people takes hours: mailcow is slow. One that takes longer hangs. */
const longestSyncMs = 24 * 60 * 60_000;

const failed = (failures: number): string =>
  `${failures} ${failures === 1 ? 'sync has' : 'syncs have'} failed`;

function isInTime({ deadline, syncingSince, now }: Progress): boolean {
  if (now <= deadline) return true;
  if (syncingSince === undefined || syncingSince > deadline) return false;
  return now.getTime() - syncingSince.getTime() <= longestSyncMs;
}

/** Ready while the last good sync is recent enough; the reason is one line and names nobody. */
export function judgeReady(progress: Progress): Readiness {
  const { lastGoodAt, failures, now } = progress;
  if (lastGoodAt === undefined) {
    return { ready: false, reason: failures === 0 ? 'no sync yet' : `no good sync yet: ${failed(failures)}` };
  }
  const age = Math.max(0, Math.round((now.getTime() - lastGoodAt.getTime()) / 1000));
  const since = failures === 0 ? '' : `; ${failed(failures)} since`;
  return { ready: isInTime(progress), reason: `last good sync ${age} s ago${since}` };
}
