import { waitSeconds, wholeNumber } from '../kinds.ts';
import { cronExpression } from '../kinds-schedule.ts';
import { optional, withComputedDefault, withDefault } from '../setting.ts';

const intervalSeconds = withDefault({
  name: 'SYNC_INTERVAL',
  kind: waitSeconds(1),
  line: 'Seconds between two syncs of the daemon.',
  value: 300,
  changesPlan: false,
});

/** When a sync runs, and how long absence must last before it counts. */
export const timingSettings = {
  intervalSeconds,
  schedule: optional({
    name: 'SYNC_SCHEDULE',
    kind: cronExpression,
    line: 'When the daemon syncs, as a cron expression in the time zone of the container (TZ); it wins over SYNC_INTERVAL.',
    unset: 'every SYNC_INTERVAL',
    example: '*/10 6-20 * * *',
    changesPlan: false,
  }),
  graceReadings: withDefault({
    name: 'GRACE_READINGS',
    kind: wholeNumber({ unit: 'readings', min: 1 }),
    line: 'In how many complete readings of the directory an entry must be missing before it counts as gone.',
    value: 2,
    changesPlan: false,
  }),
  graceSpacingSeconds: withComputedDefault({
    name: 'GRACE_SPACING',
    kind: wholeNumber({ unit: 'seconds', min: 0 }),
    line: 'Seconds that two of these readings must lie apart at least; 0: each one counts.',
    text: 'one SYNC_INTERVAL',
    compute: (known) => ({ value: known.read(intervalSeconds) ?? 300, because: 'one SYNC_INTERVAL' }),
    changesPlan: false,
  }),
  auditIntervalSeconds: withDefault({
    name: 'AUDIT_INTERVAL',
    kind: wholeNumber({ unit: 'seconds', min: 0 }),
    line: 'Seconds after which a sync compares everything with mailcow again, not only what has changed in the directory.',
    value: 3600,
    changesPlan: false,
  }),
  deleteAfterDays: optional({
    name: 'DELETE_AFTER_DAYS',
    kind: wholeNumber({ unit: 'days', min: 1 }),
    line: 'After how many days of absence a deactivated mailbox is deleted together with its mail.',
    unset: 'never',
    example: '90',
    detail:
      'With MANAGE_DOMAINS also: after how many days without anybody who asks for it an empty domain is deleted that was made here.',
  }),
} as const;
