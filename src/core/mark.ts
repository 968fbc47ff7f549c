/** The mark that says whose an object is: `ldap-mailcow:<owner>:<directory id>` (DESIGN.md 4.5). */

export type Mark = { readonly owner: string; readonly directoryId: string };

const pattern = /ldap-mailcow:([a-z0-9._-]{1,32}):([^\s,;<>"&]{1,400})/;

/**
 * The text of a mark, as it stands in a mailbox tag or in an alias's private comment. Ids that are no plain
 * text (an id attribute of the operator's choice) are percent-encoded.
 */
export function renderMark(mark: Mark): string {
  return `ldap-mailcow:${mark.owner}:${encodeURIComponent(mark.directoryId)}`;
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The mark inside a tag or comment, whatever else stands around it. */
export function parseMark(text: string): Mark | undefined {
  const found = pattern.exec(text);
  const owner = found?.[1];
  const directoryId = found?.[2];
  return owner === undefined || directoryId === undefined
    ? undefined
    : { owner, directoryId: decode(directoryId) };
}

/** All marks among the tags of a mailbox. */
export function marksOf(tags: readonly string[]): readonly Mark[] {
  return tags.map(parseMark).filter((mark) => mark !== undefined);
}

/** The first mark among the tags of a mailbox; our own before a foreign one. */
export function markOfTags(tags: readonly string[], owner: string): Mark | undefined {
  const marks = marksOf(tags);
  return marks.find((mark) => mark.owner === owner) ?? marks[0];
}

/** Beside the mark of a mailbox that was there before us: the ledger may be lost, this must not be (DESIGN.md 4.7). */
export const ADOPTED_TAG = 'ldap-adopted';

/** Follows the mark on the alias that a rename left: the ledger may be lost, this must not be. */
const FORMER = 'former address';

/** The private comment of the alias on a former address. */
export function formerAddressComment(mark: Mark): string {
  return `${renderMark(mark)} ${FORMER}`;
}

/** Whether a comment is that of a former address. */
export function isFormerAddress(comment: string): boolean {
  return comment.endsWith(FORMER) && parseMark(comment) !== undefined;
}

/** A comment that carries our mark and keeps what a person wrote beside it. */
export function commentWithMark(comment: string, mark: Mark): string {
  const rest = comment.replace(pattern, '').replace(FORMER, '').trim();
  const text = renderMark(mark);
  return rest === '' ? text : `${rest} ${text}`;
}

/** A comment, or a description, without our mark; what a person wrote beside it stays. */
export function commentWithoutMark(comment: string): string {
  return comment.replace(pattern, '').replace(FORMER, '').trim();
}
