/** Our part of a file that is somebody else's: everything around it stays as it is, byte for byte. Pure. */

const BEGIN = '# BEGIN ldap-mailcow';
const END = '# END ldap-mailcow';
/** The file did not end with a line break: one had to be put before the block. */
const OPEN_ENDED = ' (the line before had no end)';

const pattern = new RegExp(
  String.raw`(\n?)${BEGIN}((?: \(the line before had no end\))?)\n[\s\S]*?${END}\n?`,
);

/** Whether a file has our block. */
export function hasBlock(text: string): boolean {
  return pattern.test(text);
}

/** Whether our block begins in a file, with or without an end. */
export function hasBegin(text: string): boolean {
  return text.split('\n').some((line) => line.trimEnd() === BEGIN || line.trimEnd() === BEGIN + OPEN_ENDED);
}

/** What a file is without our block. */
export function withoutBlock(text: string): string {
  return text.replace(pattern, (_all, lineBreak: string, note: string) => (note === '' ? lineBreak : ''));
}

/** A file with our block at its end, or where it was. The content must not hold our end line. */
export function withBlock(text: string, content: string): string {
  const render = (note: string): string => `${BEGIN}${note}\n${content.trimEnd()}\n${END}\n`;
  const found = pattern.exec(text);
  if (found !== null) {
    const [all, lineBreak = '', note = ''] = found;
    return text.replace(all, () => `${lineBreak}${render(note)}`);
  }
  const isOpen = text !== '' && !text.endsWith('\n');
  return isOpen ? `${text}\n${render(OPEN_ENDED)}` : `${text}${render('')}`;
}
