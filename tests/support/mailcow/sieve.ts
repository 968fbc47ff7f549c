/** Just enough of mailcow's sieve parser to accept what it accepts and to say what it says of common mistakes. */

type Token = { readonly kind: Kind; readonly text: string; readonly line: number };
type Kind = 'string' | 'number' | 'tag' | 'identifier' | 'punctuation' | 'end';

const patterns: readonly (readonly [Kind | 'space', RegExp])[] = [
  ['space', /(?:\s+|#[^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['string', /text:[^\n]*\n[\s\S]*?\n\.\r?\n|"(?:\\[\s\S]|[^"\\])*"/y],
  ['number', /\d+[KMG]?/iy],
  ['tag', /:[a-z_]\w*/iy],
  ['identifier', /[a-z_]\w*/iy],
  ['punctuation', /[{}()[\];,]/y],
];

const names: Readonly<Record<string, string>> = {
  '{': 'block start',
  '}': 'block end',
  '(': 'left parenthesis',
  ')': 'right parenthesis',
  '[': 'left bracket',
  ']': 'right bracket',
  ';': 'semicolon',
  ',': 'comma',
};

const baseCommands = ['require', 'if', 'elsif', 'else', 'stop', 'keep', 'discard', 'redirect'];
const commandsOf: Readonly<Record<string, readonly string[]>> = {
  fileinto: ['fileinto'],
  reject: ['reject'],
  ereject: ['ereject'],
  vacation: ['vacation'],
  variables: ['set'],
  imap4flags: ['setflag', 'addflag', 'removeflag', 'mark', 'unmark'],
  imapflags: ['setflag', 'addflag', 'removeflag', 'mark', 'unmark'],
  editheader: ['addheader', 'deleteheader'],
  enotify: ['notify'],
  notify: ['notify', 'denotify'],
  include: ['include', 'return', 'global'],
  'vnd.dovecot.pipe': ['pipe'],
  'vnd.dovecot.filter': ['filter'],
  'vnd.dovecot.execute': ['execute'],
  'vnd.dovecot.debug': ['debug_log'],
};

const testsWithStrings = ['header', 'address', 'envelope', 'exists', 'string', 'date', 'currentdate', 'body'];

/** mailcow's complaint about a script, or undefined when it takes it. */
export function sieveProblem(script: string): string | undefined {
  const tokens = tokenize(script);
  if (typeof tokens === 'string') return tokens;
  try {
    readCommands({ tokens, at: 0, known: new Set(baseCommands) }, false);
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? error.message : String(error);
  }
}

function tokenize(script: string): readonly Token[] | string {
  const tokens: Token[] = [];
  let at = 0;
  while (at < script.length) {
    const found = longestAt(script, at);
    const line = script.slice(0, at).split('\n').length;
    if (!found) return `line ${line}: unknown token near ${script.slice(at, at + 1)}`;
    if (found.kind !== 'space') tokens.push({ kind: found.kind, text: found.text, line });
    at += found.text.length;
  }
  return [...tokens, { kind: 'end', text: '', line: script.split('\n').length }];
}

function longestAt(script: string, at: number): { kind: Kind | 'space'; text: string } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(script)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return undefined;
}

type Reader = { readonly tokens: readonly Token[]; at: number; readonly known: Set<string> };

function peek(reader: Reader): Token {
  return reader.tokens[reader.at] ?? { kind: 'end', text: '', line: 1 };
}

function describe(token: Token): string {
  return token.kind === 'end' ? 'end of script' : (names[token.text] ?? token.kind);
}

function fail(token: Token, expected: string): never {
  const near = token.kind === 'end' ? '' : ` near ${token.text}`;
  throw new SyntaxError(`line ${token.line}: ${describe(token)} where ${expected} expected${near}`);
}

function readCommands(reader: Reader, inBlock: boolean): void {
  for (;;) {
    const token = peek(reader);
    if (token.kind === 'end' && !inBlock) return;
    if (token.text === '}' && inBlock) {
      reader.at += 1;
      return;
    }
    readCommand(reader);
  }
}

function readCommand(reader: Reader): void {
  const command = peek(reader);
  if (command.kind !== 'identifier') fail(command, 'identifier');
  const name = command.text.toLowerCase();
  if (!reader.known.has(name)) {
    throw new SyntaxError(`line ${command.line}: unknown command ${command.text}`);
  }
  reader.at += 1;
  if (name === 'if' || name === 'elsif') readTest(reader);
  const from = reader.at;
  readArguments(reader);
  if (name === 'require') learn(reader, from);
  if (['if', 'elsif', 'else'].includes(name)) readBlock(reader);
  else expect(reader, ';');
}

function learn(reader: Reader, from: number): void {
  for (const token of reader.tokens.slice(from, reader.at)) {
    for (const command of commandsOf[token.text.replaceAll('"', '')] ?? []) reader.known.add(command);
  }
}

function readBlock(reader: Reader): void {
  expect(reader, '{');
  readCommands(reader, true);
}

function expect(reader: Reader, text: string): void {
  const token = peek(reader);
  if (token.text !== text) fail(token, names[text] ?? text);
  reader.at += 1;
}

function readTest(reader: Reader): void {
  const test = peek(reader);
  if (test.kind !== 'identifier') fail(test, 'identifier');
  reader.at += 1;
  if (test.text === 'not') {
    readTest(reader);
    return;
  }
  const from = reader.at;
  readArguments(reader);
  if (reader.at === from && testsWithStrings.includes(test.text)) fail(peek(reader), 'string list');
}

/** Tags, strings, numbers, lists of strings and the parenthesized tests of allof and anyof. */
function readArguments(reader: Reader): void {
  for (;;) {
    const token = peek(reader);
    if (token.text === '[') readList(reader, ']');
    else if (token.text === '(') readList(reader, ')');
    else if (['string', 'number', 'tag'].includes(token.kind)) reader.at += 1;
    else return;
  }
}

function readList(reader: Reader, close: string): void {
  do {
    reader.at += 1;
    if (close === ')') readTest(reader);
    else if (peek(reader).kind === 'string') reader.at += 1;
    else fail(peek(reader), 'string');
  } while (peek(reader).text === ',');
  expect(reader, close);
}
