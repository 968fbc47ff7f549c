/** Who may be put into a list, and who may be taken out of one. */
import type { AliasContext } from './judge-alias.ts';
import { membersOf, type Members } from './rules-lists.ts';
import { isEntangled, isGroupInGrace, isUnsettled, type Scene } from './scene.ts';
import { withGroup, type Tree } from './tree.ts';

/** What is there, and the groups that keep their claims although they are not. */
function withGrace(scene: Scene): Tree {
  return [...scene.surelyKnownGroups]
    .filter(([id]) => isGroupInGrace(id, scene))
    .reduce((tree, [, { group }]) => withGroup(tree, group), scene.visibleTree);
}

/** Who is reached by the group now. */
export const membersNow = (id: string, { visibleTree }: Scene): Members => membersOf(visibleTree, id);

type Led = {
  /** Of the group. */
  readonly id: string;
  /** Where our last write to this list led. */
  readonly placed: ReadonlySet<string>;
  /** The list is switched on again: nobody was reached by it, and whoever is must be a member now. */
  readonly isTurnedOn?: boolean;
  readonly context: AliasContext;
};

/** A person who is in doubt keeps a place, and gets none. */
function whyNotInDoubt(person: string, { isTurnedOn = false, context }: Led): string | undefined {
  const { scene } = context;
  const isThere = scene.visibleTree.people.has(person);
  const inDoubt = isThere ? scene.visible.people.get(person) === undefined : true;
  if (!inDoubt || isTurnedOn) return undefined;
  return isThere
    ? `4.8: now leads to ${person}, who is unresolved or contested`
    : `RULES 10: now leads to ${person}, who is not in the directory`;
}

function whyNotPerson(address: string, person: string, led: Led): string | undefined {
  const { id, context } = led;
  const { scene } = context;
  if (isEntangled(person, scene)) return undefined;
  const isRemembered = scene.isHarmed() && led.isTurnedOn !== true && scene.wasMember(id, person);
  if (isRemembered || (scene.isHarmed() && membersNow(id, scene).people.has(person))) return undefined;
  const isMember = [scene.visibleTree, withGrace(scene)].some((tree) =>
    membersOf(tree, id).people.has(person),
  );
  if (!isMember) return `RULES 10: now leads to ${address} of ${person}, who is no member`;
  const entry = scene.visibleTree.people.get(person);
  if (entry?.disabled === true && scene.hidden !== 'userAccountControl')
    return `RULES 10: now leads to ${address} of ${person}, who is disabled`;
  return isUnsettled(person, scene) ? undefined : whyNotInDoubt(person, led);
}

/** A mailbox that is not managed counts when it is the address of a member. */
function whyNotUnowned(address: string, { id, context }: Led): string | undefined {
  const { scene } = context;
  const members = membersOf(withGrace(scene), id);
  if (scene.externalMembers && members.contacts.has(address)) return undefined;
  const claimants = scene.visible.asMailbox.get(address) ?? [];
  const isMembers = claimants.some(
    (person) => members.people.has(person) || (scene.isHarmed() && scene.wasMember(id, person)),
  );
  return isMembers ? undefined : `RULES 10: now leads to ${address}, which is no member's`;
}

/** Why a list may not lead to an address now; undefined: it may. */
export function whyNotLed(address: string, led: Led): string | undefined {
  const { context, placed } = led;
  if (placed.has(address)) return undefined;
  const isContact = membersOf(withGrace(context.scene), led.id).contacts.has(address);
  if (!isContact && !context.hasMailbox(address) && !context.wasTakenByHand(address))
    return `4.12: leads to ${address}, where there is no mailbox`;
  const owner = context.ownerOf(address);
  return owner === undefined ? whyNotUnowned(address, led) : whyNotPerson(address, owner, led);
}

type Out = { readonly id: string; readonly isApproved: boolean; readonly context: AliasContext };

function whyNotWhenAbsent(address: string, person: string, { isApproved, context }: Out): string | undefined {
  const { scene } = context;
  if (isEntangled(person, scene) || isApproved) return undefined;
  if (scene.lastKnown.get(person)?.person.disabled === true) return undefined;
  const isDone = context.isOffByUs(address);
  const mayGo = scene.isApproved({ kind: 'deactivate', resource: 'mailbox', key: address }) || isDone;
  if (scene.isHiddenByChange(person))
    return mayGo ? undefined : `4.4: ${address} was taken out because base or filter changed`;
  const missed = scene.missed(person);
  if (missed >= scene.graceReadings) return undefined;
  return `4.3: ${address} was taken out after ${missed} of ${scene.graceReadings} readings without its person`;
}

function whyNotContact(address: string, { id, context }: Out): string | undefined {
  const { scene } = context;
  const isRead = scene.externalMembers && scene.hidden !== 'member';
  const isMember = isRead && membersOf(withGrace(scene), id).contacts.has(address);
  return isMember ? `RULES 10: ${address} was taken out although it is a member's` : undefined;
}

/** Why an address may not be taken out of a list now; undefined: it may. */
export function whyNotOut(address: string, out: Out): string | undefined {
  const { id, isApproved, context } = out;
  const { scene } = context;
  if (scene.isHarmed() || scene.hidden === 'mail')
    return `4.1: ${address} was taken out on an incomplete reading`;
  const isForgotten = scene.readingsSinceLoss !== undefined;
  if (scene.hidden === 'member' && !isApproved && !isForgotten)
    return `4.1: ${address} was taken out although nobody may read members`;
  const person = context.ownerOf(address);
  if (person === undefined) return whyNotContact(address, out);
  const entry = scene.visibleTree.people.get(person);
  if (entry === undefined) return whyNotWhenAbsent(address, person, out);
  if (scene.hidden === 'member' || !membersOf(withGrace(scene), id).people.has(person)) return undefined;
  if (entry.disabled || isEntangled(person, scene)) return undefined;
  return `4.2/RULES 10: ${address} was taken out although ${person} is an enabled member`;
}
