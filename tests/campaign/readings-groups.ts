/** What the readings have shown of groups. */
import { groupAddresses } from './rules.ts';
import { membersOf } from './rules-lists.ts';
import type { KnownGroup } from './scene.ts';
import type { Group, Tree } from './tree.ts';

export type GroupDiary = {
  /** A reading has ended: this is what it may have shown. */
  readonly note: (tree: Tree, hidden: string | undefined) => void;
  /** The sync of that reading ran to its end. */
  readonly confirm: (tree: Tree) => void;
  /** The program's memory is gone. */
  readonly forget: () => void;
  readonly known: () => ReadonlyMap<string, KnownGroup>;
  readonly surelyKnown: () => ReadonlyMap<string, KnownGroup>;
  readonly wasClaimed: (address: string) => boolean;
  readonly wasMember: (groupId: string, id: string) => boolean;
};

/** An attribute that cannot be read leaves its gap in what is remembered. */
function knownOf(group: Group, hidden: string | undefined): KnownGroup {
  if (hidden === 'mail') return { group, addresses: new Set() };
  const seen = hidden === 'proxyAddresses' ? { ...group, proxies: [] } : group;
  return { group, addresses: groupAddresses(seen) };
}

/** Opens the diary of groups. */
export function openGroupDiary(): GroupDiary {
  const possible = new Map<string, KnownGroup>();
  const sure = new Map<string, KnownGroup>();
  const claimed = new Set<string>();
  const members = new Set<string>();
  return {
    note: (tree, hidden) => {
      for (const group of tree.groups.values()) {
        possible.set(group.id, knownOf(group, hidden));
        for (const value of [group.mail ?? '', ...group.proxies]) {
          claimed.add(value.replace(/^smtp:/i, '').toLowerCase());
        }
        for (const id of membersOf(tree, group.id).people) members.add(`${group.id} ${id}`);
      }
    },
    confirm: (tree) => {
      for (const id of tree.groups.keys()) {
        const known = possible.get(id);
        if (known !== undefined) sure.set(id, known);
      }
    },
    forget: () => {
      sure.clear();
    },
    known: () => possible,
    surelyKnown: () => new Map([...sure].filter(([id, known]) => possible.get(id)?.group === known.group)),
    wasClaimed: (address) => claimed.has(address),
    wasMember: (groupId, id) => members.has(`${groupId} ${id}`),
  };
}
