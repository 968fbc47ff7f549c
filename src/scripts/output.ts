/** What a script says, as lines for the log, and not too many of them. */

const MOST_LINES = 100;
const MOST_CHARACTERS = 8192;
const LONGEST_LINE = 2048;

export type OutputLines = {
  /** For one stream: takes what comes in pieces. */
  readonly reader: () => (piece: string) => void;
  /** What has no line end yet, and how much was left out. */
  readonly end: () => void;
};

/** Hands on whole lines only: half a secret would not be found by what takes secrets out of the log. */
export function outputLines(onLine: (line: string) => void): OutputLines {
  let [lines, characters, omitted] = [0, 0, 0];
  const ends: (() => void)[] = [];
  const take = (raw: string, isCut: boolean): void => {
    const line = raw.replace(/\r$/, '');
    if (line === '' && !isCut) return;
    const isTooMuch = isCut || lines >= MOST_LINES || characters + line.length > MOST_CHARACTERS;
    if (isTooMuch) {
      omitted += 1;
      return;
    }
    lines += 1;
    characters += line.length;
    onLine(line);
  };
  return {
    reader: () => {
      let rest = '';
      let isCut = false;
      ends.push(() => {
        take(rest, isCut);
      });
      return (piece) => {
        const parts = `${rest}${piece}`.split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) {
          take(part, isCut || part.length > LONGEST_LINE);
          isCut = false;
        }
        if (rest.length <= LONGEST_LINE) return;
        [rest, isCut] = ['', true];
      };
    },
    end: () => {
      for (const end of ends.splice(0)) end();
      if (omitted > 0) onLine(`(${omitted} more lines, or too long ones, were left out)`);
    },
  };
}
