import { describe, expect, test } from '@jest/globals';
import { judgeAddedAliases, judgeRemovedAliases } from '../../src/mailcow/verdict-aliases.ts';
import { recording } from './recordings.ts';

const reply = (start: string): string => recording(start).response.text;
const entries = (...list: readonly (readonly [string, unknown])[]): string =>
  JSON.stringify(list.map(([type, msg]) => ({ type, log: [], msg })));
const refused = (word: string, ...args: readonly string[]): object => ({
  kind: 'refused',
  words: [{ word, args }],
});
const unclear = { kind: 'unclear', why: expect.any(String) };

describe('the verdict on added aliases', () => {
  test('one alias is done with its id as a number', () => {
    expect(judgeAddedAliases(reply('08/008'), ['sales@al.test'])).toEqual([{ kind: 'done', id: 43 }]);
  });

  test('each address of one call has its own verdict, in the order asked', () => {
    const addresses = ['x@unknown.test', 'm2@al.test', 'sales@al.test', 'm1@al.test'];
    expect(judgeAddedAliases(reply('08/033'), addresses)).toEqual([
      refused('domain_not_found', 'unknown.test'),
      { kind: 'done', id: 51 },
      refused('is_alias_or_mailbox', 'sales@al.test'),
      { kind: 'done', id: 50 },
    ]);
  });

  test('case and html escapes do not hide an address', () => {
    expect(judgeAddedAliases(reply('08/016'), ['Sales@AL.test'])).toEqual([
      refused('is_alias_or_mailbox', 'Sales@al.test'),
    ]);
    const text = entries(['success', ['alias_added', 'o&#039;b&amp;c@al.test', '7']]);
    expect(judgeAddedAliases(text, ["o'b&c@al.test"])).toEqual([{ kind: 'done', id: 7 }]);
  });

  test.each([
    ['08/026', 'goto_invalid', ['@']],
    ['08/028', 'goto_empty', []],
    ['08/042', 'comment_too_long', []],
    ['08/077', 'max_alias_exceeded', []],
  ])('%s is refused with %s', (start, word, args) => {
    expect(judgeAddedAliases(reply(start), ['a@al.test'])).toEqual([refused(word, ...args)]);
  });

  test('a limit hit in the middle keeps what was added before and refuses the rest', () => {
    const text = entries(['success', ['alias_added', 'a@al.test', '7']], ['danger', 'max_alias_exceeded']);
    expect(judgeAddedAliases(text, ['a@al.test', 'b@al.test', 'c@al.test'])).toEqual([
      { kind: 'done', id: 7 },
      refused('max_alias_exceeded'),
      refused('max_alias_exceeded'),
    ]);
  });

  test('an alias that was created with fewer gotos than asked is unclear', () => {
    expect(judgeAddedAliases(reply('08/025'), ['half@al.test'])).toEqual([unclear]);
  });

  test.each(['08/019', '08/020', '08/027', '08/046'])('%s, which created nothing, is unclear', (start) => {
    expect(judgeAddedAliases(reply(start), ['a@al.test', 'b@al.test'])).toEqual([unclear, unclear]);
  });

  test('an address that the reply passes over is unclear', () => {
    const text = entries(['success', ['alias_added', 'a@al.test', '7']]);
    expect(judgeAddedAliases(text, ['a@al.test', 'b@al.test'])).toEqual([{ kind: 'done', id: 7 }, unclear]);
  });

  test.each([['x'], ['0'], ['-3'], [null], ['7.5']])('an alias without a usable id (%s) is unclear', (id) => {
    const text = entries(['success', ['alias_added', 'a@al.test', id]]);
    expect(judgeAddedAliases(text, ['a@al.test'])).toEqual([unclear]);
  });

  test('a deadlock beside a success makes all of them unclear', () => {
    const text = entries(
      ['success', ['alias_added', 'a@al.test', '7']],
      ['success', 'SQLSTATE[40001]: Deadlock'],
    );
    expect(judgeAddedAliases(text, ['a@al.test'])).toEqual([unclear]);
  });
});

describe('the verdict on removed aliases', () => {
  test('all ids are done when all entries say so', () => {
    expect(judgeRemovedAliases(reply('08/048'), [58, 59])).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  });

  test('a refusal among several cannot be told apart: all are unclear', () => {
    expect(judgeRemovedAliases(reply('08/072'), [1, 2, 3, 4])).toEqual([unclear, unclear, unclear, unclear]);
  });

  test('fewer reports than ids are unclear', () => {
    expect(judgeRemovedAliases(reply('08/048'), [58, 59, 60])).toEqual([unclear, unclear, unclear]);
  });

  test('a single id is refused by name', () => {
    expect(judgeRemovedAliases(reply('08/071'), [43])).toEqual([refused('access_denied')]);
    expect(judgeRemovedAliases(reply('08/070'), [43])).toEqual([{ kind: 'done' }]);
  });

  test.each([[''], ['{"type":"success","msg":"Task completed"}'], ['<html>']])('%p is unclear', (text) => {
    expect(judgeRemovedAliases(text, [1, 2])).toEqual([unclear, unclear]);
    expect(judgeRemovedAliases(text, [1])).toEqual([unclear]);
  });
});
