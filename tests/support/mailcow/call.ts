/** One call as nginx and PHP see it: what stands in the path after both have decoded it. */
import type { IncomingHttpHeaders } from 'node:http';

export type Call = {
  readonly method: string;
  /** As it was sent, for mailcow's API log. */
  readonly uri: string;
  readonly action: string;
  readonly category: string;
  readonly object: string;
  readonly extra: string;
  readonly tags?: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type RawCall = Pick<Call, 'method' | 'headers' | 'body'> & { readonly url: string };

const prefix = '/api/v1/';

/** True for a path that mailcow's API answers. */
export function isApiPath(url: string): boolean {
  return url.startsWith(prefix);
}

/**
 * nginx decodes the path once and pastes it into `?query=`, where PHP decodes it again: a `&` cuts the path
 * off, a `+` becomes a blank, and `/` splits however it was written.
 */
export function parseCall({ method, url, headers, body }: RawCall): Call {
  const [path, search = ''] = splitOnce(url.slice(prefix.length), '?');
  const parameters = `query=${decodeOnce(path)}&${search}`.split('&').map((pair) => splitOnce(pair, '='));
  const query = new Map(parameters.map(([key, value]) => [phpDecode(key), phpDecode(value ?? '')]));
  const [action = '', category = '', object = '', extra = ''] = (query.get('query') ?? '').split('/');
  const tags = query.get('tags');
  const decoded = { method, uri: url, action, category, object, extra, headers, body };
  return tags === undefined || tags === '' ? decoded : { ...decoded, tags: tags.split(',') };
}

function splitOnce(text: string, at: string): [string, string?] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/** Percent-decoding that leaves alone what is no valid escape. */
function decodeOnce(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

function phpDecode(text: string): string {
  return decodeOnce(text.replaceAll('+', ' '));
}

/** The route without its prefix, objects included: what faults are matched against. */
export function routeOf(call: Call): string {
  return [call.action, call.category, call.object, call.extra].filter((part) => part !== '').join('/');
}

/** The value of a header that was sent once. */
export function headerOf(call: Call, name: string): string {
  const value = call.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
