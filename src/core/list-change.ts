/** What a change does to the members of a list. */
import { changeSignature, type Change } from './change.ts';

/** Members that an update takes out of a list; none for any other change. */
export function lostMembers({ list, kind, before, after }: Change): readonly string[] {
  if (list !== true || kind !== 'update' || after.goto === undefined) return [];
  const stay = new Set(after.goto);
  return (before.goto ?? []).filter((member) => !stay.has(member));
}

/** The same change without taking anybody out; undefined when nothing is left of it. */
export function grownOnly(change: Change): Change | undefined {
  const lost = lostMembers(change);
  if (lost.length === 0) return change;
  const { goto: members = [], ...before } = change.before;
  const { goto: wanted = [], ...after } = change.after;
  const goto = [...new Set([...members, ...wanted])].sort();
  if (goto.length > members.length) {
    return { ...change, before: { ...before, goto: members }, after: { ...after, goto } };
  }
  return Object.keys(after).length === 0 ? undefined : { ...change, before, after };
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
