/** Which readings of the directory there were, and who was missing in how many of them. */
import { openGroupDiary } from './readings-groups.ts';
import { claims } from './rules.ts';
import type { Known, Scene } from './scene.ts';
import type { Person, Tree } from './tree.ts';

/** The truth of one moment. */
export type Moment = {
  readonly fullTree: Tree;
  readonly visibleTree: Tree;
  /** Names what base and filter are. */
  readonly scope: string;
  readonly hidden: string | undefined;
  /** Whether the reading under way has been harmed by now. */
  readonly isHarmed: () => boolean;
  /** Whether of groups with several members only the first one could be read. */
  readonly isCutByRanges: () => boolean;
  /** Milliseconds that have gone by, whatever the clock on the wall says. */
  readonly uptimeMs: number;
  readonly wallMs: number;
};

export type Readings = {
  readonly count: () => number;
  readonly begin: () => void;
  /** The sync of this reading has run to its end: the program remembers it for sure. */
  readonly confirm: () => void;
  /** The program's memory is gone; whether it managed anything by then. */
  readonly forget: (hadAnything: boolean) => void;
  readonly scene: () => Omit<Scene, Given>;
};

/** What readings do not know. */
type Given = 'graceReadings' | 'protectedAddresses' | 'isApproved' | 'externalMembers';

/** Starting a reading and counting it are not the same instant. */
const TOLERANCE_MS = 3000;

type Missing = { readonly count: number; readonly atMs: number | undefined };
type Current = Moment & { readonly harmed: () => boolean; readonly cutByRanges: () => boolean };

/** An attribute that cannot be read leaves its gap in what is remembered. */
function knownOf(person: Person, tree: Tree, hidden: string | undefined): Known {
  const all = claims(tree);
  const address = [...all.asMailbox].find(([, ids]) => ids.includes(person.id))?.[0];
  const wanted = all.people.get(person.id)?.wanted ?? new Set<string>();
  if (hidden === 'mail') return { person, address: undefined, wanted: new Set() };
  return { person, address, wanted: hidden === 'proxyAddresses' ? new Set() : wanted };
}

const isThere = (id: string, { people, groups }: Tree): boolean => people.has(id) || groups.has(id);

const isSame = (a: Known | undefined, b: Known): boolean =>
  a?.person === b.person && a.address === b.address && a.wanted.size === b.wanted.size;

/** Opens the diary. */
export function openReadings(options: {
  readonly moment: () => Moment;
  readonly spacingMs: number;
}): Readings {
  const missing = new Map<string, Missing>();
  /** What the program may remember, and what it must. */
  const possible = new Map<string, Known>();
  const sure = new Map<string, Known>();
  const hiddenByChange = new Set<string>();
  const had = new Set<string>();
  const groups = openGroupDiary();
  let scope: string | undefined;
  let current: Current | undefined;
  let count = 0;
  let sinceLoss: number | undefined;
  /** Before a first sync has run to its end, a changed scope means nothing (4.4). */
  let firstDone = false;

  const countsNow = (id: string, at: Current): boolean => {
    if (at.harmed() || isThere(id, at.visibleTree)) return false;
    const last = missing.get(id)?.atMs;
    return last === undefined || at.uptimeMs - last >= options.spacingMs - TOLERANCE_MS;
  };

  function close(): void {
    if (current === undefined) return;
    const { visibleTree, hidden } = current;
    for (const person of visibleTree.people.values()) {
      const known = knownOf(person, visibleTree, hidden);
      possible.set(person.id, known);
      if (known.address !== undefined) had.add(`${person.id} ${known.address}`);
    }
    groups.note(visibleTree, hidden);
    if (current.harmed()) return;
    scope = current.scope;
    for (const id of [...possible.keys(), ...groups.known().keys()]) {
      if (isThere(id, visibleTree)) missing.delete(id);
      else if (countsNow(id, current)) {
        missing.set(id, { count: (missing.get(id)?.count ?? 0) + 1, atMs: current.uptimeMs });
      }
    }
  }

  const sureOnly = (): ReadonlyMap<string, Known> =>
    new Map([...sure].filter(([id, known]) => isSame(possible.get(id), known)));

  return {
    count: () => count,
    begin: () => {
      close();
      count += 1;
      if (sinceLoss !== undefined) sinceLoss += 1;
      const moment = options.moment();
      const { isHarmed, isCutByRanges } = moment;
      current = { ...moment, harmed: isHarmed, cutByRanges: isCutByRanges };
      for (const id of possible.keys()) {
        if (moment.visibleTree.people.has(id)) hiddenByChange.delete(id);
        else if (firstDone && scope !== undefined && scope !== moment.scope) hiddenByChange.add(id);
      }
    },
    confirm: () => {
      close();
      if (current === undefined || current.harmed()) return;
      firstDone = true;
      for (const id of current.visibleTree.people.keys()) {
        const known = possible.get(id);
        if (known !== undefined) sure.set(id, known);
      }
      groups.confirm(current.visibleTree);
      current = undefined;
    },
    forget: (hadAnything) => {
      if (hadAnything) sinceLoss = 0;
      scope = undefined;
      firstDone = false;
      hiddenByChange.clear();
      sure.clear();
      groups.forget();
    },
    scene: () => {
      const now = current ?? { ...options.moment(), harmed: () => false, cutByRanges: () => false };
      return {
        full: claims(now.fullTree),
        fullTree: now.fullTree,
        visible: claims(now.visibleTree),
        visibleTree: now.visibleTree,
        hidden: now.hidden,
        isHarmed: now.harmed,
        isCutByRanges: now.cutByRanges,
        missed: (id) =>
          (missing.get(id)?.count ?? 0) + (current !== undefined && countsNow(id, current) ? 1 : 0),
        isHiddenByChange: (id) => hiddenByChange.has(id) && now.fullTree.people.has(id),
        hadAddress: (id, address) => had.has(`${id} ${address}`),
        wasClaimedByGroup: groups.wasClaimed,
        isGroup: (id) => groups.known().has(id) || now.fullTree.groups.has(id),
        surelyKnownGroups: groups.surelyKnown(),
        wasMember: groups.wasMember,
        lastKnown: possible,
        surelyKnown: sureOnly(),
        readingsSinceLoss: sinceLoss,
      };
    },
  };
}
