/** Each effect of a write on the list of a group, judged by RULES.md 10 and DESIGN.md section 4. */
import type { AliasRow } from '../support/mailcow/rows.ts';
import { gotoOf, isOn, type AliasFact } from './books.ts';
import type { AliasContext } from './judge-alias.ts';
import { membersNow, whyNotLed, whyNotOut } from './scene-lists.ts';
import { isProtected } from './rules.ts';
import { isTooSoonAfterLoss, rivalsOfGroup, type Scene } from './scene.ts';

type Change = { readonly before: AliasFact; readonly row: AliasRow; readonly id: string };

/** Why nothing may be written to a list of this group at all just now. */
function whyNotAtAll(address: string, id: string, scene: Scene): readonly string[] {
  if (!scene.visibleTree.groups.has(id)) return [`4.3: written for the group ${id}, which is not there`];
  const claimed = scene.visible.lists.get(id);
  if (claimed === undefined) return ['4.2: written for a group whose own address is not understood'];
  if (!claimed.has(address)) return [`RULES 9: written for the group ${id}, which does not ask for it`];
  if (scene.isCutByRanges() && isCut(id, scene))
    return ['4.1: written although not all members could be read'];
  return [];
}

/** The group itself names several members, of which the server shows only one. */
const isCut = (id: string, { visibleTree, hidden }: Scene): boolean =>
  hidden !== 'member' && (visibleTree.groups.get(id)?.members.length ?? 0) > 1;

function judgeLead(added: readonly string[], change: Change, context: AliasContext): readonly string[] {
  const { before, id } = change;
  return added.flatMap((address) => {
    const why = whyNotLed(address, { id, placed: before.placed, context });
    return why === undefined ? [] : [why];
  });
}

/** A list that was not there before. */
export function judgeListCreated(row: AliasRow, id: string, context: AliasContext): readonly string[] {
  const { scene } = context;
  const wrong = [...whyNotAtAll(row.address, id, scene)];
  const rivals = rivalsOfGroup(row.address, id, scene);
  if (rivals.length > 0)
    wrong.push(`4.1/4.3/4.8: created although ${rivals.join(', ')} claims the address too`);
  if (isProtected(row.address, scene.protectedAddresses)) wrong.push('4.7: created at a protected address');
  if (!isOn(row.active)) wrong.push(`RULES 10: a list was created with active ${row.active}`);
  const goto = gotoOf(row);
  if (goto.length === 0) wrong.push('RULES 10: a list was created with an empty goto');
  const led = goto.map((address) => whyNotLed(address, { id, placed: new Set(), context }));
  return [...wrong, ...led.filter((why) => why !== undefined)];
}

/** What the write takes out of the list: not what an administrator put there, nor whoever only moved. */
export function lostMembers(before: AliasFact, row: AliasRow, context: AliasContext): readonly string[] {
  const isOff = !isOn(row.active) && isOn(before.row.active);
  const goto = isOff ? [] : gotoOf(row);
  const lost = gotoOf(before.row).filter((address) => !goto.includes(address) && !before.byHand.has(address));
  return lost.filter((address) => {
    const owner = context.ownerOf(address);
    return owner === undefined || !goto.some((other) => context.ownerOf(other) === owner);
  });
}

function judgeLoss({ before, row, id }: Change, context: AliasContext): readonly string[] {
  const { scene } = context;
  if (!isOn(before.row.active)) return [];
  const lost = lostMembers(before, row, context);
  if (lost.length === 0) return [];
  const soon = isTooSoonAfterLoss(scene)
    ? ['4.5: somebody was taken out in the first two syncs after the database was lost']
    : [];
  const isApproved = (member: string): boolean =>
    scene.isApproved({ kind: 'lose', key: row.address, member }) ||
    scene.isApproved({ kind: 'deactivate', resource: 'alias', key: row.address });
  const had = gotoOf(before.row).length;
  const alone = lost.filter((member) => !isApproved(member)).length;
  const share =
    had > 5 && alone > had / 2 ? [`4.11: ${alone} of ${had} members were taken out without approval`] : [];
  const why = lost.map((member) => whyNotOut(member, { id, isApproved: isApproved(member), context }));
  return [...soon, ...share, ...why.filter((one) => one !== undefined)];
}

/** It may be switched off only when nobody is left, and keeps its goto then. */
function judgeEmptied({ before, row, id }: Change, context: AliasContext): readonly string[] {
  if (isOn(row.active) || !isOn(before.row.active)) return [];
  const { scene } = context;
  const wrong: string[] = [];
  if (row.goto !== before.row.goto) wrong.push('RULES 10: an emptied list did not keep its last goto');
  const isApproved = scene.isApproved({ kind: 'deactivate', resource: 'alias', key: row.address });
  if (isApproved) return wrong;
  const left = [...membersNow(id, scene).people].filter((person) => {
    const entitled = scene.visible.people.get(person);
    return entitled?.enabled === true && context.hasUsable(entitled.address, person);
  });
  if (left.length > 0) wrong.push(`RULES 10: switched off although ${left.join(', ')} can be reached`);
  return wrong;
}

function judgeTurnedOn({ before, row, id }: Change, context: AliasContext): readonly string[] {
  if (!isOn(row.active) || isOn(before.row.active)) return [];
  const byHand =
    before.owner === id && before.offBy !== 'us'
      ? ['4.9: reactivated what an administrator had deactivated']
      : [];
  const again = gotoOf(row).filter((address) => gotoOf(before.row).includes(address));
  const led = again.map((address) =>
    whyNotLed(address, { id, placed: new Set(), isTurnedOn: true, context }),
  );
  return [...byHand, ...led.filter((why) => why !== undefined)];
}

function judgeGoto(change: Change, context: AliasContext): readonly string[] {
  const { before, row, id } = change;
  if (row.goto === before.row.goto) return [];
  if (before.owner === undefined) return ['4.7: overwrote the goto of an alias that is not managed'];
  if (row.goto === '') return ['RULES 10: an empty goto was written'];
  const rivals = rivalsOfGroup(row.address, id, context.scene);
  const added = gotoOf(row).filter((address) => !gotoOf(before.row).includes(address));
  return [
    ...(rivals.length > 0 ? [`4.8: changed although ${rivals.join(', ')} claims the address too`] : []),
    ...judgeLead(added, change, context),
  ];
}

/** A list that is still there, with our mark on it. */
export function judgeListChanged(
  before: AliasFact,
  row: AliasRow,
  context: AliasContext & { readonly id: string },
): readonly string[] {
  const change = { before, row, id: context.id };
  const touches = row.goto !== before.row.goto || isOn(row.active) || !isOn(before.row.active);
  return [
    ...(touches ? whyNotAtAll(row.address, context.id, context.scene) : []),
    ...judgeGoto(change, context),
    ...judgeTurnedOn(change, context),
    ...(context.scene.visibleTree.groups.has(context.id)
      ? [...judgeEmptied(change, context), ...judgeLoss(change, context)]
      : []),
  ];
}

/** A list that is gone. */
export function judgeListRemoved(address: string, id: string, scene: Scene): readonly string[] {
  if (!scene.visibleTree.groups.has(id)) return ['4.10: removed, not deactivated, when its group was gone'];
  const claimed = scene.visible.lists.get(id);
  if (claimed === undefined) return ['4.2: removed although the address of its group is not understood'];
  return claimed.has(address) ? ['4.10: removed although its group asks for it'] : [];
}

/** Whether an alias may be adopted for a group: it leads to everybody whom the group reaches, and to nobody else. */
export function judgeListAdopted(row: AliasRow, id: string, context: AliasContext): readonly string[] {
  const { scene } = context;
  const goto = gotoOf(row);
  const led = goto.map((address) => whyNotLed(address, { id, placed: new Set(), context }));
  const missing = [...membersNow(id, scene).people].filter((person) => {
    const entitled = scene.visible.people.get(person);
    if (entitled?.enabled !== true || !context.hasUsable(entitled.address, person)) return false;
    return !goto.includes(entitled.address);
  });
  return [
    ...led.filter((why) => why !== undefined),
    ...(missing.length > 0 && !scene.isHarmed()
      ? ['4.7: adopted a list that does not lead to everybody']
      : []),
  ];
}
