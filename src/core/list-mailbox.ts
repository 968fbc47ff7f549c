/** What tells the mailbox of a list from somebody's own. */
import type { ListFilter } from './list-filter.ts';
import type { Mailbox } from './model.ts';
import { storedName } from './person.ts';

const SUFFIX = ' (list)';

/** How many characters mailcow keeps of a name. */
const MAX_NAME = 255;

/** The name of the mailbox of a list; however long the account's is, its end tells what it is. */
export function nameOfListMailbox(account: string): string {
  return storedName(`${[...account].slice(0, MAX_NAME - SUFFIX.length).join('')}${SUFFIX}`);
}

/** Whether a mailbox that is ours is a list: somebody's own is neither named like one nor has it such a filter. */
export function isListMailbox(mailbox: Mailbox, filter: ListFilter | undefined): boolean {
  return filter?.id !== undefined || mailbox.name.endsWith(SUFFIX);
}
