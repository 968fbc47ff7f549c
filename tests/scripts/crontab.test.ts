/** The crontab of scripts, and lines of ns8's as they are written here. */
import { describe, expect, test } from '@jest/globals';
import { isSchedule } from '../../src/schedule/cron.ts';
import { parseCrontab, rewriteLine } from '../../src/scripts/crontab.ts';

test('lines are a schedule, a script and its words', () => {
  const text =
    '# remark\n\n1 */2 * * *   purge.custom -v  anna@example.test\r\n@hourly\ta.custom\n0 3 * jan mon-fri b.custom';
  expect(parseCrontab(text, isSchedule)).toEqual({
    entries: [
      { line: 3, schedule: '1 */2 * * *', script: 'purge.custom', words: ['-v', 'anna@example.test'] },
      { line: 4, schedule: '@hourly', script: 'a.custom', words: [] },
      { line: 5, schedule: '0 3 * jan mon-fri', script: 'b.custom', words: [] },
    ],
    problems: [],
  });
});

describe('refused, and the others go on:', () => {
  test.each([
    ['MAIL_HOST=imap.test', /write them into the script itself/],
    ['1 */1 * * * root /path/x.custom -v', /write: 1 \*\/1 \* \* \* x\.custom -v$/],
    ['1 */1 * * * root x.custom', /write: 1 \*\/1 \* \* \* x\.custom$/],
    ['@daily root /path/x.custom', /write: @daily x\.custom$/],
    ['1 */1 * * * /path/x.custom', /write: 1 \*\/1 \* \* \* x\.custom$/],
    ['1 */1 * * * ../x.custom', /write: 1 \*\/1 \* \* \* x\.custom$/],
    ['1 */1 * * * root syncctl start anna', /names end in \.custom$/],
    ['1 */1 * * *', /names end in \.custom$/],
    ['1 */1 * * * x.custom | mail', /there is no shell/],
    ['1 */1 * * * x.custom "a b"', /there is no shell/],
    ['1 */1 * * * x.custom $HOME', /there is no shell/],
    ['99 * * * * x.custom', /"99 \* \* \* \*" is no schedule/],
    ['@reboot x.custom', /@reboot is no time/],
    ['@every x.custom', /"@every" is no schedule/],
  ])('%s', (line, message) => {
    const { entries, problems } = parseCrontab(`${line}\n* * * * * good.custom`, isSchedule);
    expect(problems).toEqual([{ line: 1, message: expect.stringMatching(message) }]);
    expect(entries).toMatchObject([{ line: 2, script: 'good.custom' }]);
  });
});

test.each(['# 1 * * * * root x.custom', 'MAIL_HOST=x.custom', '', '1 * * * * root syncctl'])(
  '%j has no line here',
  (line) => {
    expect(rewriteLine(line)).toBeUndefined();
  },
);
