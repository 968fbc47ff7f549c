/** What is remembered of tasks, for commands: a file is made only when there is something to remember. */
import { openStateFile, type AppOptions } from './app.ts';
import type { TaskRecords } from './ports-imap.ts';
import type { State } from './ports-state.ts';

/** Opens the state file at the first use. Its methods throw StateError. */
export function openRecords(options: Pick<AppOptions, 'config' | 'log'>): TaskRecords & { close(): void } {
  let opened: { readonly state: State; readonly readOnly: boolean } | undefined;
  const open = (readOnly: boolean): State => {
    if (opened !== undefined && (readOnly || !opened.readOnly)) return opened.state;
    opened?.state.close();
    opened = { state: openStateFile({ ...options, readOnly }), readOnly };
    return opened.state;
  };
  return {
    tasks: () => open(true).tasks(),
    task: (mailbox, taskId) => open(true).task(mailbox, taskId),
    saveTask: (record) => {
      open(false).saveTask(record);
    },
    patchTask: (key, patch) => {
      open(false).patchTask(key, patch);
    },
    dropTask: (mailbox, taskId) => {
      open(false).dropTask(mailbox, taskId);
    },
    close: () => opened?.state.close(),
  };
}
