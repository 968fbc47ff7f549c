/** The command line that mailcow's runner makes of a sync job (facts/imapsync.md section 2.3). */
import type { SyncJobRow } from '../mailcow/rows.ts';

/**
 * As imapsync_runner.pl splits them: before each `--`, and each piece at its first blank. A value with a blank so becomes
 * two arguments.
 */
export function splitCustomParams(customParams: string): readonly string[] {
  return customParams
    .split(/(?=--)/)
    .flatMap((piece) => {
      const blank = piece.indexOf(' ');
      return blank < 0 ? [piece] : [piece.slice(0, blank), piece.slice(blank + 1)];
    })
    .filter((argument) => argument !== '')
    .map((argument) => argument.trim());
}

const columnsNotImitated = ['automap', 'skipcrossduplicates'];

/** All arguments of imapsync. Passwords go by files and are not among them. Throws for a column nobody imitates here. */
export function commandOf(job: SyncJobRow, masterUser: string): readonly string[] {
  const isOn = (flag: string): boolean => job.flags[flag] === 1;
  const strange = columnsNotImitated.find(isOn) ?? (job.subfolder2 === '' ? undefined : 'subfolder2');
  if (strange !== undefined) throw new Error(`the runner does not imitate the column ${strange}`);
  return [
    ['--tmpdir', '/tmp', '--nofoldersizes', '--addheader', '--timeout1', '600', '--timeout2', '600'],
    job.exclude === '' ? [] : ['--exclude', job.exclude],
    isOn('delete2duplicates') ? ['--delete2duplicates'] : [],
    isOn('subscribeall') ? ['--subscribeall'] : [],
    isOn('delete1') ? ['--delete'] : [],
    isOn('delete2') ? ['--delete2'] : [],
    job.enc1 === 'TLS' ? ['--tls1'] : job.enc1 === 'SSL' ? ['--ssl1'] : [],
    ['--host1', job.host1, '--user1', job.user1, '--passfile1', '/tmp/imapsync.1'],
    ['--port1', String(job.port1), '--host2', 'localhost'],
    ['--user2', `${job.username}*${masterUser}`, '--passfile2', '/tmp/imapsync.2'],
    isOn('dry') ? ['--dry'] : [],
    ['--no-modulesversion', '--noreleasecheck'],
    splitCustomParams(job.customParams),
  ].flat();
}
