/** What is read out of imapsync's own words. */
import { expect, test } from '@jest/globals';
import { readRunLog } from '../../src/imap/run-log.ts';

const log = `Host1: IMAP server [imap.old.test] port [993] user [anna]
msg INBOX/62414 {10311}       copied to INBOX/6111       1.13 msgs/s  65.034 KiB/s 38.291 MiB copied
msg INBOX/62415 {10311} could not append ( Subject:[x] ) to folder INBOX
msg INBOX/Old/7 {5}       copied to INBOX/Old/9       1.13 msgs/s
msg Entwürfe 2/7 {5}       copied to Entwürfe 2/9       1.13 msgs/s
msg INBOX/62416 {}        copied to INBOX/       1.14 msgs/s
++++ Statistics
Transfer started on                     : lunes 31 octubre 2022-10-31 14:34:06 -0300 -03
Messages transferred                    : 3200 
Messages skipped                        : 42
Messages found duplicate on host1       : 40
Total bytes transferred                 : 123456 (120.562 KiB)
Total bytes skipped                     : 44 (0.043 KiB)
Exiting with return value 114 (EXIT_ERR_APPEND) 1/100 nb_errors/max_errors PID 9937
`;

test('counts, times, how it ended, and which messages of the INBOX were copied', () => {
  expect(readRunLog(log)).toEqual({
    startedAt: Date.parse('2022-10-31T14:34:06-03:00') / 1000,
    exit: 114,
    exitName: 'EXIT_ERR_APPEND',
    transferred: 3200,
    bytes: 123_456,
    present: { messages: 3202, bytes: 123_500 },
    inbox: [{ there: 62_414, here: 6111 }],
  });
});

test('a log without statistics says nothing of all this', () => {
  expect(readRunLog('Could not start or finish imapsync')).toEqual({ transferred: 0, bytes: 0, inbox: [] });
});
