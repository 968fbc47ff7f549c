/** A re-created account or group succeeds its former id (DESIGN.md 4.6). */
import { dnKey } from './dn.ts';
import type { GraceResult, SnapshotEntry } from './grace.ts';

/**
 * How a re-created account is recognised: by DN or account name (DESIGN.md 4.6). Nobody succeeds a group but a group:
 * what comes to the mailbox of a list is sent on.
 */
function identityKeys({ kind, entry }: SnapshotEntry, account: string): readonly string[] {
  const login = entry.attributes[account]?.[0]?.toLowerCase();
  const byDn = `${kind} dn:${dnKey(entry.dn)}`;
  return login === undefined ? [byDn] : [byDn, `${kind} account:${login}`];
}

/**
 * Former ids that a re-created account succeeds: the old id is absent from a complete reading and holds a
 * mailbox, the new one holds none, and DN or account name are equal (DESIGN.md 4.6). Former id -> new id.
 */
export function findSuccessors(input: {
  readonly result: GraceResult;
  /** The attribute with the account name, lower case. */
  readonly account: string;
  readonly holdsMailbox: (id: string) => boolean;
}): ReadonlyMap<string, string> {
  const { result, account, holdsMailbox } = input;
  const orphans = [...result.absent].filter(holdsMailbox).sort();
  if (orphans.length === 0) return new Map();
  const newcomers = newcomersByKey(input);
  const successors = new Map<string, string>();
  const heirs = new Set<string>();
  for (const id of orphans) {
    const seen = result.snapshot.get(id);
    if (seen === undefined) continue;
    const candidates = identityKeys(seen, account).flatMap((key) => newcomers.get(key) ?? []);
    const heir = candidates.find((candidate) => !heirs.has(candidate));
    if (heir === undefined) continue;
    heirs.add(heir);
    successors.set(id, heir);
  }
  return successors;
}

/** Present people and groups without a mailbox of their own, by DN and account name; sorted, the directory has no order. */
function newcomersByKey(input: Parameters<typeof findSuccessors>[0]): ReadonlyMap<string, readonly string[]> {
  const { result, account, holdsMailbox } = input;
  const newcomers = new Map<string, string[]>();
  for (const [id, seen] of result.snapshot) {
    if (result.absent.has(id) || holdsMailbox(id)) continue;
    for (const key of identityKeys(seen, account)) {
      newcomers.set(key, [...(newcomers.get(key) ?? []), id].sort());
    }
  }
  return newcomers;
}
