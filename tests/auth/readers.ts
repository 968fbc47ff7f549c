/** How the programs read what we write: written from their sources and manuals, not from ours. */

const unescaped = (text: string): string => text.replaceAll(/\\([\s\S])/g, '$1');

/** Cuts off a comment, as Dovecot does: a `#` outside of quotes, in which a backslash protects what follows. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i += 1) {
    const char = line.charAt(i);
    if (quote !== '') {
      if (char === '\\') i += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '#') return line.slice(0, i);
  }
  return line;
}

/**
 * A file of settings of Dovecot 2.3 (its lib-settings/settings.c): comments, quotes, `$NAME` of the environment in what is
 * not quoted, lines that go on after a backslash.
 */
export function readDovecotSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let open = '';
  for (const raw of text.split('\n')) {
    const line = withoutComment((open + raw).trim()).trimEnd();
    open = '';
    if (line === '' || line.startsWith('#')) continue;
    if (line.endsWith('\\')) {
      open = line.slice(0, -1);
      continue;
    }
    const [, key = '', value = ''] = /^([^\s=]+)\s*=\s*([\s\S]*)$/.exec(line) ?? [];
    const quoted = value.length > 1 && /^(["'])[\s\S]*\1$/.test(value);
    settings.set(
      key,
      quoted ? unescaped(value.slice(1, -1)) : value.replaceAll(/\$\w+/g, '(of the environment)'),
    );
  }
  return settings;
}

/** Dovecot 2.3's variables in a value: `%%` is a percent sign, anything else behind one is replaced. */
export const expand23 = (text: string, variables: Readonly<Record<string, string>> = {}): string =>
  text.replaceAll(/%(%|\{[^}]*\}|[\s\S]?)/g, (_, what: string) =>
    what === '%' ? '%' : (variables[what] ?? `(variable ${what})`),
  );

/** Dovecot 2.4's: only `%{` begins one, and `%%{` is `%{` (its var-expand-lexer). */
export function expand24(text: string): string {
  let result = '';
  for (let i = 0; i < text.length;) {
    if (text.startsWith('%%{', i)) {
      result += '%{';
      i += 3;
    } else if (text.startsWith('%{', i)) {
      const end = text.indexOf('}', i);
      result += '(variable)';
      i = end === -1 ? text.length : end + 1;
    } else {
      result += text.charAt(i);
      i += 1;
    }
  }
  return result;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Character data of XML; throws for what is none. */
export function readXmlText(text: string): string {
  if (/[<]/.test(text)) throw new Error('markup in character data');
  return text.replaceAll(/&([^;&]*);?/g, (all: string, name: string) => {
    if (!all.endsWith(';')) throw new Error('a bare ampersand');
    const hex = /^#x([0-9a-f]+)$/i.exec(name)?.[1];
    const decimal = /^#(\d+)$/.exec(name)?.[1];
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    const char = named[name];
    if (char === undefined) throw new Error(`an unknown entity ${name}`);
    return char;
  });
}

/** envsubst: `$NAME` and `${NAME}` become the variable or nothing; it knows no escape. */
export const envsubst = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (_, bare?: string, braced?: string) => {
    return variables[bare ?? braced ?? ''] ?? '';
  });

type Read = { readonly filter: string; readonly end: number };

const blanks = (text: string, at: number): number => at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);

function readKeyComparison(text: string, at: number): Read | undefined {
  const match = /^(?:"([^"]*)"|([A-Za-z{][^ <>=!()]*))\s*(=|<=|>=)\s*(?:'([^']*)'|"([^"]*)")/.exec(
    text.slice(at),
  );
  if (match === null) return undefined;
  const [all, quotedKey, key, operator = '', single, double] = match;
  const value = single ?? double ?? '';
  return { filter: `(${quotedKey ?? key ?? ''}${operator}${value})`, end: at + all.length };
}

function readSingle(text: string, start: number): Read | undefined {
  const at = blanks(text, start);
  if (text.charAt(at) === '(') {
    const inner = readQualifiers(text, at + 1);
    if (inner === undefined) return undefined;
    const end = blanks(text, inner.end);
    return text.charAt(end) === ')' ? { filter: inner.filter, end: end + 1 } : undefined;
  }
  // The word need not end there: so does SOPE.
  if (/^not/i.test(text.slice(at))) {
    const inner = readSingle(text, at + 3);
    if (inner !== undefined) return { filter: `(!${inner.filter})`, end: inner.end };
  }
  return readKeyComparison(text, at);
}

function readQualifiers(text: string, at: number): Read | undefined {
  const parts: string[] = [];
  let joined: string | undefined;
  for (let next = at; ;) {
    const one = readSingle(text, next);
    if (one === undefined) return undefined;
    parts.push(one.filter);
    const word = /^\s*(AND|OR)(?=[\s(])/.exec(text.slice(one.end));
    if (word === null || (joined !== undefined && word[1] !== joined)) {
      const filter = joined === undefined ? one.filter : `(${joined === 'AND' ? '&' : '|'}${parts.join('')})`;
      return { filter, end: one.end };
    }
    joined = word[1];
    next = one.end + word[0].length;
  }
}

/** The LDAP filter that SOPE sends for a qualifier (EOQualifierParser.m, EOQualifier+LDAP.m); undefined: it gives up. */
export function readQualifier(text: string): string | undefined {
  const read = readQualifiers(text, 0);
  return read !== undefined && text.slice(read.end).trim() === '' ? read.filter : undefined;
}
