/** What a change does to the members of a list. */
import { changeId, changeSignature, type Change } from './change.ts';
import { isActive, sameGoto } from './current.ts';
import { MAX_REDIRECTS } from './list-filter.ts';

/** A list that was switched off for want of members reached nobody: its last goto is nobody's place. */
const comesBack = ({ before, after }: Change): boolean =>
  before.active !== undefined && !isActive(before.active) && after.active === 1;

/** Members that an update takes out of a list; none for any other change. */
export function lostMembers(change: Change): readonly string[] {
  const { list, kind, before, after } = change;
  if (list !== true || kind !== 'update' || after.goto === undefined || comesBack(change)) return [];
  const stay = new Set(after.goto);
  return (before.goto ?? []).filter((member) => !stay.has(member));
}

/** Whether a list loses somebody by a change, or is switched off. */
export const shrinksList = (change: Change): boolean =>
  (change.list === true && change.kind === 'deactivate') || lostMembers(change).length > 0;

/** With another goto, if that is one; undefined when nothing is left of the change. */
function withGoto(change: Change, goto: readonly string[]): Change | undefined {
  const { goto: members, ...before } = change.before;
  const { goto: _wanted, ...after } = change.after;
  if (members === undefined) return goto.length === 0 ? undefined : { ...change, after: { ...after, goto } };
  if (!sameGoto(goto, members) && goto.length > 0) {
    return { ...change, before: { ...before, goto: members }, after: { ...after, goto } };
  }
  // Without its new members it would come back with those who are none any more.
  if (goto.length === 0 && comesBack(change)) return undefined;
  return Object.keys(after).length === 0 ? undefined : { ...change, before, after };
}

/** The size of mailcow's column for a goto, in bytes (facts/mailcow-api.md). */
const MAX_GOTO_BYTES = 65_535;

/** Whether an alias of mailcow can hold a goto. */
export const fitsAlias = (goto: readonly string[]): boolean =>
  Buffer.byteLength(goto.join(',')) <= MAX_GOTO_BYTES;

/** Whether a list, whatever its form, can lead to all of these. */
const fitsList = ({ resource }: Change, goto: readonly string[]): boolean =>
  resource === 'filter' ? goto.length <= MAX_REDIRECTS : fitsAlias(goto);

/** The same change without taking anybody out; undefined when nothing is left of it. */
export function grownOnly(change: Change): Change | undefined {
  if (lostMembers(change).length === 0) return change;
  const { before, after } = change;
  const grown = [...new Set([...(before.goto ?? []), ...(after.goto ?? [])])].sort();
  return withGoto(change, fitsList(change, grown) ? grown : (before.goto ?? []));
}

/** The same change as far as it does not build upon these; undefined when nothing is left of it. */
export function withoutFailed(change: Change, failed: readonly Change[]): Change | undefined {
  const concerned = failed.filter((one) => change.uses?.includes(changeId(one)) === true);
  if (concerned.length === 0 || change.after.goto === undefined) return change;
  const stays = new Map(
    concerned.map((one) => [one.after.address ?? one.key, oldPlace(one, change.before.goto)]),
  );
  const goto = change.after.goto.map((address) => (stays.has(address) ? stays.get(address) : address));
  return withGoto(change, [...new Set(goto.filter((address) => address !== undefined))].sort());
}

/**
 * Where somebody is whose change has failed: after a rename still at the old address, after a move still in the former
 * domain, else only where he was a member.
 */
function oldPlace({ kind, key, movedFrom }: Change, members: readonly string[] = []): string | undefined {
  if (kind === 'rename' || members.includes(key)) return key;
  return movedFrom !== undefined && members.includes(movedFrom) ? movedFrom : undefined;
}

/**
 * What an approval covers: each member that a list would lose for itself, so that other changes of the list do not
 * ask again; any other change as a whole.
 */
export function approvalSignatures(change: Change): readonly string[] {
  const lost = lostMembers(change);
  if (lost.length === 0) return [changeSignature(change)];
  return lost.map((member) => JSON.stringify(['lose', change.key, member]));
}
