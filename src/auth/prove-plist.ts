/**
 * A source for SOGo that is no property list takes the login away from everybody, not only from the directory's people
 * (facts/auth.md section 5): so what came of a template is read once before SOGo does. Pure.
 */
import { RenderError } from './render-error.ts';

type Open = { readonly name: string; readonly children: string[] };

const tag = /^<(\/?)([a-z]+)\s*(\/?)>/;
const comment = /<!--[\s\S]*?-->/g;
const entity = /&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/gi;

const isDict = ({ children }: Open): boolean =>
  children.length % 2 === 0 && children.every((name, index) => (name === 'key') === (index % 2 === 0));

/** Closes the innermost element; undefined: it does not close so, or a dict has not a value for each key. */
function close(open: readonly Open[], name: string): readonly Open[] | undefined {
  const last = open.at(-1);
  if (last?.name !== name || (name === 'dict' && !isDict(last))) return undefined;
  open.at(-2)?.children.push(name);
  return open.slice(0, -1);
}

function step(
  open: readonly Open[],
  [, end, name = '', empty]: RegExpExecArray,
): readonly Open[] | undefined {
  if (end === '/') return close(open, name);
  const inner = [...open, { name, children: [] }];
  return empty === '/' ? close(inner, name) : inner;
}

const holders = new Set(['', 'dict', 'array']);

/** Text stands in elements that hold nothing else, and its signs are written as entities. */
function isText(text: string, open: readonly Open[]): boolean {
  const holdsElements = holders.has(open.at(-1)?.name ?? '');
  return holdsElements ? text.trim() === '' : !text.replaceAll(entity, '').includes('&');
}

/** Whether each element is closed where it must be, and nothing stands outside of the outermost, all of them dicts. */
function isList(text: string): boolean {
  const [before = '', ...parts] = text.split('<');
  let open: readonly Open[] = [{ name: '', children: [] }];
  if (!isText(before, open)) return false;
  for (const part of parts) {
    const match = tag.exec(`<${part}`);
    const next = match === null ? undefined : step(open, match);
    if (match === null || next === undefined) return false;
    if (!isText(part.slice(match[0].length - 1), next)) return false;
    open = next;
  }
  return open.length === 1 && open[0]?.children.every((name) => name === 'dict') === true;
}

/** Throws RenderError with the name of the file. */
export function provePlist(text: string, file: string): void {
  if (isList(text.replaceAll(comment, ''))) return;
  throw new RenderError(
    `${file}: this is no <dict> of a property list, and SOGo would let nobody in: close each element, and give each <key> one value`,
  );
}
