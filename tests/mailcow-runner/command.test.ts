/** What the runner makes of a job, and what imapsync makes of that. */
import { describe, expect, test } from '@jest/globals';
import { commandOf, splitCustomParams } from '../support/mailcow-runner/command.ts';
import { parseOptions, type Options } from '../support/mailcow-runner/options.ts';
import { jobRow } from './rows.ts';

const optionsOf = (...args: Parameters<typeof jobRow>): Options => {
  const options = parseOptions(commandOf(jobRow(...args), 'master@mailcow.local'));
  if (typeof options === 'string') throw new Error(options);
  return options;
};

test.each([
  ['', []],
  ['--gmail1', ['--gmail1']],
  ['--folder=INBOX --search1=UNSEEN', ['--folder=INBOX', '--search1=UNSEEN']],
  ['--folder=Sent Items --dry', ['--folder=Sent', 'Items', '--dry']],
  ['--folder=a b c', ['--folder=a', 'b c']],
  ['--a=1--b=2', ['--a=1', '--b=2']],
])('%j is split to %j', (customParams, expected) => {
  expect(splitCustomParams(customParams)).toEqual(expected);
});

describe('a job', () => {
  test('is imapsync with its columns, without any password', () => {
    const job = jobRow({ enc1: 'TLS', exclude: 'a b|c', flags: { delete1: 1, delete2: 1, dry: 1 } });
    const command = commandOf(job, 'master@mailcow.local');
    expect(command.join(' ')).not.toContain(job.password1);
    expect(optionsOf(job)).toMatchObject({
      host1: 'imap.old.test',
      port1: 993,
      user1: 'anna',
      host2: 'localhost',
      user2: 'anna@example.test*master@mailcow.local',
      security1: 'tls',
      exclude: 'a b|c',
      delete1: true,
      delete2: true,
      isDry: true,
      resyncsFlags: true,
    });
  });

  test('has its further options; --search counts for both sides, --domain1 for nothing', () => {
    const customParams =
      '--domain1=lm.a0241w.i.m --folder=INBOX --SEARCH=SEEN --search1=UNSEEN --noresyncflags --minage=3 --pidfile=/run/a.pid';
    expect(optionsOf({ customParams })).toMatchObject({
      folders: ['INBOX'],
      search1: 'UNSEEN',
      search2: 'SEEN',
      resyncsFlags: false,
      minage: 3,
      pidfile: '/run/a.pid',
    });
  });

  test.each([
    ['SSL', '', 'ssl'],
    ['TLS', '', 'tls'],
    ['PLAIN', '', 'if-offered'],
    ['PLAIN', '--notls1 --nossl1', 'none'],
  ])('of %s with %j reaches host1 by %s', (enc1, customParams, security1) => {
    expect(optionsOf({ enc1, customParams }).security1).toBe(security1);
  });

  test.each([
    ['--folder=Sent Items', /1 extra arguments : \[Items\]/],
    ['--wrong', /Unknown option: wrong/],
    ['--minage=soon', /"soon" invalid for option minage/],
    ['--dry=1', /Unknown option: dry/],
  ])('with %j is rejected, without an exit line', (customParams, why) => {
    const rejection = parseOptions(commandOf(jobRow({ customParams }), 'm'));
    expect(rejection).toMatch(why);
    expect(rejection).not.toMatch(/Exiting/);
  });

  test.each([{ flags: { automap: 1 } }, { subfolder2: 'External' }])('with %j is not imitated', (fields) => {
    expect(() => commandOf(jobRow(fields), 'm')).toThrow(/does not imitate/);
  });
});
