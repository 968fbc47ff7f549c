/** Writes to aliases, taken back. */
import type { WrittenChange } from './before-image.ts';
import type { Fields } from './change.ts';
import { isActive, sameGoto, UNKNOWN_ID } from './current.ts';
import { commentWithMark, commentWithoutMark, markOfTags, parseMark } from './mark.ts';
import type { Alias } from './model.ts';
import { isProtected } from './plan-context.ts';
import {
  addressNow,
  back,
  fieldsBack,
  lost,
  pushBack,
  stays,
  type UndoInput,
  type Work,
} from './undo-context.ts';
import { isStrayId } from './watch.ts';

const fieldsOf = (alias: Alias | undefined): Fields =>
  alias === undefined
    ? {}
    : {
        goto: alias.goto,
        active: alias.active,
        internal: alias.internal,
        senderAllowed: alias.senderAllowed,
      };

/** By its mark; the alias that a rename left may have none yet. */
function isOurs(
  { address, privateComment }: Alias,
  directoryId: string,
  { settings, ledger }: UndoInput,
): boolean {
  const mark = parseMark(privateComment);
  if (mark !== undefined) return mark.owner === settings.owner && mark.directoryId === directoryId;
  return ledger.aliases.get(address)?.directoryId === directoryId;
}

function findOurs(written: WrittenChange, work: Work): Alias | undefined {
  const { key, directoryId } = written.change;
  const { scene, input } = work;
  const alias = scene.aliases.get(key);
  if (alias === undefined) stays(written, 'is not there any more', work);
  else if (isProtected(key, input.settings)) stays(written, 'the address is protected', work);
  else if (!isOurs(alias, directoryId, input))
    stays(written, 'does not bear the mark of its entry any more', work);
  else return alias;
  return undefined;
}

/** Whoever led it elsewhere wants it. */
function isAsWeLeft(
  { address, goto }: Alias,
  { after }: WrittenChange['change'],
  { ledger }: UndoInput,
): boolean {
  const left = ledger.aliases.get(address)?.applied?.goto ?? after.goto;
  return left === undefined || sameGoto(left, goto);
}

function undoCreate(written: WrittenChange, work: Work): void {
  const { key } = written.change;
  const alias = findOurs(written, work);
  if (alias === undefined) return;
  if (!isAsWeLeft(alias, written.change, work.input)) {
    stays(written, `leads to ${alias.goto.join(', ')} since: left as it is`, work);
    return;
  }
  pushBack(back(written, work.input, { kind: 'remove', key, before: { goto: alias.goto } }), work);
  work.scene.aliases.delete(key);
}

/** Mailboxes that were renamed since are where they are now. */
const gotoNow = ({ goto }: Alias, work: Work): readonly string[] => [
  ...new Set(goto.map((target) => addressNow(target, work))),
];

function undoFields(written: WrittenChange, work: Work): void {
  const { change, image } = written;
  const alias = findOurs(written, work);
  if (alias === undefined) return;
  const former = image.alias && { ...image.alias, goto: gotoNow(image.alias, work) };
  const fields = fieldsBack(written, { shown: fieldsOf(alias), image: fieldsOf(former) }, work);
  if (fields === undefined) return;
  // One that changed hands goes back to whom it was.
  const formerId = image.alias && parseMark(image.alias.privateComment)?.directoryId;
  const directoryId = isStrayId(change.directoryId) ? change.directoryId : (formerId ?? change.directoryId);
  const { active } = fields.after;
  const isActivity = active !== undefined && change.kind !== 'update';
  const kind = !isActivity ? 'update' : isActive(active) ? 'reactivate' : 'deactivate';
  const mark = { owner: work.input.settings.owner, directoryId };
  pushBack(back(written, work.input, { kind, key: change.key, directoryId, ...fields }), work);
  const privateComment =
    directoryId === change.directoryId ? alias.privateComment : commentWithMark(alias.privateComment, mark);
  work.scene.aliases.set(change.key, { ...alias, ...(fields.after as Partial<Alias>), privateComment });
}

/** What a person had written there; our mark alone leaves nothing. */
function commentBefore(alias: Alias, { change, image }: WrittenChange, { settings }: UndoInput): string {
  const former = image.alias?.privateComment;
  const mark = { owner: settings.owner, directoryId: change.directoryId };
  const isAsWeLeft = former !== undefined && commentWithMark(former, mark) === alias.privateComment;
  return isAsWeLeft ? former : commentWithoutMark(alias.privateComment);
}

function giveUp(written: WrittenChange, work: Work): void {
  const { key } = written.change;
  const alias = findOurs(written, work);
  if (alias === undefined) return;
  const comment = commentBefore(alias, written, work.input);
  pushBack(back(written, work.input, { kind: 'release', key, after: { comment } }), work);
  work.scene.aliases.set(key, { ...alias, privateComment: comment });
}

function undoActivity(written: WrittenChange, work: Work): void {
  const { change, image } = written;
  undoFields(written, work);
  if (change.kind !== 'deactivate' || !isStrayId(change.directoryId)) return;
  if (image.alias !== undefined && parseMark(image.alias.privateComment) === undefined) giveUp(written, work);
}

/** Whether an alias of a person would lead to somebody else who has the mailbox's address now. Lists lead to others. */
function isOfAnother({ goto, senderAllowed }: Alias, directoryId: string, { scene, input }: Work): boolean {
  const [target, more] = goto;
  if (target === undefined || more !== undefined || !senderAllowed || isStrayId(directoryId)) return false;
  const mark = markOfTags(scene.mailboxes.get(target)?.tags ?? [], input.settings.owner);
  return mark !== undefined && mark.directoryId !== directoryId;
}

function undoRemove(written: WrittenChange, work: Work): void {
  const { key } = written.change;
  const { scene, input } = work;
  const { alias } = written.image;
  if (alias === undefined) {
    if (written.change.kind === 'remove') lost(written, 'the journal does not know where it led', work);
    return;
  }
  if (scene.aliases.has(key) || scene.mailboxes.has(key)) {
    stays(written, 'somebody else has the address now', work);
    return;
  }
  if (isProtected(key, input.settings)) {
    stays(written, 'the address is protected', work);
    return;
  }
  const { active, internal, senderAllowed, privateComment: comment } = alias;
  const directoryId = parseMark(comment)?.directoryId ?? written.change.directoryId;
  const goto = gotoNow(alias, work);
  if (isOfAnother({ ...alias, goto }, directoryId, work)) {
    stays(written, `${goto.join(', ')}, where it led, is somebody else’s now`, work);
    return;
  }
  const after = { goto, active, internal, senderAllowed, comment };
  pushBack(back(written, input, { kind: 'create', key, directoryId, after }), work);
  scene.aliases.set(key, { ...alias, goto, id: UNKNOWN_ID });
}

function undoRelease(written: WrittenChange, work: Work): void {
  const { key, directoryId } = written.change;
  const { scene, input } = work;
  const alias = scene.aliases.get(key);
  if (alias === undefined) stays(written, 'is not there any more', work);
  else if (parseMark(alias.privateComment) !== undefined) stays(written, 'bears a mark again', work);
  else {
    pushBack(back(written, input, { kind: 'adopt', key }), work);
    const mark = { owner: input.settings.owner, directoryId };
    scene.aliases.set(key, { ...alias, privateComment: commentWithMark(alias.privateComment, mark) });
  }
}

/** Takes back one write to an alias. */
export function undoAlias(written: WrittenChange, work: Work): void {
  switch (written.change.kind) {
    case 'create':
      undoCreate(written, work);
      return;
    case 'update':
      undoFields(written, work);
      return;
    case 'deactivate':
    case 'reactivate':
      undoActivity(written, work);
      return;
    case 'adopt':
      giveUp(written, work);
      return;
    case 'release':
      undoRelease(written, work);
      return;
    case 'remove':
    case 'delete':
      undoRemove(written, work);
      return;
    case 'rename':
      return;
  }
}
