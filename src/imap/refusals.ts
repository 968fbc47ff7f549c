/** Combinations that lose mail: refused, not bent. */
import { complain, type Complaint, type TaskOptions } from './task.ts';

/** What was asked for, also where it has no effect. */
export type Asked = { readonly older: number; readonly sieve: boolean; readonly exclude: readonly string[] };

type Rule = {
  readonly field: string;
  readonly applies: (task: TaskOptions) => boolean;
  readonly error: 'loses_mail';
  readonly message: string;
};

const rules: readonly Rule[] = [
  {
    field: 'delete_local',
    applies: ({ mode, deleteLocal }) => mode === 'inbox' && deleteLocal,
    error: 'loses_mail',
    message:
      'with foldersynchronization "inbox" only unread mail is compared: imapsync would delete everything here that has been read there',
  },
  {
    field: 'delete_local',
    applies: ({ deleteLocal, deleteRemote }) => deleteLocal && deleteRemote,
    error: 'loses_mail',
    message:
      'with delete_remote each message would be deleted there after it arrived, and here because it is no longer there',
  },
];

/** A complaint for each rule that is broken. */
export function refusals(task: TaskOptions): readonly Complaint[] {
  return rules
    .filter(({ applies }) => applies(task))
    .map(({ field, error, message }) => complain(field, { value: true, error, message }));
}

/** What ns8 ignores without a word. */
export function warnings(task: TaskOptions, asked: Asked): readonly string[] {
  return [
    ...(asked.sieve && !task.sieve
      ? ['sieve_enabled has no effect: only with foldersynchronization "inbox" it would']
      : []),
    ...(asked.older > 0 && !task.deleteRemote
      ? ['delete_remote_older has no effect without delete_remote']
      : []),
    ...(asked.exclude.length > 0 && task.mode !== 'exclusion'
      ? ['exclude has no effect and is not kept: only with foldersynchronization "exclusion" it would']
      : []),
    ...(task.deleteLocal ? ['delete_local deletes messages, but leaves folders that are gone there'] : []),
  ];
}
