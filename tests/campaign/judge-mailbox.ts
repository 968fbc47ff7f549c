/** Each effect of a write on a mailbox, judged by DESIGN.md section 4. Sentences that begin with the rule. */
import type { MailboxRow } from '../support/mailcow/rows.ts';
import { isForeign, isOn, markIn, ourIds, ownerName, type AliasFact, type MailboxFact } from './books.ts';
import { entitledAs, isProtected, type Entitled } from './rules.ts';
import { switches } from './switches.ts';
import {
  entitledNow,
  isEntangled,
  isEntitledTo,
  isSamePerson,
  isTooSoonAfterLoss,
  rivalsOf,
  whyNotOff,
  type Scene,
} from './scene.ts';

const MIB = 1_048_576;

/** Tells an adopted mailbox from one of our own when the database is lost. */
const adoptedTag = 'ldap-adopted';

/** Not to be touched at all (4.7). */
function handsOff(row: MailboxRow, scene: Scene): boolean {
  return row.tags.includes('ldap-keep') || isProtected(row.username, scene.protectedAddresses);
}

/** A mailbox that was not there before. */
export function judgeCreated(row: MailboxRow, scene: Scene): readonly string[] {
  const [id] = ourIds(row);
  if (id === undefined) return ['4.5: created without our mark'];
  const person = isEntitledTo(id, row.username, scene);
  const wrong: string[] = [];
  if (person?.address !== row.username) {
    const known = scene.visibleTree.people.get(id);
    const why = known === undefined ? 'is not in the directory' : 'does not have this address, or not alone';
    return [`4.8: created for ${id}, who ${why}`];
  }
  const rivals = rivalsOf(row.username, person, scene);
  if (rivals.length > 0)
    wrong.push(`4.1/4.3/4.8: created although ${rivals.join(', ')} claims the address too`);
  if (isProtected(row.username, scene.protectedAddresses)) wrong.push('4.7: created at a protected address');
  if (!isNameOf(person, row.name)) wrong.push(`4.13: created with the name "${row.name}"`);
  if (person.quotaMiB !== undefined && row.quota !== person.quotaMiB * MIB) {
    wrong.push(`4.13: created with ${row.quota / MIB} MiB instead of ${person.quotaMiB}`);
  }
  const isToldAgain = scene.isHarmed() || scene.hidden === 'userAccountControl';
  if (isOn(row.active) !== person.enabled && !isToldAgain) {
    wrong.push(`4.9: created with active ${row.active}`);
  }
  return wrong;
}

/** A mailbox that moved from one address to another. */
export function judgeRenamed(
  before: MailboxFact,
  row: MailboxRow,
  context: { readonly scene: Scene; readonly left: AliasFact['row'] | undefined },
): readonly string[] {
  const { scene, left } = context;
  const from = before.row.username;
  if (before.owner === undefined) return ['4.5: renamed a mailbox that is not managed'];
  const wrong: string[] = [];
  if (handsOff(before.row, scene)) wrong.push('4.7: renamed a protected or ldap-keep mailbox');
  if (isProtected(row.username, scene.protectedAddresses)) wrong.push('4.7: renamed to a protected address');
  if (isEntangled(before.owner, scene)) return wrong;
  const person = isEntitledTo(before.owner, row.username, scene);
  if (person?.address !== row.username) {
    const has = entitledNow(before.owner, scene)?.address ?? 'none, or not alone';
    return [...wrong, `4.6: renamed to an address that ${before.owner} does not have (${has})`];
  }
  const rivals = rivalsOf(row.username, person, scene);
  if (rivals.length > 0) wrong.push(`4.8: renamed to an address that ${rivals.join(', ')} claims too`);
  const others = [
    ...(scene.visible.asMailbox.get(from) ?? []),
    ...(scene.visible.asAlias.get(from) ?? []),
    ...[...scene.lastKnown]
      .filter(([, known]) => known.address === from || known.wanted.has(from))
      .map(([id]) => id),
  ].filter((id) => id !== before.owner);
  if (left === undefined && others.length === 0 && !scene.wasClaimedByGroup(from))
    wrong.push('4.6: renamed without an alias on the former address');
  return wrong;
}

/** A take-over that was cut short left two marks: that of whom the directory does not have may go. */
function isMarkedForAnother(row: MailboxRow, id: string, scene: Scene): boolean {
  if (scene.fullTree.people.has(id)) return false;
  return row.tags.some((tag) => {
    const mark = markIn(tag);
    return mark?.owner === ownerName && scene.visibleTree.people.has(mark.id);
  });
}

function judgeMarks(before: MailboxFact, row: MailboxRow, scene: Scene): readonly string[] {
  const added = row.tags.filter((tag) => !before.row.tags.includes(tag));
  const removed = before.row.tags.filter((tag) => !row.tags.includes(tag));
  const wrong: string[] = [];
  for (const tag of added) {
    const mark = markIn(tag);
    if (tag === adoptedTag) continue;
    if (mark?.owner !== ownerName) wrong.push(`4.5: added the tag ${tag}`);
    else if (before.owner === undefined) wrong.push(...judgeAdoption(before, mark.id, scene));
    else if (mark.id !== before.owner) wrong.push(...judgeTakeover(before.owner, mark.id, scene));
  }
  for (const tag of removed) {
    const mark = markIn(tag);
    if (mark?.owner !== ownerName) wrong.push(`4.5: removed the tag ${tag}`);
    else if (mark.id === before.owner && !isMarkedForAnother(row, mark.id, scene)) {
      wrong.push(`4.5: removed the tag ${tag}`);
    }
  }
  return wrong;
}

function judgeAdoption(before: MailboxFact, id: string, scene: Scene): readonly string[] {
  if (isForeign(before.row)) return ['4.5: adopted a mailbox of another owner'];
  const person = isEntitledTo(id, before.row.username, scene);
  return person?.address === before.row.username
    ? []
    : ['4.7: adopted for somebody who does not have the address'];
}

function judgeTakeover(from: string, to: string, scene: Scene): readonly string[] {
  if (scene.isHarmed()) return ['4.6: a take-over on an incomplete reading'];
  if (scene.visibleTree.people.has(from)) return ['4.6: a take-over although the former id is there'];
  const old = scene.lastKnown.get(from)?.person;
  const heir = scene.visibleTree.people.get(to);
  if (heir === undefined || old === undefined) return ['4.6: a take-over by somebody who is not there'];
  return isSamePerson(old, heir) ? [] : ['4.6: a take-over although neither DN nor account name is equal'];
}

/** Without displayName where it cannot be, or could not be, read. */
function isNameOf(person: Entitled | undefined, name: string): boolean {
  if (person === undefined) return false;
  const { displayName: _, ...rest } = person.person;
  return name === person.name || name === entitledAs(rest, person.address).name;
}

function judgeFields(before: MailboxFact, row: MailboxRow, scene: Scene): readonly string[] {
  const person = before.owner === undefined ? undefined : entitledNow(before.owner, scene);
  return [
    ...(mayBeOld(before, scene) ? [] : judgeName(before, row, person)),
    ...(row.quota === before.row.quota || isPutBack(before) ? [] : judgeQuota(row, person)),
    ...(isOn(row.active) && !isOn(before.row.active) ? judgeOn(before, person, scene) : []),
  ];
}

const isPutBack = (before: MailboxFact): boolean => before.vague && !switches.marksAfterRestore;

/** As the program remembers somebody who is not there. */
function mayBeOld(before: MailboxFact, scene: Scene): boolean {
  const isAbsent = before.owner !== undefined && !scene.visibleTree.people.has(before.owner);
  return isPutBack(before) || (isAbsent && !switches.writesForTheAbsent);
}

function judgeName(before: MailboxFact, row: MailboxRow, person: Entitled | undefined): readonly string[] {
  if (row.name === before.row.name || isNameOf(person, row.name)) return [];
  return [`4.9: the name became "${row.name}"`];
}

function judgeOn(before: MailboxFact, person: Entitled | undefined, scene: Scene): readonly string[] {
  const isForgotten = scene.hidden === 'userAccountControl' && !switches.forgottenAttributes;
  // A newcomer behind the cut of a reading, who asks for the same address, is nobody that the program could know.
  const isUnseen =
    scene.isHarmed() &&
    before.owner !== undefined &&
    scene.visibleTree.people.get(before.owner)?.disabled === false;
  const isNobody = person?.enabled !== true && !mayBeOld(before, scene) && !isForgotten && !isUnseen;
  return [
    ...(before.offBy === 'us' ? [] : ['4.9: reactivated what an administrator had deactivated']),
    ...(isNobody ? ['4.9: reactivated although nobody there is enabled'] : []),
  ];
}

function judgeQuota(row: MailboxRow, person: Entitled | undefined): readonly string[] {
  const quota = person?.quotaMiB;
  if (quota === undefined) return ['4.9: changed a quota that the directory does not give'];
  return row.quota === quota * MIB ? [] : [`4.13: the quota became ${row.quota / MIB} MiB`];
}

function judgeOff(before: MailboxFact, scene: Scene): readonly string[] {
  const { row, owner } = before;
  if (scene.isApproved({ kind: 'deactivate', resource: 'mailbox', key: row.username })) return [];
  if (owner === undefined) return [];
  const wrong: string[] = [];
  const why = whyNotOff(row.username, owner, scene);
  if (why !== undefined) wrong.push(why);
  if (before.adopted) wrong.push('4.7: an adopted mailbox was deactivated without approval');
  if (isTooSoonAfterLoss(scene))
    wrong.push('4.5: deactivated in the first two syncs after the database was lost');
  return wrong;
}

/** A mailbox that is still there, at the same address. */
export function judgeChanged(before: MailboxFact, row: MailboxRow, scene: Scene): readonly string[] {
  const wrong = [...judgeMarks(before, row, scene)];
  const onlyMarks = (['name', 'quota', 'active', 'authsource', 'password'] as const).every(
    (field) => row[field] === before.row[field],
  );
  if (handsOff(before.row, scene)) wrong.push('4.7: wrote to a protected or ldap-keep mailbox');
  if (!before.row.hasQuotaRow) wrong.push('4.10: wrote to a half-deleted mailbox');
  if (onlyMarks) return wrong;
  if (before.owner === undefined) return [...wrong, '4.5: changed a mailbox that is not managed'];
  wrong.push(...judgeFields(before, row, scene));
  if (isOn(before.row.active) && !isOn(row.active)) wrong.push(...judgeOff(before, scene));
  return wrong;
}
