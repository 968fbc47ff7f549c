/** Where one message ends and the next begins, however the bytes are cut into chunks. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openFrames } from '../../src/directory/frames.ts';

const lengthOf = (size: number): readonly number[] => {
  if (size < 0x80) return [size];
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
};

const message = (id: number, body: readonly number[]): Buffer => {
  const content = [0x02, 1, id, 0x64, ...lengthOf(body.length), ...body];
  return Buffer.from([0x30, ...lengthOf(content.length), ...content]);
};

test('messages come out whole and in order, whatever the chunks', () => {
  const bodies = fc.array(fc.array(fc.nat(255), { maxLength: 600 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (parts, cuts) => {
      const messages = parts.map((body, at) => message(at + 1, body));
      const bytes = Buffer.concat(messages);
      const frames = openFrames();
      const found = [];
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const size = cuts[cut % cuts.length] ?? 1;
        found.push(...frames.push(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(found.map((frame) => frame.bytes.toString('hex'))).toEqual(
        messages.map((one) => one.toString('hex')),
      );
      expect(found.map(({ messageId }) => messageId)).toEqual(parts.map((_, at) => at + 1));
      expect(found.every(({ content }) => content[0] === 0x64)).toBe(true);
    }),
  );
});

test.each([
  ['another tag', [0x16, 0x03, 0x01]],
  ['an indefinite length', [0x30, 0x80, 0, 0]],
  ['a length of five bytes', [0x30, 0x85, 0, 0, 0, 0, 1]],
  ['no message number', [0x30, 3, 0x04, 1, 1]],
])('%s is no LDAP', (_, bytes) => {
  expect(() => openFrames().push(Buffer.from(bytes))).toThrow();
});
