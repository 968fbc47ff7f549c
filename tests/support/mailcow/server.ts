/** The HTTP side: control routes, latency, faults, and mailcow's answers on the wire. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { empty, json, preparing, unauthorized, unreachable } from './answer.ts';
import type { Answer } from './answer.ts';
import { answerCall } from './api.ts';
import type { Api } from './api.ts';
import { isApiPath, parseCall, routeOf } from './call.ts';
import type { Call } from './call.ts';
import { readFault } from './faults.ts';
import type { Fault, FaultList } from './faults.ts';
import { halfDelete } from './half-deleted.ts';
import { parseJson } from './json.ts';
import type { Json } from './json.ts';
import { isWrite } from './stats.ts';
import type { StatsCounter } from './stats.ts';
import type { Timers } from './timers.ts';

/** One write call as it arrived, also when it was refused or ran into a fault. */
export type WriteRecord = {
  readonly route: string;
  readonly body: Json | string;
  readonly at: Date;
  /** False when mailcow did not get to carry it out. */
  readonly performed: boolean;
};

export type World = {
  readonly api: Api;
  readonly faults: FaultList;
  readonly stats: StatsCounter;
  readonly timers: Timers;
  readonly writes: WriteRecord[];
  readonly latencyMs: number;
  readonly writeLatencyMs: number;
  readonly now: () => Date;
};

type Connection = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** Answers one HTTP request. */
export async function serve(world: World, { request, response }: Connection): Promise<void> {
  const body = await readAll(request);
  const raw = { method: request.method ?? 'GET', url: request.url ?? '/', headers: request.headers, body };
  if (body === undefined) return;
  if (!isApiPath(raw.url)) {
    send({ request, response }, { answer: answerControl(world, { ...raw, body }) });
    return;
  }
  try {
    await serveApi(world, parseCall({ ...raw, body }), { request, response });
  } catch (error) {
    // A defect of the stand-in itself must not look like anything mailcow says.
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const answer = { status: 599, contentType: 'text/plain', body: `the mailcow stand-in failed: ${why}` };
    send({ request, response }, { answer });
  }
}

/** The whole body; undefined when the client died before it was sent. */
async function readAll(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}

type Control = { readonly method: string; readonly url: string; readonly body: string };

function answerControl({ stats, faults }: World, { method, url, body }: Control): Answer {
  const route = `${method} ${url.split('?')[0] ?? ''}`;
  if (route === 'GET /_stats') return json(stats.read());
  if (route === 'POST /_stats/reset') {
    stats.reset();
    return json(stats.read());
  }
  if (route !== 'POST /_fault')
    return json({ type: 'error', msg: 'this is a mailcow stand-in; see /api/v1' }, 404);
  const fault = readFault(parseJson(body));
  if (typeof fault === 'string') return json({ type: 'error', msg: fault }, 400);
  faults.set(fault);
  return json({ type: 'success', msg: 'fault set' });
}

/** PHP goes on when its client has died: nothing here asks whether somebody still listens. */
async function serveApi(world: World, call: Call, { request, response }: Connection): Promise<void> {
  world.stats.count(call);
  const fault = world.faults.take(call);
  const slowMs = fault?.mode === 'slow' ? (fault.ms ?? 5_000) : 0;
  const isEarly = fault?.done === true;
  const latencyMs = world.latencyMs + (isWrite(call) ? world.writeLatencyMs : 0);
  await world.timers.wait(latencyMs + (isEarly ? 0 : slowMs));
  const reply = answerWithFault(world, call, fault);
  await world.timers.wait(isEarly ? slowMs : 0);
  if (fault?.mode === 'drop') response.destroy();
  else send({ request, response }, reply);
}

type Reply = { readonly answer: Answer; readonly cookie?: string };

function answerWithFault(world: World, call: Call, fault: Fault | undefined): Reply {
  const instead = fault && answerInstead(world, call, fault);
  if (instead) {
    record(world, call, false);
    return { answer: instead };
  }
  const { answer, session, performed } = answerCall(world.api, call, fault);
  record(world, call, performed);
  return { answer: fault?.mode === 'empty' ? empty() : answer, cookie: session.id };
}

/** The answer of a fault that keeps the call from being carried out. */
function answerInstead({ api }: World, call: Call, fault: Fault): Answer | undefined {
  switch (fault.mode) {
    case '500':
    case 'mysql-down':
      return unreachable('mysql');
    case 'redis-down':
      return unreachable('redis');
    case 'dockerapi-down':
      return unreachable('dockerapi');
    case 'down':
      return preparing();
    case '401':
      return unauthorized('authentication failed');
    case 'empty':
      return fault.done === true ? undefined : empty();
    case 'half-deleted':
      for (const address of addressesIn(call)) halfDelete(api.store, address);
      return empty();
    case 'slow':
    case 'drop':
    case 'deadlock':
    case undefined:
      return undefined;
  }
}

function addressesIn(call: Call): readonly string[] {
  const items = parseJson(call.body) ?? [];
  return (Array.isArray(items) ? items : [items]).filter((item) => typeof item === 'string');
}

function record({ writes, now }: World, call: Call, performed: boolean): void {
  if (!isWrite(call)) return;
  writes.push({ route: routeOf(call), body: parseJson(call.body) ?? call.body, at: now(), performed });
}

const longEnoughToZip = 1_024;

function send({ request, response }: Connection, { answer, cookie }: Reply): void {
  const headers = {
    'Content-Type': answer.contentType,
    ...(cookie !== undefined && {
      'Set-Cookie': `MCSESSID=${cookie}; path=/; secure; HttpOnly; SameSite=Lax`,
    }),
  };
  const accepts = String(request.headers['accept-encoding']);
  if (!accepts.includes('gzip') || answer.body.length < longEnoughToZip) {
    response.writeHead(answer.status, headers).end(answer.body);
    return;
  }
  gzip(answer.body, { level: 1 }, (_, zipped) => {
    response.writeHead(answer.status, { ...headers, 'Content-Encoding': 'gzip' }).end(zipped);
  });
}
