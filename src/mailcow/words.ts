/** mailcow's reports on a write: their wire shape, and their words with html entities undone. */
import { z } from 'zod';
import type { MailcowWord } from '../ports-mailcow.ts';

export type Entry = { readonly type: string; readonly words: MailcowWord };

/** A write's reply, sorted into its four shapes (facts/mailcow-api.md section 0) and "none of them". */
export type Report =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'note'; readonly type: string; readonly text: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown'; readonly why: string };

// `log` is left out on purpose: it echoes the request, some secrets included.
const entrySchema = z.object({ type: z.string(), msg: z.union([z.string(), z.array(z.unknown()).min(1)]) });
const noteSchema = z.object({ type: z.string(), msg: z.string() });

/** Sorts the text of a write's reply; never throws. */
export function parseReport(text: string): Report {
  if (text.trim() === '') return { kind: 'empty' };
  const json = parseJson(text);
  if (json === undefined) return { kind: 'unknown', why: 'the reply is not JSON' };
  const note = noteSchema.safeParse(json.value);
  if (note.success) return { kind: 'note', type: note.data.type, text: unescapeHtml(note.data.msg) };
  const entries = z.array(entrySchema).min(1).safeParse(json.value);
  if (!entries.success) return { kind: 'unknown', why: 'the reply has none of the known shapes' };
  return { kind: 'entries', entries: entries.data.map(({ type, msg }) => ({ type, words: toWord(msg) })) };
}

/** Undoes PHP's htmlspecialchars, once. */
function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos|#0*39);/g, (entity) => entities[entity] ?? "'");
}

/** `object_exists (anna@example.test)`: a word as people read it. */
export function wordText(word: MailcowWord): string {
  return word.args.length === 0 ? word.word : `${word.word} (${word.args.join(', ')})`;
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

function toWord(msg: string | readonly unknown[]): MailcowWord {
  const [word, ...args] = (typeof msg === 'string' ? [msg] : msg).map(argText);
  return { word: word ?? '', args };
}

function argText(value: unknown): string {
  if (typeof value === 'string') return unescapeHtml(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
