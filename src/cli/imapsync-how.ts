/** Which task an imapsync action is about, and how it is carried out: what its command line says beside the input. */
import type { ImapsyncCall } from '../app-imapsync.ts';
import type { ActionEntry } from '../imap/actions.ts';
import { UsageError } from './command.ts';

type Line = {
  readonly action: string;
  readonly entry: ActionEntry;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly input: Readonly<Record<string, unknown>>;
  readonly words: { readonly key: string | undefined; readonly more: string | undefined };
};

/** Refuses what the action does not take. Throws UsageError. */
export function readHow(line: Line): Pick<ImapsyncCall, 'key' | 'how' | 'isDry'> {
  const key = readKeyWord(line);
  const isDry = line.values['dry-run'] === true;
  const wait = readWait(line);
  if (isDry && line.entry.writes !== true)
    throw new UsageError(`${line.action} writes nothing: no --dry-run`);
  if (isDry && wait !== undefined)
    throw new UsageError('--dry-run starts nothing that --wait could wait for');
  return { ...(key !== undefined && { key }), how: wait === undefined ? {} : { wait }, isDry };
}

function readKeyWord({ action, entry, input, words: { key, more } }: Line): string | undefined {
  if (more !== undefined) throw new UsageError(`unexpected argument "${more}"`);
  if (key === undefined) return undefined;
  if (entry.takesKey !== true) throw new UsageError(`${action} takes no "${key}"`);
  if ('localuser' in input || 'task_id' in input)
    throw new UsageError(`name the task as ${key} or in --data, not both`);
  return key;
}

function readWait({ action, entry, values }: Line): NonNullable<ImapsyncCall['how']>['wait'] {
  const { wait, timeout } = values;
  if (wait !== true) {
    if (timeout !== undefined) throw new UsageError('--timeout belongs to --wait');
    return undefined;
  }
  if (entry.takesWait !== true) throw new UsageError(`${action} has no run to wait for: no --wait`);
  if (timeout === undefined) return {};
  if (typeof timeout !== 'string' || !/^[1-9]\d{0,6}$/.test(timeout))
    throw new UsageError('--timeout takes seconds');
  return { timeoutMs: Number(timeout) * 1000 };
}
