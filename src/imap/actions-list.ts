/** list-tasks and get-facts. */
import type { Action } from './actions-parts.ts';
import { knownRecord } from './actions-records.ts';
import { factsOf, tasksAmong, userProperties } from './list.ts';

/** list-tasks: every marked job, and the mailboxes that a task may have. */
export const listTasks: Action = async (parts) => {
  const found = tasksAmong(await parts.jobs.listSyncJobs());
  const { mailboxes } = await parts.mailboxes.listMailboxes();
  const enabled = mailboxes.filter(({ active }) => active === 1);
  const output = {
    enabled_mailboxes: enabled.map(({ address, name }) => ({ name: address, label: name, value: address })),
    user_properties: found.map((one) => userProperties(one, knownRecord(parts, one))),
  };
  return { code: 0, output, notes: [] };
};

/** get-facts: how many tasks of which kind. */
export const getFacts: Action = async ({ jobs }) => ({
  code: 0,
  output: factsOf(tasksAmong(await jobs.listSyncJobs())),
  notes: [],
});
