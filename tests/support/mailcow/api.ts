/** mailcow's json_api.php: who may do what, and which route answers. */
import type { Answer } from './answer.ts';
import { empty, error, json, pretty, unauthorized } from './answer.ts';
import type { Call } from './call.ts';
import { headerOf } from './call.ts';
import { mailboxLog, reporter, strandedEntry } from './context.ts';
import type { Context, Entry, Input } from './context.ts';
import type { Fault } from './faults.ts';
import { asPhpValue, isObject, parseJson } from './json.ts';
import type { Json } from './json.ts';
import { asArray } from './php.ts';
import { read } from './reads.ts';
import type { ApiLogEntry } from './reads.ts';
import { search } from './search.ts';
import type { Session, Sessions } from './sessions.ts';
import { isWrite } from './stats.ts';
import type { Store } from './store.ts';
import { findWrite } from './writes.ts';

export type Api = {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly apiKey: string;
  readonly readOnlyKey: string;
  readonly apiLog: ApiLogEntry[];
};

/** The answer, the session whose cookie goes with it, and whether a write was carried out. */
export type Outcome = { readonly answer: Answer; readonly session: Session; readonly performed: boolean };

/** Answers one call; `fault` is what a deadlock adds to a write. */
export function answerCall(api: Api, call: Call, fault?: Fault): Outcome {
  const session = api.sessions.open(headerOf(call, 'cookie'));
  const refused = (answer: Answer): Outcome => ({ answer, session, performed: false });
  const fetchDest = headerOf(call, 'sec-fetch-dest');
  if (fetchDest !== '' && fetchDest !== 'empty') return refused(empty(403));
  const denial = authenticate(api, call, session);
  if (denial) return refused(denial);
  if (!['add', 'edit', 'delete', 'search', 'get'].includes(call.action)) {
    return refused(error('route not found', 404));
  }
  const body = readBody(call);
  if (body === 'malformed') return refused(error("Request body doesn't contain valid json!", 400));
  logCall(api, call);
  if (!isWrite(call)) return refused(answerRead(api, call, { session, body }));
  return answerWrite(api, { call, session, body, ...(fault && { fault }) });
}

function authenticate(api: Api, call: Call, session: Session): Answer | undefined {
  const key = headerOf(call, 'x-api-key');
  if (key === '') return undefined;
  if (key !== api.apiKey && key !== api.readOnlyKey) return unauthorized('authentication failed');
  const client = headerOf(call, 'x-forwarded-for').split(',')[0]?.trim() ?? '';
  if (client !== '' && !/^(127\.|::1$)/.test(client))
    return unauthorized(`api access denied for ip ${client}`);
  session.access = key === api.apiKey ? 'rw' : 'ro';
  return undefined;
}

type Body = { readonly attr: Json | undefined; readonly items: Json | undefined };

/** The attributes and items of the request, as JSON or as the fields `attr` and `items` of a form. */
function readBody(call: Call): Body | 'malformed' {
  const type = headerOf(call, 'content-type');
  if (type.includes('application/json') && call.action !== 'get') return readJsonBody(call);
  if (!type.includes('application/x-www-form-urlencoded')) return { attr: undefined, items: undefined };
  const form = new URLSearchParams(call.body);
  const field = (name: string): Json | undefined => {
    const value = form.get(name);
    return value === null ? undefined : asPhpValue(parseJson(value) ?? null);
  };
  return { attr: field('attr'), items: field('items') };
}

function readJsonBody(call: Call): Body | 'malformed' {
  const parsed = parseJson(call.body) ?? null;
  if (parsed === null) return 'malformed';
  const value = asPhpValue(parsed);
  if (call.action === 'delete') return { attr: undefined, items: value };
  if (call.action !== 'edit') return { attr: value, items: undefined };
  return isObject(value)
    ? { attr: value['attr'] ?? [], items: value['items'] ?? [] }
    : { attr: [], items: [] };
}

function logCall({ apiLog, store }: Api, call: Call): void {
  const time = Math.floor(Date.parse(`${store.now().replace(' ', 'T')}Z`) / 1000);
  apiLog.unshift({
    time,
    uri: call.uri.split('?')[0] ?? '',
    method: call.method,
    remote: '127.0.0.1',
    data: '',
  });
  apiLog.length = Math.min(apiLog.length, 500);
}

function answerRead(api: Api, call: Call, { session, body }: { session: Session; body: Body }): Answer {
  const method = call.action === 'search' ? 'POST' : 'GET';
  if (call.method !== method) return error(`only ${method} method is allowed`, 405);
  if (session.access === undefined) return empty();
  if (call.action === 'get') return read(api, call) ?? error('route not found', 404);
  const page = search(api.store, call.category, body.attr ?? null);
  return page ? pretty(page) : error('Invalid search category', 404);
}

type WriteCall = {
  readonly call: Call;
  readonly session: Session;
  readonly body: Body;
  readonly fault?: Fault;
};

function answerWrite(api: Api, write: WriteCall): Outcome {
  const { call, session, body } = write;
  const refused = (answer: Answer): Outcome => ({ answer, session, performed: false });
  const mayWrite = session.access === 'rw' || (session.access === undefined && call.action === 'add');
  if (!mayWrite) return refused(error('API read/write access denied', 403));
  const given = call.action === 'delete' ? body.items : body.attr;
  if (given === undefined) return refused(error('Cannot find attributes in post data'));
  if (call.method !== 'POST') return refused(error('only POST method is allowed', 405));
  if (!findWrite(call, api.store)) return refused(error('route not found', 404));
  return carryOut(api, write);
}

function carryOut({ store }: Api, { call, session, body, fault }: WriteCall): Outcome {
  const entries: Entry[] = [...session.stranded];
  session.stranded = [];
  const input = inputOf(call, body);
  const isMember = session.access !== undefined;
  try {
    const worked = isMember
      ? perform({ store, entries }, call, { input, fault })
      : deny({ store, entries }, call, input);
    return { answer: reply(call, entries, worked), session, performed: isMember };
  } catch (thrown) {
    const stranded = strandedEntry(thrown);
    if (!stranded) throw thrown;
    session.stranded = [...entries, stranded];
    return { answer: empty(), session, performed: true };
  }
}

function inputOf(call: Call, body: Body): Input {
  const attr = body.attr ?? [];
  return {
    attr: isObject(attr) ? attr : {},
    sent: isObject(attr) ? attr : asArray(attr),
    items: asArray(body.items),
    object: call.object,
    extra: call.extra,
  };
}

const deadlock =
  'SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock; try restarting transaction';

type Performed = { readonly input: Input; readonly fault: Fault | undefined };

function perform(context: Context, call: Call, { input, fault }: Performed): boolean {
  const write = findWrite(call, context.store);
  if (fault?.mode !== 'deadlock') return write?.(context, input) ?? false;
  const log = mailboxLog([call.action, call.category], input.sent);
  if (fault.done === false) return reporter(context, log).danger(deadlock);
  write?.(context, input);
  // A deadlock in the refresh of the SOGo table is reported as a success, with the SQL error as its message.
  return reporter(context, context.entries.at(-1)?.log ?? log).success(deadlock);
}

function deny(context: Context, call: Call, input: Input): boolean {
  const type = call.category.replaceAll('-', '_');
  return reporter(context, mailboxLog([call.action, type], input.sent)).danger('access_denied');
}

function reply(call: Call, entries: readonly Entry[], worked: boolean): Answer {
  if (entries.length > 0) return json(entries);
  return worked ? json({ type: 'success', msg: 'Task completed' }) : error(`Cannot ${call.action} item`);
}
