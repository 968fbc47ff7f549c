/** The verdict on the deletion of several filters or sync jobs at once. */
import type { WriteResult } from '../ports-mailcow.ts';
import { dangerWords, databaseFailure, judgeWrite } from './verdict.ts';
import { parseReport } from './words.ts';

export type Deletions = {
  readonly ids: readonly number[];
  /** The word that reports one deletion, with its id. */
  readonly word: string;
};

/**
 * One verdict per id. A deletion is reported with its id, a refusal without: the remaining ids are refused when there
 * are as many refusals, otherwise they are unclear.
 */
export function judgeDeletions(text: string, { ids, word }: Deletions): readonly WriteResult[] {
  const report = parseReport(text);
  if (report.kind !== 'entries' || databaseFailure(report.entries) !== undefined) {
    const whole = judgeWrite(text, { word });
    return ids.map(() => whole);
  }
  const gone = new Set(
    report.entries
      .filter(({ type, words }) => type === 'success' && words.word === word)
      .map(({ words }) => words.args[0]),
  );
  const dangers = dangerWords(report.entries);
  const left = ids.filter((id) => !gone.has(String(id)));
  const rest: WriteResult =
    dangers.length === left.length
      ? { kind: 'refused', words: dangers.slice(0, 1) }
      : { kind: 'unclear', why: 'the reply does not name this object' };
  return ids.map((id) => (gone.has(String(id)) ? { kind: 'done' } : rest));
}
