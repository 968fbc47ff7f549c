/** Sentences about the file of an older tool. */
import type { Found } from './import.ts';

const counted = (count: number, one: string, several: string): string =>
  `${count} ${count === 1 ? one : several}`;

function content({ older: { entries, unreadable } }: Found): string {
  const mailboxes = entries.filter(({ resource }) => resource === 'mailbox').length;
  const aliases = entries.length - mailboxes;
  const left =
    unreadable === 0 ? '' : `; ${counted(unreadable, 'row is', 'rows are')} no address and left out`;
  return `${counted(mailboxes, 'mailbox', 'mailboxes')} and ${counted(aliases, 'alias', 'aliases')}${left}`;
}

/** One of these files has what nobody should read. */
const hashes = ({ older, copy }: Found): string =>
  older.tool === 'mailcow-ldap-sync'
    ? `. It holds password hashes, and so may the tool's log: delete ${copy} and mailcow_ldap_sync.log when you do not want to go back`
    : '';

/** For `check`, before anything is done. */
export function sayFound(found: Found): string {
  const { path, copy } = found;
  const kept = copy === path ? 'leaves it as it is' : `keeps it as ${copy}`;
  return `${path} is the file of an older tool (${content(found)}): the first sync reads it and ${kept}${hashes(found)}`;
}

/** For the log, when it is done. */
export function sayImported(found: Found): string {
  const { path, copy } = found;
  return `read ${path}, the file of an older tool: ${content(found)}. For the way back it is kept as ${copy}${hashes(found)}`;
}
