/** Search filters as operators write them, and as ldapts can send them. */
import { FilterParser, type Filter } from 'ldapts';
import { plainFilter } from '../core/filter-text.ts';

export type FilterVerdict =
  { readonly ok: true; readonly filter: string } | { readonly ok: false; readonly why: string };

function normalize(text: string): string {
  const filter = plainFilter(text);
  FilterParser.parseString(filter);
  return filter;
}

/**
 * Whether a filter can be sent, and how: without white space between its brackets, non-ASCII escapes as
 * characters. An empty or an unbalanced one is refused: servers and ldapts read them as something else.
 */
export function validateFilter(text: string): FilterVerdict {
  try {
    return { ok: true, filter: normalize(text) };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** The filter as ldapts sends it; throws a plain Error that says why it cannot be one. */
export function parseFilter(text: string): Filter {
  return FilterParser.parseString(normalize(text));
}
