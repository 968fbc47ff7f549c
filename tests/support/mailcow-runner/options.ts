/** imapsync's reading of its command line: what it takes, and what it rejects before anything else happens. */

export type Options = {
  readonly host1: string;
  readonly port1: number;
  readonly user1: string;
  readonly host2: string;
  readonly user2: string;
  readonly security1: 'tls' | 'ssl' | 'if-offered' | 'none';
  readonly isVerified1: boolean;
  readonly exclude: string;
  readonly folders: readonly string[];
  readonly folderTrees: readonly string[];
  readonly include: readonly string[];
  readonly search1?: string;
  readonly search2?: string;
  /** Days; counts on both sides, by the Date header. */
  readonly minage?: number;
  readonly resyncsFlags: boolean;
  readonly delete1: boolean;
  readonly delete2: boolean;
  readonly delete2duplicates: boolean;
  readonly delete2folders: boolean;
  readonly subscribesAll: boolean;
  readonly isDry: boolean;
  readonly pidfile?: string;
};

const takingValue = new Set(
  [
    ['tmpdir', 'timeout1', 'timeout2', 'exclude', 'host1', 'user1', 'passfile1', 'port1', 'host2', 'user2'],
    ['passfile2', 'folder', 'folderrec', 'include', 'search', 'search1', 'search2', 'minage', 'domain1'],
    ['pidfile', 'sslargs1'],
  ].flat(),
);

const flags = new Set(
  [
    ['nofoldersizes', 'addheader', 'delete2duplicates', 'subscribeall', 'delete', 'delete1', 'delete2'],
    ['tls1', 'ssl1', 'notls1', 'nossl1', 'dry', 'no-modulesversion', 'noreleasecheck', 'noresyncflags'],
    ['resyncflags', 'nosyncacls', 'delete2folders', 'gmail1'],
  ].flat(),
);

type Given = { readonly values: readonly (readonly [string, string])[]; readonly flags: ReadonlySet<string> };

/** The options; a text is what imapsync prints when it rejects the command line, without any exit line. */
export function parseOptions(command: readonly string[]): Options | string {
  const given = readArguments(command);
  if (typeof given === 'string') return given;
  const minage = lastOf(given, 'minage');
  if (minage !== undefined && !/^\d+(?:\.\d+)?$/.test(minage)) {
    return `Value "${minage}" invalid for option minage (real number expected)\n`;
  }
  return optionsOf(given);
}

function readArguments(command: readonly string[]): Given | string {
  const values: [string, string][] = [];
  const set = new Set<string>();
  const extra: string[] = [];
  const rest = [...command];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [, written = '', value] = /^--([^=]+)(?:=([^]*))?$/.exec(argument) ?? [];
    const name = written.toLowerCase();
    if (written === '') extra.push(argument);
    else if (flags.has(name) && value === undefined) set.add(name);
    else if (takingValue.has(name)) values.push([name, value ?? rest.shift() ?? '']);
    else return `Unknown option: ${written}\n`;
  }
  return extra.length === 0 ? { values, flags: set } : extraArguments(extra);
}

const extraArguments = (extra: readonly string[]): string =>
  `Found ${extra.length} extra arguments : [${extra.join('] [')}]\n` +
  'It usually means a quoting issue in the command line or some misspelling options.\n';

const allOf = ({ values }: Given, name: string): readonly string[] =>
  values.filter(([given]) => given === name).map(([, value]) => value);

const lastOf = (given: Given, name: string): string | undefined => allOf(given, name).at(-1);

function optionsOf(given: Given): Options {
  const text = (name: string): string => lastOf(given, name) ?? '';
  const has = (name: string): boolean => given.flags.has(name);
  const search = lastOf(given, 'search');
  const [search1, search2] = ['search1', 'search2'].map((name) => lastOf(given, name) ?? search);
  const [minage, pidfile] = ['minage', 'pidfile'].map((name) => lastOf(given, name));
  return {
    host1: text('host1'),
    port1: Number(text('port1')),
    user1: text('user1'),
    host2: text('host2'),
    user2: text('user2'),
    security1: securityOf(has),
    isVerified1: /SSL_verify_mode=[^0]/.test(text('sslargs1')),
    exclude: text('exclude'),
    folders: allOf(given, 'folder'),
    folderTrees: allOf(given, 'folderrec'),
    include: allOf(given, 'include'),
    ...(search1 !== undefined && { search1 }),
    ...(search2 !== undefined && { search2 }),
    ...(minage !== undefined && { minage: Number(minage) }),
    resyncsFlags: !has('noresyncflags'),
    delete1: has('delete') || has('delete1'),
    delete2: has('delete2'),
    delete2duplicates: has('delete2duplicates'),
    delete2folders: has('delete2folders'),
    subscribesAll: has('subscribeall'),
    isDry: has('dry'),
    ...(pidfile !== undefined && pidfile !== '' && { pidfile }),
  };
}

function securityOf(has: (flag: string) => boolean): Options['security1'] {
  if (has('ssl1')) return 'ssl';
  if (has('tls1')) return 'tls';
  return has('notls1') ? 'none' : 'if-offered';
}
