/** Which folders of a mailbox a task looks at. */
import type { ListResponse } from 'imapflow';
import { toRegExp } from '../core/folder-pattern.ts';
import type { FolderChoice } from '../ports-mail.ts';
import { MailError } from './errors.ts';

const quote = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** What others share is never looked at (ns8's `--exclude '^Shared(/.*)?$|^Public(/.*)?$'`). */
const isOthers = ({ path, delimiter }: ListResponse): boolean =>
  new RegExp(`^(?:Shared|Public)(?:${quote(delimiter === '' ? '/' : delimiter)}.*)?$`, 's').test(path);

function compile(pattern: string): RegExp {
  try {
    return toRegExp(pattern);
  } catch {
    throw new MailError(`exclude: “${pattern}” is no regular expression`, { transient: false });
  }
}

const holdsMail = ({ flags }: ListResponse): boolean =>
  ![...flags].some((flag) => /^\\(?:noselect|nonexistent)$/i.test(flag));

/**
 * The folders of the choice that can hold mail, in the order of the list. Exclusions match anywhere in the path, with
 * case unless they begin with Perl's `(?i)`. Throws a MailError for a pattern that is none.
 */
export function chooseFolders(
  folders: readonly ListResponse[],
  { inboxOnly, exclude }: FolderChoice,
): readonly ListResponse[] {
  const excluded = exclude.filter((pattern) => pattern !== '').map(compile);
  return folders.filter(
    (folder) =>
      holdsMail(folder) &&
      (!inboxOnly || folder.path.toUpperCase() === 'INBOX') &&
      !isOthers(folder) &&
      !excluded.some((pattern) => pattern.test(folder.path)),
  );
}
