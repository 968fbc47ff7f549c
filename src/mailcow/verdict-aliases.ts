/** Verdicts on calls about several aliases at once, whose entries must be told apart. */
import type { AliasResult, MailcowWord, WriteResult } from '../ports-mailcow.ts';
import { databaseFailure, dangerWords, judgeNote, judgeWrite } from './verdict.ts';
import { parseReport, wordText } from './words.ts';
import type { Entry } from './words.ts';

type Unproved = Exclude<AliasResult, { readonly kind: 'done' }>;

/**
 * One verdict per address of an `add/alias` call, in order. mailcow reports each address by name (html
 * escaped), an unknown domain by the domain, and what concerns the goto or the whole call once.
 */
export function judgeAddedAliases(text: string, addresses: readonly string[]): readonly AliasResult[] {
  const report = parseReport(text);
  if (report.kind !== 'entries') {
    const verdict = report.kind === 'note' ? judgeNote(report) : judgeWrite(text, { word: 'alias_added' });
    const whole: Unproved =
      verdict.kind === 'done' ? { kind: 'unclear', why: 'nothing was reported' } : verdict;
    return addresses.map(() => whole);
  }
  const broken = databaseFailure(report.entries);
  if (broken !== undefined) return addresses.map(() => ({ kind: 'unclear', why: broken }));
  const common = dangerWords(report.entries).filter(
    (word) => !addresses.some((address) => concerns(word, address)),
  );
  return addresses.map((address) => judgeAddress({ address, entries: report.entries, common }));
}

/**
 * One verdict per id of a `delete/alias` call. A refused item is reported without its name: unless all went
 * well, several ids cannot be told apart and all are unclear.
 */
export function judgeRemovedAliases(text: string, ids: readonly number[]): readonly WriteResult[] {
  if (ids.length === 1) return [judgeWrite(text, { word: 'alias_removed' })];
  const verdict = judgeWrite(text, { word: 'alias_removed' });
  if (verdict.kind === 'unclear') return ids.map(() => verdict);
  const removed = removedCount(text);
  if (verdict.kind === 'done' && removed === ids.length) return ids.map(() => verdict);
  return ids.map(() => ({ kind: 'unclear', why: `mailcow reports ${removed} of ${ids.length} removed` }));
}

type Judged = {
  readonly address: string;
  readonly entries: readonly Entry[];
  readonly common: readonly MailcowWord[];
};

function judgeAddress({ address, entries, common }: Judged): AliasResult {
  const added = entries.find(
    ({ type, words }) =>
      type === 'success' && words.word === 'alias_added' && same(words.args[0] ?? '', address),
  );
  const own = dangerWords(entries).filter((word) => concerns(word, address));
  if (added !== undefined) return judgeAdded(added, [...own, ...common]);
  if (own.length > 0) return { kind: 'refused', words: own };
  const anySuccess = entries.some(({ type }) => type === 'success');
  if (common.some(({ word }) => endsCall.has(word)) || (common.length > 0 && !anySuccess)) {
    return { kind: 'refused', words: common };
  }
  return { kind: 'unclear', why: 'the reply does not name this address' };
}

/** A danger beside the success is mostly an invalid goto: the alias exists, but delivers to fewer. */
function judgeAdded(entry: Entry, dangers: readonly MailcowWord[]): AliasResult {
  const id = Number(entry.words.args[1]);
  if (!Number.isSafeInteger(id) || id <= 0) {
    return { kind: 'unclear', why: 'the reply does not tell the id of the new alias' };
  }
  const others = dangers.filter(({ word }) => !endsCall.has(word));
  if (others.length === 0) return { kind: 'done', id };
  return { kind: 'unclear', why: `alias_added together with ${others.map(wordText).join(', ')}` };
}

/** After one of these mailcow leaves the rest of the call alone; what it reported before stands. */
const endsCall: ReadonlySet<string> = new Set([
  'max_alias_exceeded',
  'comment_too_long',
  'goto_empty',
  'alias_empty',
]);

function concerns({ word, args: [subject = ''] }: MailcowWord, address: string): boolean {
  if (word === 'domain_not_found') return same(subject, address.slice(address.lastIndexOf('@') + 1));
  return word !== 'goto_invalid' && same(subject, address);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function removedCount(text: string): number {
  const report = parseReport(text);
  if (report.kind !== 'entries') return 0;
  return report.entries.filter(({ type, words }) => type === 'success' && words.word === 'alias_removed')
    .length;
}
