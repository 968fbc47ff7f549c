/** The little BER that LDAP messages are made of; written by hand so that it shares no bug with ldapts. */

export type Element = { readonly tag: number; readonly content: Buffer; readonly size: number };

const lengthBytes = (length: number): readonly number[] => {
  if (length < 0x80) return [length];
  if (length < 0x1_00) return [0x81, length];
  if (length < 0x1_00_00) return [0x82, length >> 8, length & 0xff];
  return [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
};

/** One element from its parts. */
export function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

export function integer(value: number, tag = 0x02): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest & 0xff);
    rest >>= 8;
  } while (rest > 0);
  if ((bytes[0] ?? 0) & 0x80) bytes.unshift(0);
  return element(tag, Buffer.from(bytes));
}

export function octets(value: string | Buffer, tag = 0x04): Buffer {
  return element(tag, Buffer.from(value));
}

/** The first element of the bytes; undefined while it is not complete, and for what is no BER of sane size. */
export function readElement(bytes: Buffer): Element | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const extra = first & 0x80 ? first & 0x7f : 0;
  if (bytes.length < 2 + extra || extra > 4) return undefined;
  const length = extra === 0 ? first : bytes.readUIntBE(2, extra);
  const start = 2 + extra;
  if (bytes.length < start + length) return undefined;
  return { tag, content: bytes.subarray(start, start + length), size: start + length };
}

/** The elements inside a constructed one. */
export function childrenOf(content: Buffer): readonly Element[] {
  const children: Element[] = [];
  let rest = content;
  for (let child = readElement(rest); child; child = readElement(rest)) {
    children.push(child);
    rest = rest.subarray(child.size);
  }
  return children;
}

export function toNumber(found: Element | undefined): number {
  return found && found.content.length > 0 ? found.content.readUIntBE(0, found.content.length) : 0;
}

export function toText(found: Element | undefined): string {
  return found?.content.toString('utf8') ?? '';
}
