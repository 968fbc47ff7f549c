/** The file `crontab` beside scripts of the operator: five fields of cron (or `@hourly`), `name.custom`, and its words. */

/** One script and when it runs; `line` counts from 1. */
export type CrontabEntry = {
  readonly line: number;
  readonly schedule: string;
  readonly script: string;
  readonly words: readonly string[];
};

/** A line that is not run, with a sentence that says what to write instead. */
export type CrontabProblem = { readonly line: number; readonly message: string };

export type Crontab = {
  readonly entries: readonly CrontabEntry[];
  readonly problems: readonly CrontabProblem[];
};

type Judged = Omit<CrontabEntry, 'line'> | { readonly message: string };
type IsSchedule = (expression: string) => boolean;

/** Reads it all; comments and empty lines are left out, and a line that cannot be run does not stop the others. */
export function parseCrontab(text: string, isSchedule: IsSchedule): Crontab {
  const judged = text
    .split(/\r?\n/)
    .map((content, index) => ({ line: index + 1, content: content.trim() }))
    .filter(({ content }) => content !== '' && !content.startsWith('#'))
    .map(({ line, content }) => ({ line, ...judgeLine(content, isSchedule) }));
  return {
    entries: judged.flatMap((each) => ('message' in each ? [] : [each])),
    problems: judged.flatMap((each) => ('message' in each ? [each] : [])),
  };
}

const variablePattern = /^[A-Za-z_]\w*\s*=/;
/** Characters that mean something to a shell, or to cron; nothing here would give them that meaning. */
const shellPattern = /["'`\\$|&;<>%]/;

function judgeLine(content: string, isSchedule: IsSchedule): Judged {
  if (variablePattern.test(content))
    return { message: 'variables are not set here: write them into the script itself' };
  const words = content.split(/\s+/);
  const size = scheduleSize(words);
  const [script, ...rest] = words.slice(size);
  if (script === undefined || !isScriptName(script)) return { message: refusalOf(content) };
  if (rest.some((word) => shellPattern.test(word)))
    return { message: 'there is no shell: quotes, pipes and redirections belong into the script itself' };
  const schedule = words.slice(0, size).join(' ');
  if (isSchedule(schedule)) return { schedule, script, words: rest };
  if (schedule === '@reboot') return { message: '@reboot is no time; write five fields, like "*/5 * * * *"' };
  return { message: `"${schedule}" is no schedule; write five fields, like "1 */2 * * *"` };
}

/** The words before the script: one like `@hourly`, or five fields. */
const scheduleSize = (words: readonly string[]): number => (words[0]?.startsWith('@') === true ? 1 : 5);

/** Whether a name is that of a script in the folder itself. */
function isScriptName(name: string): boolean {
  return /^[^/]+\.custom$/.test(name);
}

function refusalOf(content: string): string {
  const rewritten = rewriteLine(content);
  if (rewritten === undefined) return 'only scripts of this folder are run, and their names end in .custom';
  return `only scripts of this folder are run, as the user of this program; write: ${rewritten}`;
}

/**
 * A line of ns8's cron files (schedule, user, path of a `*.custom`, words) as it is written here; undefined for a line
 * that runs no `*.custom`, sets a variable, or says nothing.
 */
export function rewriteLine(content: string): string | undefined {
  const line = content.trim();
  if (line.startsWith('#') || variablePattern.test(line)) return undefined;
  const words = line.split(/\s+/);
  const size = scheduleSize(words);
  const at = words.findIndex((word, index) => index >= size && isScriptName(baseName(word)));
  const script = words[at];
  if (script === undefined) return undefined;
  return [...words.slice(0, size), baseName(script), ...words.slice(at + 1)].join(' ');
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
