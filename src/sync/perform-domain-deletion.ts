/**
 * The deletion of a mail domain. mailcow refuses it only for mailboxes and takes everything else along, so what is in it
 * is read just before (facts/mailcow-api.md section 5).
 */
import { domainOf } from '../core/address.ts';
import type { Change } from '../core/change.ts';
import type { CurrentState } from '../core/current.ts';
import { isOurDomain } from '../core/domain-settings.ts';
import { trustedLedger } from '../core/ledger.ts';
import type { Alias } from '../core/model.ts';
import { whyNotEmpty } from '../core/plan-lapsed-domains.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import type { Memory } from './memory.ts';
import { DONE, type PerformContext } from './perform-context.ts';
import { refreshAlias } from './refresh.ts';

/** The aliases of a domain, as far as they are known. */
export const aliasesIn = (name: string, { aliases }: Pick<CurrentState, 'aliases'>): readonly Alias[] =>
  [...aliases.values()].filter(({ address }) => domainOf(address) === name);

/** The domain is gone, with its aliases. */
export function recordDomainDeletion({ key }: Change, memory: Memory): void {
  for (const { address } of aliasesIn(key, memory.current)) memory.setAlias(address, undefined);
  for (const [resource, rows] of [
    ['mailbox', memory.ledger.mailboxes],
    ['alias', memory.ledger.aliases],
  ] as const) {
    for (const row of [...rows.values()]) if (domainOf(row.key) === key) memory.disown(resource, row.key);
  }
  memory.setDomain(key, undefined);
}

/** Each alias that is known, then mailcow's own numbers: if they agree, there is no other. */
async function readAnew(name: string, { mailcow, memory }: PerformContext): Promise<void> {
  for (const { address } of aliasesIn(name, memory.current)) await refreshAlias(mailcow, memory, address);
  memory.setDomain(name, await mailcow.readDomain(name));
}

async function whyItStays(name: string, context: PerformContext): Promise<string | undefined> {
  const { mailcow, memory, owner } = context;
  const { current } = memory;
  const other = (await mailcow.listAliasDomains()).find(({ target }) => target === name);
  if (other !== undefined) return `the alias domain ${other.name} leads to it`;
  await readAnew(name, context);
  const domain = current.domains.get(name);
  if (domain === undefined) return undefined;
  if (!isOurDomain(domain, owner)) return 'it does not bear our mark any more';
  return whyNotEmpty(domain, { current, ledger: trustedLedger(memory.ledger, current, owner) });
}

/** Deletes a domain in which nothing is but aliases of ours. In the words of mailcow's own refusal where it stays. */
export async function deleteDomain(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { key } = change;
  const why = await whyItStays(key, context);
  if (why !== undefined) {
    context.log.warn(`the domain ${key} is not deleted: ${why}`);
    return { kind: 'refused', words: [{ word: 'domain_not_empty', args: [key, why] }] };
  }
  // mailcow says "removed" of any name.
  const result = memory.current.domains.has(key) ? await mailcow.deleteDomain(key) : DONE;
  if (result.kind === 'done') recordDomainDeletion(change, memory);
  return result;
}
