/** One HTTP call whose URL may hold a token: no error ever names more than its origin. */

/** The message is the end of a sentence about the other side. */
export class CallError extends Error {
  override readonly name = 'CallError';
}

export type Call = {
  readonly url: string;
  /** With a body it is a POST of JSON, else a GET. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
};

const timeoutMs = 10_000;

type ErrorLike = { readonly name?: unknown; readonly code?: unknown; readonly cause?: unknown };

// By shape: what fetch throws need not be an Error of this realm.
const like = (value: unknown): ErrorLike => (typeof value === 'object' && value !== null ? value : {});

/** What node's fetch hides in its cause; its messages are left out, they may hold the URL. */
function reasonOf(error: unknown): string {
  if (like(error).name === 'TimeoutError') return `gives no answer within ${timeoutMs / 1000} s`;
  const { code } = like(like(error).cause);
  return `cannot be reached (${typeof code === 'string' ? code : 'unknown error'})`;
}

async function send({ url, body, signal }: Call): Promise<Response> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await fetch(url, {
      method: json === undefined ? 'GET' : 'POST',
      headers: {
        'User-Agent': 'ldap-mailcow',
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(json !== undefined && { body: json }),
      // Another host would get the token.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    throw new CallError(reasonOf(error));
  }
}

/** Resolves when the other side says that it has it (2xx), within ten seconds; else rejects with a CallError. */
export async function callUrl(call: Call): Promise<void> {
  const { status, ok, body } = await send(call);
  await body?.cancel().catch(() => undefined);
  if (ok) return;
  const elsewhere = status >= 300 && status < 400;
  throw new CallError(
    elsewhere ? `leads elsewhere (${status}): give the URL that it leads to` : `answers ${status}`,
  );
}
