/** Which answer a request gets. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Readiness } from './ready.ts';

export type Asked = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly authorization?: string;
};

export type Reply = {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Sources = {
  readonly readiness: () => Readiness;
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
  /** What `POST /sync` must bring; undefined: nobody may. */
  readonly token: string | undefined;
  /** Has a sync begin; the sentence says why none will. */
  readonly syncNow: (options: { readonly audit: boolean }) => string | undefined;
};

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes as long for a token that is nearly right as for any other one. */
function isAllowed(authorization: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(digestOf(given), digestOf(token));
}

const text = (status: number, line: string, headers?: Reply['headers']): Reply => ({
  status,
  body: `${line}\n`,
  ...(headers && { headers }),
});

function sync({ authorization }: Asked, query: URLSearchParams, { token, syncNow }: Sources): Reply {
  if (token === undefined) return text(404, 'no sync by HTTP: LDAP_MAILCOW_HTTP_TOKEN is not set');
  if (!isAllowed(authorization, token)) {
    return text(401, 'the header "Authorization: Bearer <token>" is missing or wrong', {
      'WWW-Authenticate': 'Bearer',
    });
  }
  const audit = query.get('full') === '1';
  const refusal = syncNow({ audit });
  if (refusal !== undefined) return text(503, refusal);
  return text(202, audit ? 'a sync that reads everything comes next' : 'a sync comes next');
}

async function read(path: string, sources: Sources): Promise<Reply> {
  if (path === '/healthz') return text(200, 'alive');
  if (path === '/readyz') {
    const { ready, reason } = sources.readiness();
    return text(ready ? 200 : 503, reason);
  }
  const metrics = await sources.metrics();
  return { status: 200, body: metrics.text, headers: { 'Content-Type': metrics.type } };
}

const readable = ['/healthz', '/readyz', '/metrics'];

/** The answer to one request. Throws what `sources` throw. */
export async function answer(asked: Asked, sources: Sources): Promise<Reply> {
  const [path = '', query = ''] = asked.target.split('?', 2);
  const isSync = path === '/sync';
  if (!isSync && !readable.includes(path)) return text(404, 'there is nothing here');
  const allowed = isSync ? ['POST'] : ['GET', 'HEAD'];
  if (!allowed.includes(asked.method)) {
    return text(405, `only ${allowed.join(' and ')}`, { Allow: allowed.join(', ') });
  }
  return isSync ? sync(asked, new URLSearchParams(query), sources) : read(path, sources);
}
