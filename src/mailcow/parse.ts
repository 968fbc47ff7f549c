/** From a read's JSON to our types; whatever does not fit fails the read, no row is dropped. */
import type { z } from 'zod';
import { MailcowMalformed } from './errors.ts';
import { routeText } from './route.ts';
import type { Route } from './route.ts';
import { dangerWords } from './verdict.ts';
import { parseReport, wordText } from './words.ts';

/** The rows of a list; mailcow writes the empty one as `{}`. Throws MailcowMalformed. */
export function parseRows(route: Route, json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  if (isEmptyObject(json)) return [];
  throw malformed(route, said(json) ?? 'a list was expected');
}

/** One object of a reply. Throws MailcowMalformed that names the place, never the values. */
export function parseObject<Out>(
  route: Route,
  reply: { readonly schema: z.ZodType<Out>; readonly json: unknown; readonly index?: number },
): Out {
  const parsed = reply.schema.safeParse(reply.json);
  if (parsed.success) return parsed.data;
  const place = reply.index === undefined ? [] : [reply.index];
  const problems = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${[...place, ...issue.path.map(String)].join('.')}: ${issue.message}`);
  throw malformed(route, said(reply.json) ?? problems.join('; '));
}

/** mailcow writes an empty list, and a missing object, as `{}`. */
export function isEmptyObject(json: unknown): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && Object.keys(json).length === 0;
}

/** mailcow's own complaint in place of an object. */
function said(json: unknown): string | undefined {
  const report = parseReport(JSON.stringify([json]));
  const [danger] = report.kind === 'entries' ? dangerWords(report.entries) : [];
  return danger && `mailcow says "${wordText(danger)}"`;
}

function malformed(route: Route, why: string): MailcowMalformed {
  return new MailcowMalformed(`GET ${routeText(route)}: the reply does not look like mailcow's: ${why}`);
}
