/** Makes what a command prints the same at each run: times, ids and durations become fixed ones. */

/** In the order of their first appearance; a text that comes again gets the same one. */
function numbered(pattern: RegExp, nameOf: (index: number) => string): (text: string) => string {
  const seen = new Map<string, string>();
  return (text) =>
    text.replaceAll(pattern, (found) => {
      const known = seen.get(found) ?? nameOf(seen.size);
      seen.set(found, known);
      return known;
    });
}

/** Eight hex digits that look like what they stand for. */
const idOf = (index: number): string => ((index + 1) * 0x1b3d_5f71).toString(16).slice(-8).padStart(8, '0');

export type Stable = (text: string) => string;

/** One for a whole story: an id that comes in two outputs stays one id. */
export function stabilizer(): Stable {
  const ids = numbered(/\b[0-9a-f]{8}\b/g, idOf);
  const uuids = numbered(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (index) => `(id ${index + 1})`);
  return (text) =>
    ids(
      uuids(text)
        .replaceAll(/\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.\d+)?(Z?)/g, '2026-11-21$110:00:00$2')
        .replaceAll(/\b\d\d:\d\d(:\d\d)?(?= |$)/gm, (_time, seconds: string | undefined) =>
          seconds === undefined ? '10:00' : '10:00:00',
        )
        .replaceAll(/\b\d+\.\d s\b/g, '0.1 s')
        .replaceAll(/\b127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
        .replaceAll(/\b\d+ (s|second|seconds|min|minute|minutes) ago\b/g, 'a moment ago'),
    );
}
