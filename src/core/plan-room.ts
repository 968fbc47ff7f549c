/** Room and quotas of a domain: what mailcow would refuse is not sent (each refusal rebuilds a table there). */
import { domainOf } from './address.ts';
import { domainFor } from './current.ts';
import type { DesiredMailbox } from './desired-types.ts';
import { note, type Notes, type PlanInput } from './plan-context.ts';

/** The quota of a new mailbox: the entry's, the operator's, the domain's default; sent always (omitted = unlimited). */
export function newQuota(person: DesiredMailbox, input: PlanInput): number {
  const fallback = input.settings.domains?.defaultMailboxQuotaMiB ?? 0;
  const { defaultQuotaMiB = fallback } = domainFor(input.current, person.address) ?? {};
  return person.quotaMiB ?? input.settings.newQuotaMiB ?? defaultQuotaMiB;
}

/** Refuses here what mailcow would refuse: each refused write costs it a table rebuild. */
export function fits(person: DesiredMailbox, quotaMiB: number, notes: Notes): boolean {
  const room = notes.room.get(domainOf(person.address));
  if (room === undefined) return true;
  const domain = domainOf(person.address);
  if (room.mailboxes < 1) {
    notes.lookups.domains.add(domain);
    note(notes, {
      code: 'domain-mailboxes-full',
      subject: person.address,
      message: `${domain} has no room for another mailbox: raise its number of mailboxes in mailcow`,
    });
    return false;
  }
  return quotaFits(person, { more: quotaMiB, total: quotaMiB }, notes);
}

/** Whether a domain allows a mailbox of `total` MiB and has `more` MiB left. */
export function quotaFits(
  person: DesiredMailbox,
  quota: { readonly more: number; readonly total: number },
  notes: Notes,
): boolean {
  const domain = domainOf(person.address);
  const room = notes.room.get(domain);
  if (room === undefined) return true;
  if (quota.total > room.maxMailboxMiB) {
    notes.lookups.domains.add(domain);
    note(notes, {
      code: 'quota-exceeds-domain-maximum',
      subject: person.address,
      message: `${quota.total} MiB wanted, ${domain} allows ${room.maxMailboxMiB} MiB a mailbox: raise it in mailcow or lower the quota`,
    });
    return false;
  }
  if (quota.more > room.quotaMiB) {
    notes.lookups.domains.add(domain);
    note(notes, {
      code: 'domain-quota-full',
      subject: person.address,
      message: `${quota.more} MiB more wanted, ${domain} has ${Math.max(0, room.quotaMiB)} MiB left: raise the domain's quota in mailcow`,
    });
    return false;
  }
  return true;
}

/** Takes MiB out of what a domain has left for the rest of the plan. */
export function takeRoom(address: string, quotaMiB: number, notes: Notes): void {
  const room = notes.room.get(domainOf(address));
  if (room !== undefined) room.quotaMiB -= quotaMiB;
}
