/** The name under which objects are marked, and the marks that were made under another one. */
import type { CurrentState } from '../core/current.ts';
import { markOfTags, parseMark } from '../core/mark.ts';
import type { Finding } from '../core/model.ts';
import type { Facts } from '../ports-state.ts';
import type { SyncSettings } from './settings.ts';

type OwnerSettings = Pick<SyncSettings, 'owner' | 'derivedOwner'>;

/** The default, as it was made at the first start: it must not move with the base DN. */
const defaultOwner = ({ derivedOwner }: OwnerSettings, facts: Facts): string => facts.owner ?? derivedOwner;

/** The name under which objects are marked now: the configured one, else the default. */
export function ownerOf(settings: OwnerSettings, facts: Facts): string {
  return settings.owner ?? defaultOwner(settings, facts);
}

/** Versions that did not keep them apart remembered the name that was in use. */
const usedBefore = ({ owner, ownersUsed }: Facts): readonly string[] =>
  ownersUsed ?? (owner === undefined ? [] : [owner]);

/** To remember: the default, whatever is configured, and every name that marks may have been made under. */
export function ownerFacts(settings: OwnerSettings, facts: Facts): Pick<Facts, 'owner' | 'ownersUsed'> {
  const used = new Set([...usedBefore(facts), ownerOf(settings, facts)]);
  return { owner: defaultOwner(settings, facts), ownersUsed: [...used].sort() };
}

/** How many mailboxes and aliases belong to whom by their marks; a mark of ours counts before others. */
function countMarks({ mailboxes, aliases }: CurrentState, owner: string): ReadonlyMap<string, number> {
  const marks = [
    ...[...mailboxes.values()].map(({ tags }) => markOfTags(tags, owner)),
    ...[...aliases.values()].map(({ privateComment }) => parseMark(privateComment)),
  ];
  const counts = new Map<string, number>();
  for (const mark of marks) {
    if (mark !== undefined) counts.set(mark.owner, (counts.get(mark.owner) ?? 0) + 1);
  }
  return counts;
}

/** A finding for each name that this program ran as before and whose marks are still there: they are foreign now. */
export function formerOwnerFindings(
  current: CurrentState,
  { owner, facts }: { readonly owner: string; readonly facts: Facts },
): readonly Finding[] {
  const counts = countMarks(current, owner);
  return usedBefore(facts)
    .filter((former) => former !== owner && counts.has(former))
    .map((former) => ({
      code: 'owner-changed',
      subject: former,
      message: `${counts.get(former) ?? 0} mailboxes and aliases bear the mark of "${former}", as which this program ran before; now it runs as "${owner}" and never touches them. To go on with them set LDAP_MAILCOW_OWNER=${former}; to hand them to "${owner}", take these marks away in mailcow, then they are adopted`,
    }));
}
