/** A row of the stand-in's table of sync jobs. */
import type { SyncJobRow } from '../support/mailcow/rows.ts';

/** A job that has never run, with a password that no log may show. */
export function jobRow(fields: Partial<SyncJobRow> = {}): SyncJobRow {
  return {
    id: 1,
    username: 'anna@example.test',
    host1: 'imap.old.test',
    port1: 993,
    user1: 'anna',
    password1: 'never-shown-4711',
    enc1: 'SSL',
    exclude: '',
    customParams: '',
    subfolder2: '',
    minsInterval: 5,
    flags: {},
    active: 1,
    isRunning: 0,
    lastRun: null,
    success: null,
    exitStatus: null,
    returnedText: null,
    created: '2026-11-20 11:00:00',
    modified: null,
    ...fields,
  };
}
