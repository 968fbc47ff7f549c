/** Each effect of a write on an alias, judged by DESIGN.md section 4. Sentences that begin with the rule. */
import type { AliasRow } from '../support/mailcow/rows.ts';
import { isForeign, isOn, markIn, ownerName, type AliasFact } from './books.ts';
import { judgeListAdopted, judgeListChanged, judgeListCreated, judgeListRemoved } from './judge-list.ts';
import { isContested, isProtected, onlyClaimant, onlyGroup, type Entitled } from './rules.ts';
import {
  entitledNow,
  isEntangled,
  isUnsettled,
  isEntitledTo,
  isTooSoonAfterLoss,
  rivalsOf,
  whyNotOff,
  type Scene,
} from './scene.ts';
import { switches } from './switches.ts';

export type AliasContext = {
  readonly scene: Scene;
  readonly hasMailbox: (address: string) => boolean;
  /** The mailbox of the person is where the directory says. */
  readonly isAtHome: (person: Entitled) => boolean;
  /** A mailbox was renamed by this very call: mailcow takes aliases along by itself. */
  readonly isRename: boolean;
  /** Whose former address this is. */
  readonly formerOf: string | undefined;
  /** Whose mailbox an address is, or was before a rename. */
  readonly ownerOf: (address: string) => string | undefined;
  /** Whose mailbox at this address can be written to. */
  readonly hasUsable: (address: string, id: string) => boolean;
  /** An administrator deleted the mailbox there, or mailcow was put back to before it: the program may not know yet. */
  readonly wasTakenByHand: (address: string) => boolean;
  /** We have switched off the mailbox there. */
  readonly isOffByUs: (address: string) => boolean;
};

const ourId = (row: AliasRow): string | undefined => {
  const mark = markIn(row.privateComment);
  return mark?.owner === ownerName ? mark.id : undefined;
};

/** Who may have the address as an alias now. */
function entitledTo(address: string, id: string, context: AliasContext): Entitled | undefined {
  const person = isEntitledTo(id, address, context.scene);
  if (person?.wanted.has(address) === true) return person;
  const isFormer = context.formerOf === id || context.scene.hadAddress(id, address);
  return isFormer ? entitledNow(id, context.scene) : undefined;
}

function judgeLead(row: AliasRow, person: Entitled, context: AliasContext): readonly string[] {
  const wrong: string[] = [];
  const remembered = context.scene.isHarmed() && context.scene.hadAddress(person.person.id, row.goto);
  if (row.goto !== person.address && !remembered)
    wrong.push(`RULES 8: leads to ${row.goto} instead of ${person.address}`);
  if (!context.hasMailbox(row.goto)) wrong.push(`4.12: leads to ${row.goto}, where there is no mailbox`);
  return wrong;
}

/** An alias that was not there before. */
export function judgeAliasCreated(row: AliasRow, context: AliasContext): readonly string[] {
  const { scene } = context;
  if (context.isRename) return [];
  const id = ourId(row);
  if (id === undefined) return ['4.5: created without our mark'];
  if (scene.isGroup(id)) return judgeListCreated(row, id, context);
  const person = entitledTo(row.address, id, context);
  if (person === undefined) return [`RULES 6: created for ${id}, who does not ask for it`];
  const wrong = [...judgeLead(row, person, context)];
  const rivals = rivalsOf(row.address, person, scene);
  if (rivals.length > 0)
    wrong.push(`4.1/4.3/4.8: created although ${rivals.join(', ')} claims the address too`);
  if (isProtected(row.address, scene.protectedAddresses)) wrong.push('4.7: created at a protected address');
  const isToldAgain = scene.isHarmed() || scene.hidden === 'userAccountControl';
  if (isOn(row.active) !== person.enabled && !isToldAgain) {
    wrong.push(`4.9: created with active ${row.active}`);
  }
  return wrong;
}

/** An alias that is gone. */
export function judgeAliasRemoved(before: AliasFact, context: AliasContext): readonly string[] {
  const { scene } = context;
  const { row, owner } = before;
  const { address } = row;
  if (owner === undefined) return ['4.5: removed an alias that is not managed'];
  const wrong: string[] = [];
  if (isProtected(address, scene.protectedAddresses)) wrong.push('4.7: removed a protected alias');
  if (scene.isApproved({ kind: 'remove', resource: 'alias', key: address })) return wrong;
  // Neither the attribute nor the memory of it is there: nobody can know.
  if (scene.hidden === 'proxyAddresses' && scene.readingsSinceLoss !== undefined) return wrong;
  if (scene.isHarmed()) wrong.push('4.1: removed on an incomplete reading');
  if (isTooSoonAfterLoss(scene))
    wrong.push('4.5: removed in the first two syncs after the database was lost');
  // Its address becomes a mailbox: that wins over every alias.
  if ([...scene.visible.people.values()].some((person) => person.address === address)) return wrong;
  return [
    ...wrong,
    ...(scene.isGroup(owner)
      ? judgeListRemoved(address, owner, scene)
      : judgeOwnerOfRemoved(before, owner, context)),
    ...judgeClaimsOnRemoved(address, context),
  ];
}

/** Whoever quarrelled about its address has been out of the program's sight for long enough. */
function isAloneByNow(owner: string, scene: Scene): boolean {
  const person = scene.visible.people.get(owner);
  if (person === undefined) return false;
  const rivals = (scene.full.asMailbox.get(person.address) ?? []).filter((id) => id !== owner);
  return rivals.every((id) => scene.missed(id) >= scene.graceReadings);
}

function judgeOwnerOfRemoved(before: AliasFact, owner: string, { scene }: AliasContext): readonly string[] {
  const isForgotten = !switches.removalsAfterLoss && scene.readingsSinceLoss !== undefined;
  const isGone = !scene.fullTree.people.has(owner);
  return [
    ...(scene.isHiddenByChange(owner) ? ['4.4: removed because base or filter changed'] : []),
    ...(scene.full.frozen.has(owner) && !isAloneByNow(owner, scene)
      ? ['4.2/4.8: removed although its owner is unresolved or contested']
      : []),
    ...(isGone && switches.writesForTheAbsent
      ? ['4.10: removed, not deactivated, when its owner was gone']
      : []),
    ...(before.former && scene.full.people.has(owner) && !isForgotten
      ? ['4.6: removed a former address of a present person']
      : []),
  ];
}

function judgeClaimsOnRemoved(address: string, { scene, isAtHome }: AliasContext): readonly string[] {
  if (isContested(scene.visible, address)) return ['4.8: removed although it is contested'];
  if (onlyGroup(scene.visible, address) !== undefined) return ['4.10: removed although a group asks for it'];
  const heir = onlyClaimant(scene.visible, address);
  if (heir === undefined || isEntangled(heir.person.id, scene) || isUnsettled(heir.person.id, scene))
    return [];
  return isAtHome(heir) ? ['4.10: removed although a present person asks for it'] : [];
}

function judgeComment(before: AliasFact, row: AliasRow, context: AliasContext): readonly string[] {
  const id = ourId(row);
  if (id === undefined) return ['4.5: the comment of an alias changed to one without our mark'];
  if (before.owner !== undefined) return [];
  if (isForeign(before.row)) return ['4.5: adopted an alias of another owner'];
  if (context.scene.isGroup(id)) return judgeListAdopted(row, id, context);
  const person = entitledTo(row.address, id, context);
  return person?.address === row.goto ? [] : ['4.7: adopted an alias that does not lead where it should'];
}

function judgeAliasOn(before: AliasFact, owner: string, scene: Scene): readonly string[] {
  // An alias that changes hands starts anew; a list is judged with its members.
  if (scene.isGroup(owner) || owner !== before.owner || before.offBy === 'us') return [];
  return ['4.9: reactivated what an administrator had deactivated'];
}

function judgeToggle(before: AliasFact, row: AliasRow, context: AliasContext): readonly string[] {
  const { scene } = context;
  const owner = ourId(row) ?? before.owner ?? '';
  if (isOn(row.active) === isOn(before.row.active)) return [];
  if (isOn(row.active)) return judgeAliasOn(before, owner, scene);
  if (scene.isApproved({ kind: 'deactivate', resource: 'alias', key: row.address })) return [];
  if (before.vague && !switches.marksAfterRestore) return [];
  // Whose group is there is judged with its members.
  const isThere = scene.visibleTree.groups.has(owner) && !scene.isHarmed();
  const why = isThere ? undefined : whyNotOff(row.address, owner, scene);
  const soon = isTooSoonAfterLoss(scene)
    ? ['4.5: deactivated in the first two syncs after the database was lost']
    : [];
  return why === undefined ? soon : [why, ...soon];
}

function judgeGoto(before: AliasFact, row: AliasRow, context: AliasContext): readonly string[] {
  if (row.goto === before.row.goto || context.isRename) return [];
  if (before.owner === undefined) return ['4.7: overwrote the goto of an alias that is not managed'];
  if (before.vague && !switches.marksAfterRestore) return [];
  const owner = ourId(row) ?? before.owner;
  const person = entitledTo(row.address, owner, context);
  if (person === undefined)
    return [`RULES 6: now leads to ${row.goto} for ${owner}, who does not ask for it`];
  const rivals = rivalsOf(row.address, person, context.scene);
  const wrong = [...judgeLead(row, person, context)];
  if (rivals.length > 0) wrong.push(`4.8: changed although ${rivals.join(', ')} claims the address too`);
  return wrong;
}

/** An alias that is still there. */
export function judgeAliasChanged(
  before: AliasFact,
  row: AliasRow,
  context: AliasContext,
): readonly string[] {
  const id = ourId(row) ?? before.owner;
  const wrong =
    id !== undefined && context.scene.isGroup(id) && !context.isRename
      ? [...judgeListChanged(before, row, { ...context, id })]
      : [...judgeGoto(before, row, context)];
  if (row.privateComment !== before.row.privateComment) wrong.push(...judgeComment(before, row, context));
  if (row.active !== before.row.active) {
    if (before.owner === undefined && !context.isRename)
      wrong.push('4.5: changed an alias that is not managed');
    wrong.push(...judgeToggle(before, row, context));
  }
  if (isProtected(row.address, context.scene.protectedAddresses) && !context.isRename) {
    wrong.push('4.7: wrote to a protected alias');
  }
  return wrong;
}
