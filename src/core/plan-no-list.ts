/** A mailbox stands where a list should come. */
import type { DesiredMailbox } from './desired-types.ts';
import { isImportedId } from './heritage.ts';
import { isStrayId } from './watch.ts';
import { isListMailbox } from './list-mailbox.ts';
import type { Mailbox } from './model.ts';
import { note, type Notes, type PlanInput } from './plan-context.ts';

/** A list keeps nothing: what comes to somebody's mailbox must not go that way. */
export const notNoList = (list: DesiredMailbox, notes: Notes): void => {
  notes.blocked.add(list.id);
  notes.lookups.addresses.add(list.address);
  note(notes, {
    code: 'address-taken',
    subject: list.address,
    message: `wanted as the list of ${list.dn}, but a mailbox is there that is no list (its name is not "${list.name}"): delete or rename it in mailcow, or give the group another address`,
  });
};

/** What we do not know as a list must bear the very name. */
export function isTheList(list: DesiredMailbox, mailbox: Mailbox, context: KnownOwner): boolean {
  const { formerId, input } = context;
  if (mailbox.name === list.name) return true;
  const isKnown = formerId !== undefined && !isImportedId(formerId) && !isStrayId(formerId);
  return isKnown && isListMailbox(mailbox, input.current.filters?.get(mailbox.address));
}

type KnownOwner = { readonly formerId: string | undefined; readonly input: PlanInput };
