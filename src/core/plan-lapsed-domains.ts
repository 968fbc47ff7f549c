/** Managed domains that nobody in the directory asks for any more: deleted when they are empty (DESIGN.md 4.10). */
import { domainOf } from './address.ts';
import { stages } from './change.ts';
import { isOurDomain } from './domain-settings.ts';
import type { Known } from './known.ts';
import type { Domain } from './model.ts';
import type { Notes, PlanInput } from './plan-context.ts';
import { isStrayId, lapsedDomainId } from './watch.ts';

/** Who is in grace, not understood or contested asks for the domain as everybody does. */
function domainsInUse({ desired, ledger, claimants }: PlanInput, known: Known): ReadonlySet<string> {
  const owned = [...ledger.mailboxes.values(), ...ledger.aliases.values()]
    .filter(({ directoryId }) => claimants.has(directoryId))
    .map(({ key }) => key);
  const wanted = [...desired.mailboxes.values()].map(({ address }) => address);
  const addresses = [...owned, ...wanted, ...desired.aliases.keys(), ...desired.lists.keys()];
  return new Set([...known.domains, ...desired.domains, ...addresses.map(domainOf)]);
}

const isIn =
  (name: string) =>
  (address: string): boolean =>
    domainOf(address) === name;

/** What is in a domain that must not go with it; undefined: nothing. mailcow's own numbers count, and what we know. */
export function whyNotEmpty(
  domain: Domain,
  { current, ledger }: Pick<PlanInput, 'current' | 'ledger'>,
): string | undefined {
  const here = isIn(domain.name);
  const boxes = Math.max(domain.mailboxes, [...current.mailboxes.keys()].filter(here).length);
  if (boxes > 0) return `it has ${boxes} mailboxes`;
  const aliases = [...current.aliases.keys()].filter(here);
  const ours = aliases.filter((key) => {
    const row = ledger.aliases.get(key);
    return row !== undefined && !isStrayId(row.directoryId);
  });
  const others = Math.max(domain.aliases, aliases.length) - ours.length;
  if (others > 0) return `it has ${others} aliases that are not ours`;
  // mailcow counts fewer than we know: something went on there that we have not seen.
  return domain.aliases === ours.length ? undefined : 'its aliases are not as we know them';
}

function isDue(id: string, { settings, gone, missingDays, clockTrusted }: PlanInput): boolean {
  const { deleteAfterDays } = settings;
  if (deleteAfterDays === undefined || clockTrusted === false || gone?.has(id) !== true) return false;
  return (missingDays?.(id) ?? 0) >= deleteAfterDays;
}

function planDomain(domain: Domain, input: PlanInput, notes: Notes): void {
  const { name: key } = domain;
  const directoryId = lapsedDomainId(key);
  notes.watched.add(directoryId);
  if (!isDue(directoryId, input)) return;
  const here = isIn(key);
  // What is being changed in it now is looked at again in the next sync.
  const isBusy = notes.changes.some((change) => change.resource !== 'domain' && here(change.key));
  const why = isBusy ? 'this sync still changes something in it' : whyNotEmpty(domain, input);
  if (why !== undefined) {
    notes.skips.push({ resource: 'domain', key, reason: `nobody in the directory asks for it, but ${why}` });
    return;
  }
  const since = input.missingSince(directoryId);
  const days = input.missingDays?.(directoryId) ?? 0;
  notes.changes.push({
    kind: 'delete',
    resource: 'domain',
    key,
    directoryId,
    before: {},
    after: {},
    reason: `nobody in the directory asks for it on ${days} days${since === undefined ? '' : ` since ${since}`}, and it is empty; LDAP_MAILCOW_DELETE_AFTER_DAYS=${input.settings.deleteAfterDays ?? ''}`,
    needs: [],
    stage: stages.deleteDomain,
  });
}

/** Domains of ours, and only with LDAP_MAILCOW_DELETE_AFTER_DAYS. */
export function planLapsedDomains(input: PlanInput, notes: Notes): void {
  const { settings, known, current } = input;
  if (settings.domains === undefined || settings.deleteAfterDays === undefined || known === undefined) return;
  const inUse = domainsInUse(input, known);
  const lapsed = [...current.domains.values()].filter(
    (domain) => isOurDomain(domain, settings.owner) && !inUse.has(domain.name),
  );
  for (const domain of lapsed.sort((a, b) => (a.name < b.name ? -1 : 1))) planDomain(domain, input, notes);
}
