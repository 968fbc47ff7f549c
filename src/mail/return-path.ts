/** Who sent a message, as the envelope said. */

const endOfHeader = /\r?\n\r?\n/;
const mostHeader = 256 * 1024;

/** An address that may stand between `<` and `>` in MAIL FROM; anything else would be a command of its own. */
const plain = /^[\x21-\x3b\x3d\x3f-\x7e]+@[\w.[\]:-]+$/;

/** The first Return-Path of a message, without its brackets; '' where there is none, an empty or a strange one. */
export function returnPath(message: Buffer): string {
  const start = message.subarray(0, mostHeader).toString('latin1');
  const header = (start.split(endOfHeader, 1)[0] ?? '').replaceAll(/\r?\n[ \t]+/g, ' ');
  const found = /^return-path:[ \t]*<?([^<>\r\n]*)>?[ \t]*$/im.exec(header)?.[1]?.trim() ?? '';
  return plain.test(found) ? found : '';
}
