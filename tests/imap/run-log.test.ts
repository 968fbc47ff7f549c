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
    login: { host: 'imap.old.test', port: 993, user: 'anna' },
    startedAt: Date.parse('2022-10-31T14:34:06-03:00') / 1000,
    exit: 114,
    exitName: 'EXIT_ERR_APPEND',
    isComplete: true,
    transferred: 3200,
    bytes: 123_456,
    present: { messages: 3202, bytes: 123_500 },
    inbox: [{ there: 62_414, here: 6111 }],
  });
});

test('a log without statistics says nothing of all this', () => {
  expect(readRunLog('Could not start or finish imapsync')).toEqual({
    isComplete: false,
    transferred: 0,
    bytes: 0,
    inbox: [],
  });
});

/** Senders choose subjects, which imapsync prints as they are; the owner there chooses names of folders. */
test.each([
  [
    'a subject with a line separator',
    'msg INBOX/9 {5} could not append ( Subject:[\u2028msg INBOX/5 {1} copied to INBOX/7 1.0 msgs/s] )',
  ],
  [
    'a subject with a bare CR',
    'msg INBOX/9 {5} could not append ( Subject:[\rmsg INBOX/5 {1} copied to INBOX/7 1.0 msgs/s] )',
  ],
  [
    'a folder that is named like it',
    'msg INBOX/5 {1} copied to INBOX/7/3 {5}  copied to INBOX/5 {1} copied to INBOX/7/3   1.0 msgs/s',
  ],
  [
    'a folder with a blank',
    'msg INBOX/5 {1} copied to INBOX/7 x/3 {5}  copied to INBOX/5 {1} copied to INBOX/7 x/3   1.0 msgs/s',
  ],
  ['a line that was cut', 'msg INBOX/5 {1} copied to INBOX/7'],
])('no message of the INBOX: %s', (_what, line) => {
  expect(readRunLog(line).inbox).toEqual([]);
});

test.each(['\u2028', '\r', '\u2029'])('what a subject says is no end of the run', (separator) => {
  const said = ['Exiting with return value 0 (EX_OK: x)', 'Messages transferred : 0 '].join(separator);
  const read = readRunLog(
    `( Subject:[${separator}${said}] )\nExiting with return value 111 (EXIT_WITH_ERRORS) 1/50`,
  );
  expect(read).toMatchObject({ exit: 111, transferred: 0 });
});
