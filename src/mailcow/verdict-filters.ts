/** The verdict on a call about several filters at once. */
import type { WriteResult } from '../ports.ts';
import { dangerWords, databaseFailure, judgeWrite } from './verdict.ts';
import { parseReport } from './words.ts';

/**
 * One verdict per id of a `delete/filter` call. A deletion is reported with its id, a refusal without: the
 * remaining ids are refused when there are as many refusals, otherwise they are unclear.
 */
export function judgeDeletedFilters(text: string, ids: readonly number[]): readonly WriteResult[] {
  const report = parseReport(text);
  if (report.kind !== 'entries' || databaseFailure(report.entries) !== undefined) {
    const whole = judgeWrite(text, { word: 'delete_filter' });
    return ids.map(() => whole);
  }
  const gone = new Set(
    report.entries
      .filter(({ type, words }) => type === 'success' && words.word === 'delete_filter')
      .map(({ words }) => words.args[0]),
  );
  const dangers = dangerWords(report.entries);
  const left = ids.filter((id) => !gone.has(String(id)));
  const rest: WriteResult =
    dangers.length === left.length
      ? { kind: 'refused', words: dangers.slice(0, 1) }
      : { kind: 'unclear', why: 'the reply does not name this filter' };
  return ids.map((id) => (gone.has(String(id)) ? { kind: 'done' } : rest));
}
