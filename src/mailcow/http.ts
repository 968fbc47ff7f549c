/** One HTTP exchange with mailcow, told as data: what a lost one means is for the caller to say. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import axios from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { strippedError } from './errors.ts';
import type { MailcowOptions, MailcowTls } from './options.ts';
import { routePath } from './route.ts';
import type { Route } from './route.ts';

export type Exchange =
  | { readonly kind: 'reply'; readonly status: number; readonly text: string; readonly location?: string }
  | {
      readonly kind: 'lost';
      /** `false`: the connection never stood, so mailcow cannot have acted on the call. */
      readonly sent: boolean;
      /** We stopped waiting; mailcow may still be at work on it. */
      readonly timedOut: boolean;
      readonly cause: Error;
    };

/** One call. With a `body` it is a POST, whose answer is awaited to the end of the timeout whatever happens. */
type Call = { readonly route: Route; readonly body?: unknown };

export type Http = {
  readonly exchange: (call: Call) => Promise<Exchange>;
  readonly close: () => void;
};

/** Shorter than any server's keep-alive, so that a write rarely meets a connection that is being closed. */
const idleSocketMs = 15_000;

/**
 * A client of one mailcow: keep-alive, gzip, no cookies, no redirects, no proxies. Never throws for what the
 * network or mailcow does. Throws for an unreadable CA file or a `baseUrl` that is no URL.
 */
export function openHttp(options: MailcowOptions): Http {
  const origin = new URL(options.baseUrl).origin;
  const agents = {
    httpAgent: new http.Agent({ keepAlive: true, timeout: idleSocketMs }),
    httpsAgent: new https.Agent({ keepAlive: true, timeout: idleSocketMs, ...tlsSettings(options.tls) }),
  };
  const client = axios.create({ ...agents, ...plainExchange, headers: fixedHeaders(options.apiKey) });

  return {
    exchange: async (call) => {
      const started = performance.now();
      const exchange = await attempt({ call, options, url: origin + routePath(call.route), send: client });
      options.onCall?.({
        method: call.body === undefined ? 'GET' : 'POST',
        route: call.route.name,
        ...(call.route.object === undefined ? {} : { object: call.route.object }),
        status: exchange.kind === 'reply' ? exchange.status : undefined,
        ms: Math.round(performance.now() - started),
      });
      return exchange;
    },
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

const plainExchange: AxiosRequestConfig = {
  adapter: 'http',
  maxRedirects: 0,
  proxy: false,
  responseType: 'text',
  // Own JSON.parse: axios turns an empty body and a broken one into the same string.
  transformResponse: [(data: unknown) => data],
  validateStatus: () => true,
};

function fixedHeaders(apiKey: string): Record<string, string> {
  return {
    'X-API-Key': apiKey,
    Accept: 'application/json',
    'Accept-Encoding': 'gzip',
    'User-Agent': 'ldap-mailcow',
  };
}

function tlsSettings(tls: MailcowTls | undefined): https.AgentOptions {
  if (tls === undefined) return {};
  const ca = tls.ca ?? (tls.caFile === undefined ? undefined : readFileSync(tls.caFile, 'utf8'));
  return {
    rejectUnauthorized: tls.verify,
    ...(ca === undefined ? {} : { ca }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

type Attempt = {
  readonly call: Call;
  readonly options: MailcowOptions;
  readonly url: string;
  readonly send: (config: AxiosRequestConfig) => Promise<AxiosResponse<unknown>>;
};

async function attempt({ call, options, url, send }: Attempt): Promise<Exchange> {
  const write = call.body !== undefined;
  const wait = startWait({
    connectMs: options.connectTimeoutMs ?? 10_000,
    answerMs: write ? (options.writeTimeoutMs ?? 600_000) : (options.readTimeoutMs ?? 300_000),
  });
  try {
    const response = await send({
      url,
      method: write ? 'POST' : 'GET',
      ...(write ? { data: JSON.stringify(call.body), headers: { 'Content-Type': 'application/json' } } : {}),
      signal:
        write || options.signal === undefined ? wait.signal : AbortSignal.any([wait.signal, options.signal]),
      transport: watchedTransport(wait.connected),
    });
    return reply(response);
  } catch (error) {
    const gaveUp = wait.gaveUp();
    return {
      kind: 'lost',
      sent: wait.stood(),
      timedOut: gaveUp !== undefined && wait.stood(),
      cause: gaveUp ?? strippedError(error),
    };
  } finally {
    wait.end();
  }
}

function reply(response: AxiosResponse<unknown>): Exchange {
  const location: unknown = response.headers['location'];
  return {
    kind: 'reply',
    status: response.status,
    text: typeof response.data === 'string' ? response.data : '',
    ...(typeof location === 'string' ? { location } : {}),
  };
}

type Wait = {
  readonly signal: AbortSignal;
  readonly connected: () => void;
  readonly stood: () => boolean;
  readonly gaveUp: () => Error | undefined;
  readonly end: () => void;
};

/** Two clocks for one exchange: until the connection stands, and until the last byte of the answer. */
function startWait(limits: { readonly connectMs: number; readonly answerMs: number }): Wait {
  const stop = new AbortController();
  const state: { stood: boolean; gaveUp?: Error } = { stood: false };
  const giveUp = (why: string) => () => {
    state.gaveUp ??= Object.assign(new Error(why), { code: 'ETIMEDOUT' });
    stop.abort();
  };
  const connecting = setTimeout(giveUp(`no connection within ${limits.connectMs} ms`), limits.connectMs);
  const answering = setTimeout(giveUp(`no answer within ${limits.answerMs} ms`), limits.answerMs);
  return {
    signal: stop.signal,
    connected: () => {
      state.stood = true;
      clearTimeout(connecting);
    },
    stood: () => state.stood,
    gaveUp: () => state.gaveUp,
    end: () => {
      clearTimeout(connecting);
      clearTimeout(answering);
    },
  };
}

type Transport = {
  readonly request: (
    options: https.RequestOptions,
    onResponse: (response: http.IncomingMessage) => void,
  ) => http.ClientRequest;
};

/** Node's own transport, telling when the connection stands: before that, no byte of a call has been sent. */
function watchedTransport(connected: () => void): Transport {
  return {
    request: (options, onResponse) => {
      const request = (options.protocol === 'https:' ? https : http).request(options, onResponse);
      request.once('socket', (socket) => {
        if (request.reusedSocket || !socket.connecting) connected();
        else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
      });
      return request;
    },
  };
}
