/** Combinations that lose mail, that the engine cannot do, or that this version does not do yet: refused, not bent. */
import { complain, type Complaint, type TaskOptions } from './task.ts';

/** What is read but no part of a task that mailcow's engine could carry out. */
export type Beyond = { readonly older: number; readonly sieve: boolean };

type Rule = {
  readonly field: string;
  readonly applies: (task: TaskOptions, more: Beyond) => boolean;
  readonly error: 'loses_mail' | 'not_supported';
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
  {
    field: 'foldersynchronization',
    applies: ({ mode, deleteLocal, deleteRemote }) => mode === 'inbox' && !deleteRemote && !deleteLocal,
    error: 'not_supported',
    message:
      '"inbox" works with delete_remote only in this version: mail that stays there unread would come again after it was filed away here',
  },
  {
    field: 'delete_remote_older',
    applies: ({ deleteRemote }, { older }) => deleteRemote && older > 0,
    error: 'not_supported',
    message:
      "mailcow's engine cannot delete by age after a copy; in this version only 0 works, which deletes at once",
  },
  {
    field: 'sieve_enabled',
    applies: ({ mode }, { sieve }) => mode === 'inbox' && sieve,
    error: 'not_supported',
    message:
      "mailcow's engine does not run sieve on what it copies, and this version does not do it afterwards",
  },
];

/** A complaint for each rule that is broken. */
export function refusals(task: TaskOptions, more: Beyond): readonly Complaint[] {
  const values: Readonly<Record<string, unknown>> = {
    delete_local: task.deleteLocal,
    foldersynchronization: task.mode,
    delete_remote_older: more.older,
    sieve_enabled: more.sieve,
  };
  return rules
    .filter(({ applies }) => applies(task, more))
    .map(({ field, error, message }) => complain(field, { value: values[field], error, message }));
}

/** What ns8 ignores without a word. */
export function warnings(task: TaskOptions, more: Beyond): readonly string[] {
  return [
    ...(more.sieve ? ['sieve_enabled has no effect: only with foldersynchronization "inbox" it would'] : []),
    ...(more.older > 0 ? ['delete_remote_older has no effect without delete_remote'] : []),
    ...(task.exclude.length > 0 && task.mode !== 'exclusion'
      ? ['exclude has no effect and is not kept: only with foldersynchronization "exclusion" it would']
      : []),
    ...(task.deleteLocal ? ['delete_local deletes messages, but leaves folders that are gone there'] : []),
  ];
}
