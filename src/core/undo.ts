/**
 * The reverse of a run, from what the journal saw before each of its writes. Nothing is assumed: a field goes back only
 * where it is still as the run left it (docs/decisions/022-undo.md).
 */
import { domainOf } from './address.ts';
import type { WrittenChange } from './before-image.ts';
import { changeId, sortForDisplay, sortSkips, type Change, type Resource } from './change.ts';
import { sameGoto } from './current.ts';
import { undoAlias } from './undo-alias.ts';
import { openScene, stays, type Undo, type UndoInput, type Work } from './undo-context.ts';
import { undoMailbox } from './undo-mailbox.ts';
import { undoDomain, undoFilter, undoSyncJob } from './undo-other.ts';

export type { Undo, UndoInput } from './undo-context.ts';

const parts: Readonly<Record<Resource, (written: WrittenChange, work: Work) => void>> = {
  mailbox: undoMailbox,
  alias: undoAlias,
  filter: undoFilter,
  syncjob: undoSyncJob,
  domain: undoDomain,
};

/** Which changes take back which write, by its id. */
type Reversed = ReadonlyMap<string, readonly string[]>;

/** Writes of one stage that needed each other are taken back the other way round. */
function withOrder(
  changes: readonly Change[],
  written: readonly WrittenChange[],
  reversed: Reversed,
): readonly Change[] {
  const byId = new Map(written.map(({ change }) => [changeId(change), change]));
  const needs = new Map<string, string[]>();
  for (const { change } of written) {
    const needed = change.needs.map((id) => byId.get(id)).filter((one) => one?.stage === change.stage);
    const first = reversed.get(changeId(change)) ?? [];
    for (const one of needed) {
      for (const id of (one && reversed.get(changeId(one))) ?? [])
        needs.set(id, [...(needs.get(id) ?? []), ...first]);
    }
  }
  return changes.map((change) => {
    const more = needs.get(changeId(change)) ?? [];
    return more.length === 0 ? change : { ...change, needs: [...new Set([...change.needs, ...more])] };
  });
}

/** Nobody's mail is led to an address of mailcow's own domains where there is nothing in the end. */
function withoutDeadEnds(
  change: Change,
  { scene, changes }: Pick<Work, 'scene' | 'changes'>,
): Change | undefined {
  const { goto } = change.after;
  if (goto === undefined || (change.resource !== 'alias' && change.resource !== 'filter')) return change;
  // An alias that leads only to a mailbox goes along with its rename, which comes later.
  const goesAlong = (target: string): boolean =>
    change.resource === 'alias' &&
    goto.length === 1 &&
    changes.some(({ kind, key }) => kind === 'rename' && key === target);
  const isThere = (target: string): boolean =>
    goesAlong(target) ||
    !scene.domains.has(domainOf(target)) ||
    scene.mailboxes.has(target) ||
    scene.aliases.has(target);
  const rest = goto.filter((target) => isThere(target) || change.before.goto?.includes(target) === true);
  if (rest.length === goto.length) return change;
  if (rest.length === 0) return undefined;
  const { goto: _goto, ...after } = change.after;
  if (change.before.goto !== undefined && sameGoto(rest, change.before.goto)) {
    return Object.keys(after).length === 0 ? undefined : { ...change, after };
  }
  const gone = goto.length - rest.length;
  const reason = `${change.reason}, without ${gone} that ${gone === 1 ? 'is' : 'are'} not there any more`;
  return { ...change, after: { ...change.after, goto: rest }, reason };
}

/** What would take a run back, what of it cannot be, and what somebody has changed since. Pure; sorted for printing. */
export function planUndo(input: UndoInput): Undo {
  const work: Work = {
    input,
    scene: openScene(input.current),
    changes: [],
    impossible: [],
    skips: [],
    ways: input.renamedSince.map(({ key, after }) => ({ from: key, to: after.address ?? key })),
  };
  const reversed = new Map<string, readonly string[]>();
  for (const written of [...input.written].reverse()) {
    const known = new Set(work.changes.map(changeId));
    parts[written.change.resource](written, work);
    const fresh = work.changes.map(changeId).filter((id) => !known.has(id));
    reversed.set(changeId(written.change), fresh);
  }
  const changes: Change[] = [];
  for (const change of work.changes) {
    const kept = withoutDeadEnds(change, work);
    if (kept !== undefined) changes.push(kept);
    else stays({ seq: 0, change, image: {} }, 'whom it led to is not there any more', work);
  }
  return {
    changes: sortForDisplay(withOrder(changes, input.written, reversed)),
    impossible: sortSkips(work.impossible),
    skips: sortSkips(work.skips),
  };
}
