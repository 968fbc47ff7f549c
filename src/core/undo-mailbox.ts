/** Writes to mailboxes, taken back. */
import type { WrittenChange } from './before-image.ts';
import { changeId, type Change, type Fields } from './change.ts';
import { isActive } from './current.ts';
import { ADOPTED_TAG, markOfTags, parseMark, renderMark } from './mark.ts';
import type { Alias, Mailbox } from './model.ts';
import { handsOff, isProtected } from './plan-context.ts';
import {
  addressNow,
  back,
  fieldsBack,
  isMarkedFor,
  lost,
  pushBack,
  stays,
  type UndoInput,
  type Work,
} from './undo-context.ts';
import { isStrayId } from './watch.ts';

const fieldsOf = (mailbox: Mailbox | undefined): Fields =>
  mailbox === undefined
    ? {}
    : {
        name: mailbox.name,
        quotaMiB: mailbox.quotaMiB,
        active: mailbox.active,
        authSource: mailbox.authSource,
        tlsEnforceIn: mailbox.tlsEnforceIn,
        tlsEnforceOut: mailbox.tlsEnforceOut,
      };

/** Why a mailbox of a run is not ours to change any more. */
function whyNotOurs(
  mailbox: Mailbox | undefined,
  written: WrittenChange,
  input: UndoInput,
): string | undefined {
  if (mailbox === undefined) return 'is not there any more';
  const keep = handsOff(mailbox, { settings: input.settings });
  if (keep !== undefined) return keep;
  return isMarkedFor(mailbox, written.change.directoryId, input)
    ? undefined
    : 'does not bear the mark of its entry any more';
}

/** A mailbox as it stands at this point of the way back; undefined: it was taken down why it stays. */
export function findOurs(written: WrittenChange, key: string, work: Work): Mailbox | undefined {
  const mailbox = work.scene.mailboxes.get(key);
  const why = whyNotOurs(mailbox, written, work.input);
  if (why === undefined) return mailbox;
  stays(written, why, work);
  return undefined;
}

function setBox(mailbox: Mailbox, fields: Partial<Mailbox>, { scene }: Work): void {
  scene.mailboxes.set(mailbox.address, { ...mailbox, ...fields });
}

/** mailcow changes, or deletes, the aliases that lead to a mailbox along with it. */
const leadingTo = (key: string, { scene }: Work): Alias | undefined =>
  [...scene.aliases.values()].find(({ address, goto }) => address !== key && goto.includes(key));

/** Why a mailbox that the run created is not deleted. */
function whyNotDeleted(key: string, messages: number | undefined, work: Work): string {
  if (!work.input.deleteEmpty || messages === undefined) return '';
  if (messages > 0) return `, with ${messages} mails`;
  const alias = leadingTo(key, work);
  return alias === undefined ? '' : `, the alias ${alias.address} leads to it`;
}

function undoCreate(written: WrittenChange, work: Work): void {
  const { input, scene } = work;
  const key = addressNow(written.change.key, work);
  const mailbox = findOurs(written, key, work);
  if (mailbox === undefined) return;
  const messages = input.messages.get(key);
  if (input.deleteEmpty && messages === 0 && leadingTo(key, work) === undefined) {
    const reason = `run ${input.run} created it, and there is no mail in it`;
    pushBack(back(written, input, { kind: 'delete', key, reason, onlyEmpty: true }), work);
    scene.mailboxes.delete(key);
    return;
  }
  if (!isActive(mailbox.active)) {
    stays(written, 'was created, and is off already: it stays', work);
    return;
  }
  const active = input.settings.inactiveState;
  const why = whyNotDeleted(key, messages, work);
  const reason = `run ${input.run} created it${why}: it stays, switched off`;
  const fields = { before: { active: mailbox.active }, after: { active } };
  pushBack(back(written, input, { kind: 'deactivate', key, reason, ...fields }), work);
  setBox(mailbox, { active }, work);
}

function undoFields(written: WrittenChange, work: Work): void {
  const { input } = work;
  const key = addressNow(written.change.key, work);
  const mailbox = findOurs(written, key, work);
  if (mailbox === undefined) return;
  const fields = fieldsBack(
    written,
    { shown: fieldsOf(mailbox), image: fieldsOf(written.image.mailbox) },
    work,
  );
  if (fields === undefined) return;
  const { active } = fields.after;
  const kind = active === undefined ? 'update' : isActive(active) ? 'reactivate' : 'deactivate';
  pushBack(back(written, input, { kind, key, ...fields }), work);
  const { before: _before, after } = fields;
  setBox(mailbox, after, work);
}

/** What the directory does not know was marked when it was switched off. */
function undoFirstOfStray(written: WrittenChange, work: Work): void {
  const { change, image } = written;
  if (image.mailbox === undefined || isMarkedFor(image.mailbox, change.directoryId, work.input)) return;
  giveUp(written, work);
}

function undoActivity(written: WrittenChange, work: Work): void {
  undoFields(written, work);
  if (written.change.kind === 'deactivate' && isStrayId(written.change.directoryId)) {
    undoFirstOfStray(written, work);
  }
}

/** The alias that a rename left is no alias of anybody's before it. */
function freeFormer(written: WrittenChange, now: string, work: Work): Change | undefined | 'taken' {
  const { key, directoryId } = written.change;
  const { scene, input } = work;
  const left = scene.aliases.get(key);
  if (left === undefined) return scene.mailboxes.has(key) ? 'taken' : undefined;
  const isOurs = parseMark(left.privateComment)?.directoryId === directoryId || isLeft(left, work);
  const leadsThere = left.goto.length === 1 && left.goto[0] === now;
  if (!isOurs || !leadsThere || written.change.keepAlias !== true) return 'taken';
  const reason = `run ${input.run} left it when it renamed ${key}`;
  return {
    ...back(written, input, { kind: 'remove', key, reason }),
    resource: 'alias',
    before: { goto: left.goto },
  };
}

const isLeft = ({ address }: Alias, { input }: Work): boolean =>
  input.ledger.aliases.get(address)?.origin === 'renamed';

function whyNotBack(mailbox: Mailbox, written: WrittenChange, { input }: Work): string | undefined {
  if (mailbox.active === 0) return 'is off, and mailcow renames none that is: activate it first';
  return isProtected(written.change.key, input.settings) ? 'its former address is protected' : undefined;
}

/** Aliases that lead only there follow, as mailcow does it. */
function moveBack(mailbox: Mailbox, to: string, { scene }: Work): void {
  const from = mailbox.address;
  scene.mailboxes.delete(from);
  scene.mailboxes.set(to, { ...mailbox, address: to });
  scene.aliases.delete(to);
  for (const alias of [...scene.aliases.values()]) {
    if (alias.goto.length === 1 && alias.goto[0] === from) {
      scene.aliases.set(alias.address, { ...alias, goto: [to] });
    }
  }
  const filter = scene.filters.get(from);
  if (filter !== undefined) scene.filters.set(to, { ...filter, address: to });
  scene.filters.delete(from);
  const jobs = scene.syncJobs.get(from);
  if (jobs !== undefined) scene.syncJobs.set(to, { ...jobs, mailbox: to });
  scene.syncJobs.delete(from);
}

function undoRename(written: WrittenChange, work: Work): void {
  const { change } = written;
  const { input } = work;
  const to = change.key;
  const from = change.after.address ?? to;
  const stay = (reason: string): void => {
    stays(written, reason, work);
    // What came before it finds the mailbox at the new address.
    work.ways.unshift({ from: to, to: from });
  };
  if (addressNow(from, work) !== from) {
    stay(`was renamed to ${addressNow(from, work)} since`);
    return;
  }
  const mailbox = work.scene.mailboxes.get(from);
  const why = whyNotOurs(mailbox, written, input);
  if (mailbox === undefined || why !== undefined) {
    stay(why ?? '');
    return;
  }
  const whyStays = whyNotBack(mailbox, written, work);
  if (whyStays !== undefined) {
    stay(whyStays);
    return;
  }
  const freed = freeFormer(written, from, work);
  if (freed === 'taken') {
    stay('somebody else has its former address now');
    return;
  }
  if (freed !== undefined) pushBack(freed, work);
  const fields = { before: { address: from }, after: { address: to }, keepAlias: false };
  const needs = freed === undefined ? [] : [changeId(freed)];
  pushBack(back(written, input, { kind: 'rename', key: from, ...fields, needs }), work);
  moveBack(mailbox, to, work);
}

/** Marks go, the mailbox stays as it is. */
function giveUp(written: WrittenChange, work: Work): void {
  const { input } = work;
  const key = addressNow(written.change.key, work);
  const mailbox = findOurs(written, key, work);
  if (mailbox === undefined) return;
  pushBack(back(written, input, { kind: 'release', key }), work);
  const { owner } = input.settings;
  const tags = mailbox.tags.filter((tag) => parseMark(tag)?.owner !== owner && tag !== ADOPTED_TAG);
  setBox(mailbox, { tags }, work);
}

/** A take-over goes back to the former id. */
function undoTakeover(written: WrittenChange, formerId: string, work: Work): void {
  const { input } = work;
  const { directoryId } = written.change;
  const key = addressNow(written.change.key, work);
  const mailbox = findOurs(written, key, work);
  if (mailbox === undefined) return;
  pushBack(back(written, input, { kind: 'adopt', key, directoryId: formerId, formerId: directoryId }), work);
  const { owner } = input.settings;
  const stale = renderMark({ owner, directoryId });
  const tags = [...mailbox.tags.filter((tag) => tag !== stale), renderMark({ owner, directoryId: formerId })];
  setBox(mailbox, { tags }, work);
}

function undoRelease(written: WrittenChange, work: Work): void {
  const { input, scene } = work;
  const { directoryId } = written.change;
  const { owner } = input.settings;
  const key = addressNow(written.change.key, work);
  const mailbox = scene.mailboxes.get(key);
  const keep = mailbox && handsOff(mailbox, { settings: input.settings });
  if (mailbox === undefined) stays(written, 'is not there any more', work);
  else if (markOfTags(mailbox.tags, owner) !== undefined) stays(written, 'bears a mark again', work);
  else if (keep !== undefined) stays(written, keep, work);
  else {
    pushBack(back(written, input, { kind: 'adopt', key }), work);
    setBox(mailbox, { tags: [...mailbox.tags, renderMark({ owner, directoryId })] }, work);
  }
}

/** Takes back one write to a mailbox. */
export function undoMailbox(written: WrittenChange, work: Work): void {
  const { kind, formerId } = written.change;
  switch (kind) {
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
    case 'rename':
      undoRename(written, work);
      return;
    case 'adopt':
      if (formerId === undefined) giveUp(written, work);
      else undoTakeover(written, formerId, work);
      return;
    case 'release':
      undoRelease(written, work);
      return;
    case 'delete':
      lost(written, 'was deleted with its mail: only a backup of mailcow has it', work);
      return;
    case 'remove':
      return;
  }
}
