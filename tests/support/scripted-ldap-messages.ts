/** The LDAP messages that a scripted server understands and sends. */
import { childrenOf, element, integer, octets, toNumber, toText, type Element } from './scripted-ldap-ber.ts';

/** Which connection (1, 2, …) it came over, and whether that one was encrypted by then. */
type Seen = { readonly id: number; readonly connection: number; readonly encrypted: boolean };

export type SeenBind = Seen & { readonly kind: 'bind'; readonly dn: string; readonly password: string };
export type SeenSearch = Seen & {
  readonly kind: 'search';
  readonly baseDn: string;
  readonly scope: number;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  readonly filter: Buffer;
  readonly attributes: readonly string[];
  readonly paging?: { readonly critical: boolean; readonly size: number; readonly cookie: string };
};
export type SeenExtended = Seen & { readonly kind: 'extended'; readonly oid: string };
type SeenOther = Seen & { readonly kind: 'unbind' | 'other' };
export type SeenRequest = SeenBind | SeenSearch | SeenExtended | SeenOther;

export type Values = Readonly<Record<string, readonly (string | Buffer)[]>>;
export type Done = {
  readonly code?: number;
  readonly diagnostic?: string;
  /** An empty cookie ends the paging; undefined: no paging control in the answer. */
  readonly cookie?: string;
};

const pagingOid = '1.2.840.113556.1.4.319';
const tags = { bind: 0x60, unbind: 0x42, search: 0x63, extended: 0x77, controls: 0xa0 };

function parsePaging(controls: Element | undefined): Pick<SeenSearch, 'paging'> {
  for (const control of controls ? childrenOf(controls.content) : []) {
    const parts = childrenOf(control.content);
    const value = parts.at(-1);
    if (toText(parts[0]) !== pagingOid || !value) continue;
    const [size, cookie] = childrenOf(childrenOf(value.content)[0]?.content ?? Buffer.alloc(0));
    const critical = parts.some((part) => part.tag === 0x01 && toNumber(part) > 0);
    return { paging: { critical, size: toNumber(size), cookie: toText(cookie) } };
  }
  return {};
}

function parseSearch(seen: Seen, operation: Element, controls: Element | undefined): SeenSearch {
  const [base, scope, , sizeLimit, timeLimit, , filter, attributes] = childrenOf(operation.content);
  return {
    ...seen,
    kind: 'search',
    baseDn: toText(base),
    scope: toNumber(scope),
    sizeLimit: toNumber(sizeLimit),
    timeLimit: toNumber(timeLimit),
    filter: filter ? element(filter.tag, filter.content) : Buffer.alloc(0),
    attributes: childrenOf(attributes?.content ?? Buffer.alloc(0)).map(toText),
    ...parsePaging(controls),
  };
}

/** One request from the content of its message. */
export function parseRequest(content: Buffer, origin: Omit<Seen, 'id'>): SeenRequest {
  const [messageId, operation, controls] = childrenOf(content);
  const seen = { ...origin, id: toNumber(messageId) };
  if (!operation) return { ...seen, kind: 'other' };
  const parts = childrenOf(operation.content);
  switch (operation.tag) {
    case tags.bind:
      return { ...seen, kind: 'bind', dn: toText(parts[1]), password: toText(parts[2]) };
    case tags.search:
      return parseSearch(seen, operation, controls);
    case tags.extended:
      return { ...seen, kind: 'extended', oid: toText(parts[0]) };
    case tags.unbind:
      return { ...seen, kind: 'unbind' };
    default:
      return { ...seen, kind: 'other' };
  }
}

const message = (id: number, operation: Buffer, controls?: Buffer): Buffer =>
  element(0x30, integer(id), operation, ...(controls ? [element(tags.controls, controls)] : []));

const result = (tag: number, { code = 0, diagnostic = '' }: Done, ...more: readonly Buffer[]): Buffer =>
  element(tag, integer(code, 0x0a), octets(''), octets(diagnostic), ...more);

const pagingControl = (cookie: string): Buffer =>
  element(0x30, octets(pagingOid), octets(element(0x30, integer(0), octets(cookie))));

export function bindDone(id: number, done: Done = {}): Buffer {
  return message(id, result(0x61, done));
}

export function searchDone(id: number, done: Done = {}): Buffer {
  return message(id, result(0x65, done), done.cookie === undefined ? undefined : pagingControl(done.cookie));
}

/** Success, with a paging control that does not say whether there is more. */
export function searchDoneWithEmptyPaging(id: number): Buffer {
  return message(id, result(0x65, {}), element(0x30, octets(pagingOid)));
}

export function extendedDone(id: number, done: Done & { readonly value?: string } = {}): Buffer {
  const value = done.value === undefined ? [] : [octets(done.value, 0x8b)];
  return message(id, result(0x78, done, ...value));
}

export function searchEntry(id: number, dn: string, values: Values): Buffer {
  const attributes = Object.entries(values).map(([name, list]) =>
    element(0x30, octets(name), element(0x31, ...list.map((value) => octets(value)))),
  );
  return message(id, element(0x64, octets(dn), element(0x30, ...attributes)));
}

export function searchReference(id: number, uri: string): Buffer {
  return message(id, element(0x73, octets(uri)));
}

/** syncrepl and others: a message kind that ldapts does not know. */
export function intermediate(id: number): Buffer {
  return message(id, element(0x79, octets('1.3.6.1.4.1.4203.1.9.1.4', 0x80)));
}

export function noticeOfDisconnection(diagnostic: string): Buffer {
  return message(0, result(0x78, { code: 52, diagnostic }, octets('1.3.6.1.4.1.1466.20036', 0x8a)));
}
