/** What was true when a write happened: the directory then, what could be read of it, who has been missing. */
import { entitledAs, type Claims, type Entitled } from './rules.ts';
import { switches } from './switches.ts';
import { dnOf, type Group, type Person, type Tree } from './tree.ts';

/** One entry as the last complete reading showed it. */
export type Known = {
  readonly person: Person;
  readonly address: string | undefined;
  readonly wanted: ReadonlySet<string>;
};

/** The same of a group. */
export type KnownGroup = { readonly group: Group; readonly addresses: ReadonlySet<string> };

export type Removal =
  | {
      readonly kind: 'deactivate' | 'remove';
      readonly resource: 'mailbox' | 'alias';
      readonly key: string;
    }
  /** An address is taken out of a list. */
  | { readonly kind: 'lose'; readonly key: string; readonly member: string };

export type Scene = {
  /** The whole directory, whatever the program may see of it. */
  readonly full: Claims;
  readonly fullTree: Tree;
  /** What base and filter let it see. */
  readonly visible: Claims;
  readonly visibleTree: Tree;
  /** The attribute that is hidden from the program just now. */
  readonly hidden: string | undefined;
  /** The reading of this sync was cut, limited or refused. */
  readonly isHarmed: () => boolean;
  /** Of groups with several members only the first one could be read. */
  readonly isCutByRanges: () => boolean;
  /** Members that are no people count too. */
  readonly externalMembers: boolean;
  /** At most so many complete readings that count have been without the entry. */
  readonly missed: (id: string) => number;
  readonly graceReadings: number;
  /** What the program may remember of people. */
  readonly lastKnown: ReadonlyMap<string, Known>;
  /** What it must remember: the sync that read it ran to its end. */
  readonly surelyKnown: ReadonlyMap<string, Known>;
  /** Whoever was a group in some reading. */
  readonly isGroup: (id: string) => boolean;
  readonly surelyKnownGroups: ReadonlyMap<string, KnownGroup>;
  /** The person was an effective member of the group in some reading. */
  readonly wasMember: (groupId: string, id: string) => boolean;
  /** Readings since the database was lost; undefined: never. */
  readonly readingsSinceLoss: number | undefined;
  /** Went out of sight when base or filter changed, and has not been seen since. */
  readonly isHiddenByChange: (id: string) => boolean;
  readonly wasClaimedByGroup: (address: string) => boolean;
  /** It was in `mail` of this entry in some reading. */
  readonly hadAddress: (id: string, address: string) => boolean;
  readonly protectedAddresses: readonly string[];
  /** Whether an administrator has approved exactly this in the last 24 hours. */
  readonly isApproved: (removal: Removal) => boolean;
};

/** Same DN or account name: the same person under a new id (DESIGN.md 4.6). */
export function isSamePerson(a: Person, b: Person): boolean {
  return a.uid === b.uid || dnOf(a).toLowerCase() === dnOf(b).toLowerCase();
}

/** Absent for fewer readings than the grace asks for: it keeps its claims. */
function isInGrace(id: string, scene: Scene): boolean {
  return (
    scene.readingsSinceLoss === undefined &&
    !scene.visibleTree.people.has(id) &&
    scene.surelyKnown.has(id) &&
    scene.missed(id) < scene.graceReadings
  );
}

/**
 * What a person is entitled to as far as the program may know it: a reading that was harmed may have missed the
 * person, or a rival whom no complete reading has shown.
 */
export function entitledNow(id: string, scene: Scene): Entitled | undefined {
  const present = scene.visible.people.get(id);
  if (present !== undefined) return present;
  const isAbsent = !scene.visibleTree.people.has(id);
  if (!scene.isHarmed() && (!isAbsent || switches.writesForTheAbsent)) return undefined;
  const known = scene.lastKnown.get(id);
  if (known?.address !== undefined) return entitledAs(known.person, known.address);
  const person = scene.visibleTree.people.get(id);
  const address = [...scene.visible.asMailbox].find(([, ids]) => ids.includes(id))?.[0];
  return person === undefined || address === undefined ? undefined : entitledAs(person, address);
}

/** All that the person may be entitled to: now, or as the program remembers it. */
export function isEntitledTo(id: string, address: string, scene: Scene): Entitled | undefined {
  const person = entitledNow(id, scene);
  if (person?.address === address || person?.wanted.has(address) === true) return person;
  if (!scene.isHarmed()) return undefined;
  const known = scene.lastKnown.get(id);
  const remembered = known?.address === undefined ? undefined : entitledAs(known.person, known.address);
  const fits = remembered?.address === address || remembered?.wanted.has(address) === true;
  return fits ? remembered : undefined;
}

/** An account that was made anew under another id, on either side: its two ids get in each other's way. */
export function isEntangled(id: string, scene: Scene): boolean {
  if (switches.graceOfFormerIds) return false;
  const person = scene.visibleTree.people.get(id) ?? scene.lastKnown.get(id)?.person;
  if (person === undefined) return false;
  const others = [
    ...scene.visibleTree.people.values(),
    ...[...scene.lastKnown.values()].map((known) => known.person),
  ];
  return others.some((other) => other.id !== id && isSamePerson(other, person));
}

/** Shares its own address with somebody, now or as remembered: it gets no mailbox yet, and so claims no alias. */
export function isUnsettled(id: string, scene: Scene): boolean {
  const addresses = [scene.visible.people.get(id)?.address, scene.lastKnown.get(id)?.address];
  const present = addresses.flatMap((one) =>
    one === undefined ? [] : (scene.visible.asMailbox.get(one) ?? []),
  );
  if (present.some((other) => other !== id)) return true;
  return [...scene.lastKnown].some(
    ([other, known]) => other !== id && known.address !== undefined && addresses.includes(known.address),
  );
}

/** Who wants an address: a person, or a group for its list. */
type Wanting = { readonly id: string; readonly asMailbox: boolean; readonly person: Person | undefined };

/** Others whose claim on the address stands in the way of a creation for `person`. */
export function rivalsOf(
  address: string,
  { person, ...entitled }: Entitled,
  scene: Scene,
): readonly string[] {
  return rivalsFor(address, { id: person.id, asMailbox: entitled.address === address, person }, scene);
}

/** Others whose claim on the address stands in the way of the list of a group. */
export function rivalsOfGroup(address: string, id: string, scene: Scene): readonly string[] {
  return rivalsFor(address, { id, asMailbox: false, person: undefined }, scene);
}

/** Groups in grace keep their claims as people do. */
function groupsInGrace(address: string, id: string, scene: Scene): readonly string[] {
  return [...scene.surelyKnownGroups]
    .filter(([other, known]) => other !== id && known.addresses.has(address) && isGroupInGrace(other, scene))
    .map(([other]) => other);
}

/** Absent for fewer readings than the grace asks for. */
export function isGroupInGrace(id: string, scene: Scene): boolean {
  return (
    scene.readingsSinceLoss === undefined &&
    !scene.visibleTree.groups.has(id) &&
    scene.surelyKnownGroups.has(id) &&
    scene.missed(id) < scene.graceReadings
  );
}

function rivalsFor(address: string, { id, asMailbox, person }: Wanting, scene: Scene): readonly string[] {
  const { visible, surelyKnown } = scene;
  const isKnownTo = (other: string): boolean => {
    const known = surelyKnown.get(other);
    return known?.address === address || known?.wanted.has(address) === true;
  };
  const present = [
    ...(visible.asMailbox.get(address) ?? []),
    ...(asMailbox || scene.hidden === 'proxyAddresses' ? [] : (visible.asAlias.get(address) ?? [])),
  ].filter((other) => other !== id && (!scene.isHarmed() || isKnownTo(other)));
  // Contested as a mailbox by people who have none: no rule says what an alias there would be.
  const rivals = asMailbox
    ? present
    : present.filter(
        (other) => visible.people.has(other) || (visible.asAlias.get(address) ?? []).includes(other),
      );
  const waiting = [...surelyKnown].filter(
    ([other, known]) =>
      isInGrace(other, scene) &&
      (known.address === address || (!asMailbox && known.wanted.has(address))) &&
      (person === undefined || !isSamePerson(known.person, person)),
  );
  // Whose address cannot be read claims nothing.
  const isBlind = scene.hidden === 'mail' && scene.isHarmed();
  if (isBlind || isEntangled(id, scene)) return [];
  const groups = asMailbox ? [] : groupsInGrace(address, id, scene);
  const all = [...rivals, ...waiting.map(([other]) => other), ...groups];
  const quarrel = [...surelyKnown].filter(([, known]) => known.address === address).length > 1;
  const isExcused = (other: string): boolean =>
    !asMailbox && quarrel && !switches.aliasAtContestedMailbox && surelyKnown.get(other)?.address === address;
  return all.filter((other) => !isEntangled(other, scene) && !isUnsettled(other, scene) && !isExcused(other));
}

function whyNotOffAlthoughPresent(owner: string, isDisabled: boolean, scene: Scene): string | undefined {
  if (scene.visibleTree.people.has(owner)) {
    if (!isDisabled && !isEntangled(owner, scene))
      return '4.1: switched off although its person is there and enabled';
    return scene.full.people.has(owner) || isEntangled(owner, scene)
      ? undefined
      : '4.2/4.8: switched off although its person is unresolved or contested';
  }
  if (scene.isHiddenByChange(owner)) return '4.4: switched off because base or filter changed';
  return whyNotOffWhenAbsent(owner, scene);
}

function whyNotOffWhenAbsent(owner: string, scene: Scene): string | undefined {
  const missed = scene.missed(owner);
  // Disabled when last seen: that acts at once.
  if (scene.lastKnown.get(owner)?.person.disabled === true) return undefined;
  if (missed >= scene.graceReadings || isEntangled(owner, scene)) return undefined;
  return `4.3: switched off after ${missed} of ${scene.graceReadings} readings without its person`;
}

/** Why what belongs to `owner` may not be switched off at this address; undefined: it may. */
export function whyNotOff(address: string, owner: string, scene: Scene): string | undefined {
  if (scene.isHarmed()) return '4.1: switched off on an incomplete reading';
  const person = scene.fullTree.people.get(owner);
  if (person !== undefined) return whyNotOffAlthoughPresent(owner, person.disabled, scene);
  const why = whyNotOffWhenAbsent(owner, scene);
  if (why !== undefined) return why;
  const claimants = [owner, ...(scene.visible.asMailbox.get(address) ?? [])];
  const known = [...scene.lastKnown].filter(([id, one]) => id !== owner && one.address === address);
  if (scene.hidden === 'mail' && !switches.lostMailAttribute) return undefined;
  const isQuarrel = Math.max(known.length + 1, claimants.length) > 2 && !switches.orphanAtContestedAddress;
  const claimed = claimants.length > 1 && !isQuarrel && !claimants.some((id) => isEntangled(id, scene));
  return claimed ? '4.6: an orphan acts on an address that a present entry claims' : undefined;
}

/** The rule of 4.5 for the time after a loss of the database. */
export function isTooSoonAfterLoss(scene: Scene): boolean {
  return switches.removalsAfterLoss && scene.readingsSinceLoss !== undefined && scene.readingsSinceLoss <= 2;
}
