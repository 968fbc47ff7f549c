/** Where one message of LDAP ends and the next begins (RFC 4511 4.1.1, X.690 8.1), without decoding them. */

/** One whole message. */
export type Frame = {
  readonly bytes: Buffer;
  readonly messageId: number;
  /** From the tag of the operation to the end: what does not differ from one connection to the next. */
  readonly content: Buffer;
};

export const searchEntryTag = 0x64;

const sequenceTag = 0x30;
const integerTag = 0x02;

type Header = { readonly start: number; readonly end: number };

/** Undefined: the rest is not there yet. Throws for what is no definite length of at most four bytes. */
function headerAt(bytes: Buffer, at: number, tag: number): Header | undefined {
  if (at + 2 > bytes.length) return undefined;
  if (bytes[at] !== tag) throw new Error(`tag ${bytes[at] ?? ''} where ${tag} was to come`);
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const size = first - 0x80;
  if (size === 0 || size > 4) throw new Error('a length that is no length');
  if (at + 2 + size > bytes.length) return undefined;
  const start = at + 2 + size;
  return { start, end: start + bytes.readUIntBE(at + 2, size) };
}

function frameIn(bytes: Buffer, { start }: Header): Frame {
  const id = headerAt(bytes, start, integerTag);
  const size = id === undefined ? 0 : id.end - id.start;
  if (id === undefined || size < 1 || size > 4 || id.end >= bytes.length)
    throw new Error('no message number');
  return { bytes, messageId: bytes.readIntBE(id.start, size), content: bytes.subarray(id.end) };
}

/** Puts chunks together and gives out whole messages; `push` throws when that is no LDAP. */
export function openFrames(): { readonly push: (chunk: Buffer) => readonly Frame[] } {
  let rest: Buffer[] = [];
  let have = 0;
  let needed = 0;
  return {
    push: (chunk) => {
      rest.push(chunk);
      have += chunk.length;
      // A long message comes in many chunks: they are joined once, not at each of them.
      if (have < needed) return [];
      let bytes = rest.length === 1 ? chunk : Buffer.concat(rest);
      const frames: Frame[] = [];
      for (;;) {
        const header = headerAt(bytes, 0, sequenceTag);
        needed = header?.end ?? 0;
        if (header === undefined || header.end > bytes.length) break;
        frames.push(frameIn(bytes.subarray(0, header.end), header));
        bytes = bytes.subarray(header.end);
      }
      rest = bytes.length === 0 ? [] : [bytes];
      have = bytes.length;
      return frames;
    },
  };
}
