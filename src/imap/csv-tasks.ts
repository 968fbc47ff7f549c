/** The table of ns8's import-csv-tasks: which columns, which defaults, and what becomes of each row. */
import { parseCsv, type CsvRecord } from './csv.ts';
import { accountKey, checkWanted, inputOf, type Checked } from './import-steps.ts';
import type { Ground, Step, Wanted } from './import-steps.ts';
import type { Input } from './input-fields.ts';
import type { Found } from './list.ts';

/** ns8's columns, and the fields of create-task that they are. */
const columns = {
  localusername: 'localuser',
  remoteusername: 'remoteusername',
  remotepassword: 'remotepassword',
  remotehostname: 'remotehostname',
  remoteport: 'remoteport',
  security: 'security',
} as const;

type Column = keyof typeof columns;
const columnNames = Object.keys(columns) as readonly Column[];

/** What ns8's program gives every row; `task_id` is missing, so that create-task makes one. */
const defaults = {
  cron: '',
  delete_local: false,
  delete_remote: false,
  delete_remote_older: 0,
  exclude: '',
  foldersynchronization: 'all',
  sieve_enabled: false,
};

/** `unusable`: nothing of the table may be imported. `remarks` are about the table as a whole. */
export type CsvTasks =
  | { readonly kind: 'read'; readonly rows: readonly Wanted[]; readonly remarks: readonly string[] }
  | { readonly kind: 'unusable'; readonly why: string };

/** Reads the table: values are trimmed, blank rows left out. Nothing that it says holds a password. */
export function readCsvTasks(text: string): CsvTasks {
  const table = parseCsv(text);
  if (table.kind === 'malformed') return { kind: 'unusable', why: table.why };
  const [header, ...records] = table.records.map(trimmed).filter(({ fields }) => !isBlank(fields));
  if (header === undefined) return { kind: 'unusable', why: 'it is empty' };
  const names = header.fields.map((name) => name.toLowerCase());
  const why = headerProblem(names);
  if (why !== undefined) return { kind: 'unusable', why };
  if (records.length === 0) return { kind: 'unusable', why: 'it has no rows' };
  const strange = names.filter((name) => !isColumn(name));
  return {
    kind: 'read',
    rows: records.map((record) => wantedOf(record, names)),
    remarks: strange.length === 0 ? [] : [`these columns are not looked at: ${strange.join(', ')}`],
  };
}

function trimmed({ line, fields }: CsvRecord): CsvRecord {
  return { line, fields: fields.map((field) => field.trim()) };
}

const isBlank = (fields: readonly string[]): boolean => fields.every((field) => field === '');
const isColumn = (name: string): name is Column => Object.hasOwn(columns, name);

function headerProblem(names: readonly string[]): string | undefined {
  const missing = columnNames.filter((name) => !names.includes(name));
  const hint = names.some((name) => /[;\t]/.test(name)) ? ' (columns are separated by commas)' : '';
  if (missing.length > 0) return `the header lacks ${missing.join(', ')}${hint}`;
  const twice = columnNames.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  return twice === undefined ? undefined : `the header has ${twice} twice`;
}

function wantedOf({ line, fields }: CsvRecord, names: readonly string[]): Wanted {
  const value = (column: Column): string => fields[names.indexOf(column)] ?? '';
  const where = `line ${line}`;
  const account = `${value('localusername')} from ${value('remoteusername')} at ${value('remotehostname')}`;
  const extra = fields.slice(names.length);
  if (fields.length < names.length || !isBlank(extra)) {
    // With a comma too many, any of the values may be a piece of the password.
    const why = `it has ${fields.length} values and the header ${names.length}: a value with a comma needs quotes`;
    return { kind: 'unusable', where, account: '(not told apart)', why };
  }
  const empty = columnNames.filter((name) => name !== 'security' && value(name) === '');
  if (empty.length > 0)
    return { kind: 'unusable', where, account, why: `${empty.join(', ')} must not be empty` };
  const given = Object.fromEntries(columnNames.map((name) => [columns[name], value(name)]));
  return { kind: 'input', where, account, input: { ...defaults, ...given } };
}

export type CsvChoice = {
  /** Change what is there already instead of leaving it. */
  readonly update: boolean;
};

/** What becomes of each row: an account that has a task is skipped or updated, one that repeats is skipped. */
export function planCsvTasks(
  rows: readonly Wanted[],
  ground: Ground,
  { update }: CsvChoice,
): readonly Step[] {
  const seen = new Map<string, string>();
  return rows.map((row): Step => {
    const { where, account } = row;
    if (row.kind === 'unusable') return { kind: 'refuse', where, account, why: row.why };
    const checked = checkWanted(row.input, ground);
    if ('why' in checked) return { kind: 'refuse', where, account, why: checked.why };
    const key = accountKey(checked.address, checked.input.task);
    const before = seen.get(key);
    if (before !== undefined) return { kind: 'skip', where, account, why: `the same account as ${before}` };
    seen.set(key, where);
    const input = { ...row.input, localuser: checked.address };
    if (checked.sameLogin === undefined) return { kind: 'create', where, account, input, remarks: [] };
    return { where, account, ...known(checked, checked.sameLogin.found, update) };
  });
}

type Outcome =
  | { readonly kind: 'skip' | 'refuse'; readonly why: string }
  | { readonly kind: 'update'; readonly input: Input; readonly remarks: readonly string[] };

function known({ input }: Checked, found: Found | undefined, update: boolean): Outcome {
  if (found === undefined) {
    const why = 'a sync job that is not ours has this login already; mailcow takes one for one mailbox';
    return { kind: 'refuse', why };
  }
  if (!update)
    return { kind: 'skip', why: `it is the task ${found.task.taskId} already (--update changes it)` };
  const { remotePort: remoteport, security } = input.task;
  return {
    kind: 'update',
    input: { ...inputOf(found), remotepassword: input.password, remoteport, security },
    remarks: [],
  };
}
