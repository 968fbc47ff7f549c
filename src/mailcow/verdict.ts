/** What the reply to one write means. HTTP 200 proves nothing: the verdict is in each entry (DESIGN.md 4.14). */
import type { MailcowWord, WriteResult } from '../ports-mailcow.ts';
import { parseReport, wordText } from './words.ts';
import type { Entry } from './words.ts';

export type Expected = {
  /** The word that reports success, such as `mailbox_modified`. */
  readonly word: string;
  /**
   * What success together with a danger means. `refused` (default): as a rule nothing or part of it changed.
   * `unclear` where the object exists afterwards all the same and must be read.
   */
  readonly mixed?: 'refused' | 'unclear';
};

/** Judges the reply to a call about one object. Source: facts/mailcow-api.md sections 0 and 2. */
export function judgeWrite(text: string, expected: Expected): WriteResult {
  const report = parseReport(text);
  switch (report.kind) {
    case 'empty':
      return { kind: 'unclear', why: 'mailcow sent an empty reply: it died on the way' };
    case 'unknown':
      return { kind: 'unclear', why: report.why };
    case 'note':
      return judgeNote(report);
    case 'entries':
      return judgeEntries(report.entries, expected);
  }
}

/** The reply that says nothing was reported, or that the request as a whole failed. */
export function judgeNote(note: { readonly type: string; readonly text: string }): WriteResult {
  if (note.type === 'error' && nothingDone.some((pattern) => pattern.test(note.text))) {
    return { kind: 'refused', words: [{ word: note.text, args: [] }] };
  }
  return { kind: 'unclear', why: `mailcow only said "${note.text}"` };
}

/** The words of all dangers and errors. */
export function dangerWords(entries: readonly Entry[]): readonly MailcowWord[] {
  return entries
    .filter(({ type }) => type === 'danger' || type === 'error')
    .map(({ words }) => ({ word: words.word, args: words.args }));
}

/**
 * The text of a database failure, whatever type the entry has: a deadlock while the address table is rebuilt
 * is reported as a success, and without transactions a failed statement says nothing about those before it.
 */
export function databaseFailure(entries: readonly Entry[]): string | undefined {
  const failed = entries.find(({ words }) => databaseWords.test(words.word));
  return failed && `the database failed: ${wordText(failed.words)}`;
}

const databaseWords = /SQLSTATE|deadlock|mysql_error|redis_error/i;

/** Failures that mailcow reports before it touches anything; others (`Cannot edit item`) may come half-way. */
const nothingDone = [
  /^Cannot find attributes in post data$/,
  /^Request body doesn't contain valid json!$/,
  /^route not found$/,
  /^only \w+ method is allowed$/,
  /^API read\/write access denied$/,
  /^authentication failed$/,
  /^api access denied for ip /,
];

function judgeEntries(entries: readonly Entry[], expected: Expected): WriteResult {
  const broken = databaseFailure(entries);
  if (broken !== undefined) return { kind: 'unclear', why: broken };
  const dangers = dangerWords(entries);
  const done = entries.some(({ type, words }) => type === 'success' && words.word === expected.word);
  if (dangers.length > 0) {
    return done && expected.mixed === 'unclear'
      ? { kind: 'unclear', why: `${expected.word} together with ${dangers.map(wordText).join(', ')}` }
      : { kind: 'refused', words: dangers };
  }
  return done ? { kind: 'done' } : { kind: 'unclear', why: missing(expected.word, entries) };
}

/** A warning may stand in place of the success: `domain_added_sogo_failed`. */
function missing(word: string, entries: readonly Entry[]): string {
  const warnings = entries.filter(({ type }) => type === 'warning').map(({ words }) => wordText(words));
  const instead = warnings.length === 0 ? '' : `, but ${warnings.join(', ')}`;
  return `the reply does not say ${word}${instead}`;
}
