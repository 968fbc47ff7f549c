/** Which groups are lists, at which address and under which policy (RULES.md 9; DESIGN.md 4.2). */
import { domainOf } from './address.ts';
import type { DeriveInput } from './desired-types.ts';
import { matchesPattern, parseGroupPolicyWords, type GroupPolicy } from './group-policy.ts';
import type { DirectoryEntry, Finding } from './model.ts';
import { aliasValuesOf, parseEntryAddress, type AliasValue } from './person.ts';
import { unknownDomain } from './resolve-people.ts';

/** A group with an address of its own. */
export type Group = {
  readonly id: string;
  readonly dn: string;
  readonly entry: DirectoryEntry;
  readonly address: string;
  readonly aliases: readonly AliasValue[];
  /** Undefined: nobody said anything, so what an administrator sets in mailcow stays. */
  readonly policy: GroupPolicy | undefined;
};

export type ResolvedGroups = {
  readonly groups: readonly Group[];
  /** Groups whose aliases stay as they are. */
  readonly frozen: ReadonlySet<string>;
  /** Of these, groups with an address that the group filter does not select any more. */
  readonly unlisted: ReadonlySet<string>;
  /** Groups whose domain mailcow does not have: no lists, but what they ask for is asked for (RULES.md, "Clarified"). */
  readonly homeless: readonly Group[];
  readonly findings: readonly Finding[];
};

type Verdict = { readonly group: Group } | { readonly finding?: Finding; readonly homeless?: Group };

/** The entry's own word counts before the patterns. */
function policyOf(
  entry: DirectoryEntry,
  address: string,
  input: DeriveInput,
): GroupPolicy | 'unknown' | undefined {
  const { groupPolicy } = input.mapping;
  const word = groupPolicy === undefined ? undefined : entry.attributes[groupPolicy]?.[0]?.trim();
  if (word !== undefined && word !== '') return parseGroupPolicyWords(word) ?? 'unknown';
  return input.groupPolicies?.find(({ pattern }) => matchesPattern(pattern, address))?.policy;
}

function judge(entry: DirectoryEntry, input: DeriveInput): Verdict {
  const { mapping, domains, holdings } = input;
  const parsed = parseEntryAddress(entry, mapping.mail);
  if (parsed.kind === 'unresolved') {
    // Where the filter does not ask for an address (lldap), a group without one is none of our business.
    const isNoList = parsed.finding.code === 'no-address' && !holdings.has(entry.id);
    return isNoList ? {} : { finding: parsed.finding };
  }
  const { address } = parsed;
  const policy = policyOf(entry, address, input);
  if (policy === 'unknown') {
    const message = `${mapping.groupPolicy ?? ''} has a word that is no policy: use list, internal, send-as, mailbox or ignore; the list is left as it is`;
    return { finding: { code: 'invalid-group-policy', subject: entry.dn, message } };
  }
  if (policy?.ignore === true || input.skippedDomains?.has(domainOf(address)) === true) return {};
  const aliases = aliasValuesOf(entry, mapping.aliases);
  const group = { id: entry.id, dn: entry.dn, entry, address, aliases, policy };
  return domains.has(domainOf(address))
    ? { group }
    : { finding: unknownDomain(entry.dn, address), homeless: group };
}

/** Rule 9: which groups have an address of their own. What is not understood, or ignored, keeps what it has. */
export function resolveGroups(input: DeriveInput): ResolvedGroups {
  const groups: Group[] = [];
  const frozen = new Set<string>();
  const unlisted = new Set<string>();
  const homeless: Group[] = [];
  const findings: Finding[] = [];
  for (const entry of input.groups) {
    if (entry.nestedOnly === true && !input.holdings.has(entry.id)) continue;
    const verdict = judge(entry, input);
    if ('group' in verdict && entry.nestedOnly === true) {
      unlisted.add(entry.id);
      frozen.add(entry.id);
      continue;
    }
    if ('group' in verdict) {
      groups.push(verdict.group);
      continue;
    }
    frozen.add(entry.id);
    if (verdict.homeless !== undefined) homeless.push(verdict.homeless);
    if (verdict.finding !== undefined) findings.push(verdict.finding);
  }
  return { groups, frozen, unlisted, homeless, findings };
}
