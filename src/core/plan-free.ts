/** An alias stands where a mailbox should come. */
import { changeId, stages, type Change } from './change.ts';
import type { DesiredMailbox } from './desired-types.ts';
import type { LedgerEntry } from './ledger.ts';
import { isProtected, note, type PlanContext } from './plan-context.ts';
import { isStrayId } from './watch.ts';

/** Why the alias must stay, or undefined when it is ours to remove. */
function whyItStays(
  person: DesiredMailbox,
  row: LedgerEntry | undefined,
  { input }: PlanContext,
): string | undefined {
  const { desired, settings } = input;
  if (row === undefined || isStrayId(row.directoryId))
    return 'not managed: remove it in mailcow, or change the address';
  if (isProtected(person.address, settings)) return 'protected';
  if (row.directoryId === person.id) return undefined;
  if (desired.frozen.has(row.directoryId)) return 'of an entry that cannot be understood now';
  const claimed = desired.deniedClaims.get(person.address)?.has(row.directoryId) === true;
  return claimed ? 'of an entry that still claims it: one of the two must give it up' : undefined;
}

/**
 * The ids of the changes that free the address of a person's mailbox from an alias: none, or its removal.
 * Undefined when it must stay: the person is blocked and the finding `address-taken` says why.
 */
export function freeFromAlias(person: DesiredMailbox, context: PlanContext): readonly string[] | undefined {
  const { input, notes } = context;
  const alias = input.current.aliases.get(person.address);
  if (alias === undefined) return [];
  const row = input.ledger.aliases.get(person.address);
  const why = whyItStays(person, row, context);
  const target = alias.goto.join(', ');
  if (why !== undefined || row === undefined) {
    notes.blocked.add(person.id);
    notes.lookups.addresses.add(person.address);
    const message = `wanted as the mailbox of ${person.dn}, but it is an alias to ${target}, ${why ?? ''}`;
    note(notes, { code: 'address-taken', subject: person.address, message });
    return undefined;
  }
  const removal: Change = {
    kind: 'remove',
    resource: 'alias',
    key: alias.address,
    directoryId: row.directoryId,
    before: {},
    after: {},
    reason: `${person.dn} has it as its mailbox address now; it pointed to ${target}`,
    needs: [],
    stage: stages.freeAddress,
  };
  notes.changes.push(removal);
  return [changeId(removal)];
}
