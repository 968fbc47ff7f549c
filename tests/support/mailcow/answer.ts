/** What goes back over the wire. */
import type { Json } from './json.ts';

export type Answer = { readonly status: number; readonly contentType: string; readonly body: string };

const jsonType = 'application/json';
const htmlType = 'text/html; charset=utf-8';

/** A compact JSON answer, 200 unless said otherwise. */
export function json(value: Json, status = 200): Answer {
  return { status, contentType: jsonType, body: JSON.stringify(value) };
}

/** A read's answer, indented as mailcow does it; an empty value is `{}` unless said otherwise. */
export function pretty(value: Json, whenEmpty: '{}' | '[]' = '{}'): Answer {
  const isNothing = value === null || (Array.isArray(value) && value.length === 0);
  const body = isNothing ? whenEmpty : JSON.stringify(value, null, 4);
  return { status: 200, contentType: jsonType, body };
}

/** The empty body: no key, or an uncaught exception. */
export function empty(status = 200): Answer {
  return { status, contentType: jsonType, body: '' };
}

/** `{"type":"error","msg":…}`. */
export function error(msg: string, status = 200): Answer {
  return json({ type: 'error', msg }, status);
}

/** A refused key: JSON, but labelled as HTML. */
export function unauthorized(msg: string): Answer {
  return { ...error(msg, 401), contentType: htmlType };
}

const reasons = {
  dockerapi: ['Connection to dockerapi container failed.', '111 - Connection refused'],
  redis: ['Connection to Redis failed.', 'Connection refused'],
  mysql: ['Connection to database failed.', '  SQLSTATE[HY000] [2002] No such file or directory'],
} as const;

/** The 500 page when something behind PHP is unreachable, word for word. */
export function unreachable(what: keyof typeof reasons): Answer {
  const [headline, why] = reasons[what];
  const body =
    `<center style='font-family:sans-serif;'>${headline}<br /><br />` +
    `The following error was reported:<br/>${why}</center>\n`;
  return { status: 500, contentType: htmlType, body };
}

/** The 502 page of nginx while php-fpm is down. */
export function preparing(): Answer {
  const body =
    '<!DOCTYPE html>\n<html>\n  <head>\n    <title>Preparing</title>\n  </head>\n' +
    '  <body>\n    <h1>Preparing</h1>\n  </body>\n</html>\n';
  return { status: 502, contentType: htmlType, body };
}
