/** The file by which a run can be stopped: imapsync writes its process id there (facts/imapsync.md 2.5). */
import { createHash } from 'node:crypto';

/** Its path in the folder that the Dovecot container shares; without "-", at which mailcow would split. */
export function pidFileOf(folder: string, { mailbox, taskId }: { mailbox: string; taskId: string }): string {
  const digest = createHash('sha256').update(mailbox).digest('hex').slice(0, 8);
  return `${folder}/${taskId}_${digest}.pid`;
}

/** The path that the options of a job name; undefined: none. */
export function pidFileIn(customParams: string): string | undefined {
  return /(?:^|\s)--pidfile=(\S+)/.exec(customParams)?.[1];
}
