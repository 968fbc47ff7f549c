/** What all writes have in common: one call about one object, sent once and judged; or not sent at all. */
import type { MailcowWord, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import type { Route } from './route.ts';
import { judgeWrite } from './verdict.ts';
import type { Expected } from './verdict.ts';

export type Write = { readonly route: Route; readonly body: unknown; readonly expected: Expected };
export type Send = (write: Write) => Promise<WriteResult>;
export type RefusedHere = { readonly kind: 'refused'; readonly words: readonly MailcowWord[] };

/** Sends a call about one object and judges the reply. */
export function sender(client: Client): Send {
  return async ({ route, body, expected }) => {
    const reply = await client.write(route, body);
    return reply.kind === 'text' ? judgeWrite(reply.text, expected) : reply;
  };
}

/** A verdict of ours, in place of a call that mailcow would take wrongly: nothing was sent. */
export function refusedHere(word: string, ...args: readonly string[]): RefusedHere {
  return { kind: 'refused', words: [{ word, args }] };
}

/** What PHP's `empty()` takes for nothing: mailcow ignores such a value or replaces it by one of its own. */
export function isEmptyForPhp(value: string | number | undefined): boolean {
  return value === '' || value === '0' || value === 0;
}

/** More than a VARCHAR(255) holds: the statement fails, mailcow dies half-way with an empty reply. */
export function isTooLong(text: string | undefined): boolean {
  return text !== undefined && [...text].length > 255;
}
