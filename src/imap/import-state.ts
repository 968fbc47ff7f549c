/**
 * The state folder of ns8-imapsync: a task is `imapsync/<localuser>_<task_id>.env` with its password in `.pwd` beside it
 * and, when it has a schedule, `cron/<localuser>_<task_id>.cron` (facts/imapsync.md sections 1 to 1.3, and what its
 * create-task writes).
 */
import type { Ground, Step, Wanted } from './import-steps.ts';
import { checkWanted, isSameLogin } from './import-steps.ts';
import type { Input } from './input-fields.ts';
import { parseCronFile } from './import-state-cron.ts';
import { parseEnvFile } from './import-state-env.ts';

/** One task as its files have it. */
export type StateTask = {
  /** The name of the files without their ends. */
  readonly key: string;
  readonly env: string;
  /** undefined: there is no such file. */
  readonly password?: string;
  readonly cron?: string;
};

/** What a file of a task says, with values that are no task's own left out. */
type Variables = Readonly<Record<string, string | undefined>>;

/** create-task's input for each of them, in the order of their names. */
export function readStateTasks(tasks: readonly StateTask[]): readonly Wanted[] {
  return tasks
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((task): Wanted => {
      const variables = parseEnvFile(task.env);
      const where = `${task.key}.env`;
      const account = accountOf(variables);
      const why = problemOf(task, variables);
      if (why !== undefined) return { kind: 'unusable', where, account, why };
      const { cron, remarks } = scheduleOf(task, variables);
      return { kind: 'input', where, account, input: inputOf(task, variables, cron), remarks };
    });
}

function accountOf({ LOCALUSER, REMOTEUSERNAME, REMOTEHOSTNAME }: Variables): string {
  return `${LOCALUSER ?? '?'} from ${REMOTEUSERNAME ?? '?'} at ${REMOTEHOSTNAME ?? '?'}`;
}

const needed = ['TASK_ID', 'LOCALUSER', 'REMOTEUSERNAME', 'REMOTEHOSTNAME', 'REMOTEPORT'];

/** Words that ns8 writes for yes and no, and those that a person would. */
const flags: Readonly<Record<string, boolean>> = {
  '': false,
  '0': false,
  '1': true,
  false: false,
  true: true,
  '--delete1': true,
  '--delete2': true,
};
const securities: Readonly<Record<string, string>> = {
  '': '',
  '--tls1': 'tls',
  tls: 'tls',
  '--ssl1': 'ssl',
  ssl: 'ssl',
};

const wordOf = (variables: Variables, name: string): string => (variables[name] ?? '').toLowerCase();
const agePattern = /^--delete1older=(\d+)$/;

function problemOf({ key, password }: StateTask, variables: Variables): string | undefined {
  const missing = needed.filter((name) => (variables[name] ?? '') === '');
  if (missing.length > 0) return `it lacks ${missing.join(', ')}`;
  if (key !== `${variables['LOCALUSER'] ?? ''}_${variables['TASK_ID'] ?? ''}`)
    return 'its name does not fit LOCALUSER and TASK_ID in it, so whose password it needs is not certain';
  if (password === undefined || password === '')
    return `there is no password: ${key}.pwd is missing or empty`;
  if (!Object.hasOwn(securities, wordOf(variables, 'SECURITY')))
    return 'SECURITY is neither --tls1 nor --ssl1 nor empty';
  const strange = ['DELETE_LOCAL', 'DELETE_REMOTE', 'SIEVE_ENABLED'].find((name) => {
    const word = wordOf(variables, name);
    return !Object.hasOwn(flags, word) && !(name === 'DELETE_REMOTE' && agePattern.test(word));
  });
  return strange === undefined ? undefined : `what ${strange} says is not understood`;
}

function inputOf({ password }: StateTask, variables: Variables, cron: string): Input {
  const flag = (name: string): boolean => flags[wordOf(variables, name)] ?? false;
  const age = agePattern.exec(wordOf(variables, 'DELETE_REMOTE'))?.[1];
  const days = age ?? variables['DELETE_REMOTE_OLDER'];
  return {
    task_id: variables['TASK_ID'],
    localuser: variables['LOCALUSER'],
    remoteusername: variables['REMOTEUSERNAME'],
    remotehostname: variables['REMOTEHOSTNAME'],
    remotepassword: password,
    remoteport: variables['REMOTEPORT'],
    security: securities[wordOf(variables, 'SECURITY')],
    delete_local: flag('DELETE_LOCAL'),
    delete_remote: age !== undefined || flag('DELETE_REMOTE'),
    ...(days !== undefined && days !== '' && { delete_remote_older: days }),
    exclude: variables['EXCLUDE'] ?? '',
    cron,
    foldersynchronization: variables['FOLDERSYNCHRONIZATION'] ?? 'all',
    sieve_enabled: flag('SIEVE_ENABLED'),
  };
}

/** CRON of the task is what its interface showed; the cron file is written from it, and may have been edited. */
function scheduleOf(
  task: StateTask,
  { CRON: said = '' }: Variables,
): { readonly cron: string; readonly remarks: readonly string[] } {
  const ran = task.cron === undefined ? undefined : parseCronFile(task.cron);
  if (ran === undefined || ran === said) return { cron: said, remarks: [] };
  if (said === '') return { cron: ran, remarks: [] };
  const remark = `CRON says "${said}" and ${task.key}.cron "${ran}": "${said}" is taken, edit the task if that is wrong`;
  return { cron: said, remarks: [remark] };
}

/** What becomes of each task: one with the same id and login is there already and is left as it is. */
export function planStateTasks(tasks: readonly Wanted[], ground: Ground): readonly Step[] {
  return tasks.map((task): Step => {
    const { where, account } = task;
    if (task.kind === 'unusable') return { kind: 'refuse', where, account, why: task.why };
    const checked = checkWanted(task.input, ground);
    if ('why' in checked) return { kind: 'refuse', where, account, why: checked.why };
    const { sameId, sameLogin } = checked;
    if (sameId !== undefined) {
      const { taskId } = sameId.task;
      if (isSameLogin(sameId.job, checked.input.task))
        return { kind: 'skip', where, account, why: `it is the task ${taskId} already` };
      const why = `the mailbox has a task ${taskId} already, for another login (${sameId.job.user} at ${sameId.job.host})`;
      return { kind: 'refuse', where, account, why };
    }
    if (sameLogin !== undefined) {
      const { found } = sameLogin;
      const owner = found === undefined ? 'a sync job that is not ours' : `the task ${found.task.taskId}`;
      const why = `mailcow takes one sync job for one login into a mailbox, and ${owner} is for this one already`;
      return { kind: 'refuse', where, account, why };
    }
    const input = { ...task.input, localuser: checked.address };
    return { kind: 'create', where, account, input, remarks: task.remarks ?? [] };
  });
}
