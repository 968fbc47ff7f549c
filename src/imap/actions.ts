/** ns8's actions on mailcow's sync jobs: JSON in, JSON and an exit code out. */
import { createTask } from './actions-create.ts';
import { deleteTask } from './actions-delete.ts';
import { getFacts, listTasks } from './actions-list.ts';
import { getLog } from './actions-log.ts';
import type { Action } from './actions-parts.ts';
import { listInformations } from './actions-sizes.ts';
import { startAllTasks, startTask } from './actions-start.ts';
import { status } from './actions-status.ts';
import { stopAllTasks, stopTask } from './actions-stop.ts';

export { createTask } from './actions-create.ts';
export type { ActionResult, ImapsyncParts } from './actions-parts.ts';

/** One action and what its command line may have. */
export type ActionEntry = {
  readonly act: Action;
  /** It is about one task, which `<user>_<task id>` may name. */
  readonly takesKey?: boolean;
  readonly takesWait?: boolean;
  /** It changes something, which `--dry-run` shows. */
  readonly writes?: boolean;
};

/** Each by its name. */
export const taskActions: Readonly<Record<string, ActionEntry>> = {
  'create-task': { act: createTask, takesWait: true, writes: true },
  'delete-task': { act: deleteTask, takesKey: true, takesWait: true, writes: true },
  'start-task': { act: startTask, takesKey: true, takesWait: true, writes: true },
  'stop-task': { act: stopTask, takesKey: true, takesWait: true, writes: true },
  'start-all-tasks': { act: startAllTasks, writes: true },
  'stop-all-tasks': { act: stopAllTasks, writes: true },
  status: { act: status, takesKey: true },
  'list-tasks': { act: listTasks },
  'list-informations': { act: listInformations, takesKey: true },
  'get-log': { act: getLog, takesKey: true },
  'get-facts': { act: getFacts },
};
