/** A plan as data: what would be written, in the words of DESIGN.md section 3. */
import type { Finding } from './model.ts';

export type ChangeKind =
  | 'create'
  | 'update'
  | 'rename'
  | 'deactivate'
  | 'reactivate'
  | 'remove'
  | 'delete'
  | 'adopt'
  /** Gives up our mark and what the ledger has of it; the object stays as it is. */
  | 'release';

/** What an entry of the directory has. */
export type ObjectResource = 'mailbox' | 'alias';

/** `filter`: the sieve filter by which a mailbox is a list; `syncjob`: the migration's; the key of both is the mailbox. */
export type Resource = ObjectResource | 'domain' | 'filter' | 'syncjob';

/** Only fields that differ; `active` in mailcow's own values. */
export type Fields = {
  readonly name?: string;
  readonly quotaMiB?: number;
  readonly active?: number;
  readonly goto?: readonly string[];
  readonly address?: string;
  readonly maxMailboxes?: number;
  readonly maxAliases?: number;
  readonly defaultQuotaMiB?: number;
  readonly maxMailboxQuotaMiB?: number;
  readonly gal?: boolean;
  readonly internal?: boolean;
  readonly senderAllowed?: boolean;
  readonly tlsEnforceIn?: boolean;
  readonly tlsEnforceOut?: boolean;
  /** `ldap`: mailcow's identity provider; in `before` whatever mailcow has. */
  readonly authSource?: string;
  /** Never a hash nor a password. `random`: one that nobody has; `another password`: there, of a sync job. */
  readonly password?: 'changed' | 'from the directory' | 'random' | 'another password';
  /** Of a sync job: where it copies from. */
  readonly host?: string;
  readonly port?: number;
  readonly login?: string;
  readonly security?: string;
  readonly exclude?: string;
  readonly intervalMinutes?: number;
  /** Options of imapsync, with the mark. */
  readonly options?: string;
  readonly deleteThere?: boolean;
  readonly deleteHere?: boolean;
  /** Of a domain or a filter. */
  readonly description?: string;
  /** The private comment of an alias. */
  readonly comment?: string;
};

export type Change = {
  readonly kind: ChangeKind;
  readonly resource: Resource;
  /** The address before the change. */
  readonly key: string;
  readonly directoryId: string;
  readonly before: Fields;
  readonly after: Fields;
  readonly reason: string;
  /** Ids of changes without which this one makes no sense: held, failed or dropped together with them. */
  readonly needs: readonly string[];
  /** Position in the order of writing (DESIGN.md 4.12). */
  readonly stage: Stage;
  /** The list of a group. */
  readonly list?: true;
  /** Ids of mailbox changes that the goto of a list builds upon: where one fails, it is built upon what there is. */
  readonly uses?: readonly string[];
  /** The last new domain of a plan: SOGo learns of new ones only by a restart. */
  readonly restart?: true;
  /** A rename that leaves the old address as an alias. */
  readonly keepAlias?: boolean;
  /** An adoption that takes over from this former directory id. */
  readonly formerId?: string;
  /** An adoption of what an older tool had switched off: ours to switch on again. */
  readonly switchedOff?: true;
  /** A sync job that is to run at the next minute. */
  readonly runNow?: true;
  /** A deletion only for as long as there is no mail. */
  readonly onlyEmpty?: true;
  /** A creation that leaves a mailbox of another domain behind at this address. */
  readonly movedFrom?: string;
};

/** The order of writing: DESIGN.md 4.12. */
export const stages = {
  domain: 1,
  freeAddress: 2,
  rename: 3,
  mailbox: 4,
  filter: 5,
  alias: 6,
  syncJob: 7,
  remove: 8,
  deactivateAlias: 9,
  deactivateSyncJob: 10,
  deactivateMailbox: 11,
  delete: 12,
  deleteDomain: 13,
} as const;

export type Stage = (typeof stages)[keyof typeof stages];

/** Kept back by the guard; waits for approval. */
export type Held = { readonly change: Change; readonly why: string };

/** Found and not made: the policy does not allow it. */
export type Forbidden = { readonly change: Change; readonly why: string };

/** Left alone on purpose. */
export type Skip = { readonly resource: Resource; readonly key: string; readonly reason: string };

export type Plan = {
  readonly changes: readonly Change[];
  readonly held: readonly Held[];
  readonly forbidden: readonly Forbidden[];
  readonly skips: readonly Skip[];
  readonly findings: readonly Finding[];
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names a change within one plan. */
export function changeId(change: Pick<Change, 'kind' | 'resource' | 'key'>): string {
  return `${change.kind} ${change.resource} ${change.key}`;
}

/** Equal for the same change in two plans; reasons and order do not count. */
export function changeSignature(change: Change): string {
  const after = Object.entries(change.after).sort(([a], [b]) => compare(a, b));
  return JSON.stringify([change.kind, change.resource, change.key, after]);
}

/** Takes something away from somebody: what the guard counts and an incomplete reading forbids. */
export function isRemoval(change: Change): boolean {
  if (change.kind === 'update') return change.before.active === 1 && change.after.active !== 1;
  return change.kind === 'deactivate' || change.kind === 'remove' || change.kind === 'delete';
}

/** Sorted for printing: by resource, key and kind, so that the same inputs give the same bytes. */
export function sortForDisplay(changes: readonly Change[]): readonly Change[] {
  return [...changes].sort(
    (a, b) => compare(a.resource, b.resource) || compare(a.key, b.key) || compare(a.kind, b.kind),
  );
}

/** Findings sorted by code and subject, equal ones once. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const sorted = [...findings].sort(
    (a, b) => compare(a.code, b.code) || compare(a.subject, b.subject) || compare(a.message, b.message),
  );
  return sorted.filter((finding, index) => {
    const before = sorted[index - 1];
    return before?.code !== finding.code || before.subject !== finding.subject;
  });
}

/** Skips sorted by resource and key. */
export function sortSkips(skips: readonly Skip[]): readonly Skip[] {
  return [...skips].sort(
    (a, b) => compare(a.resource, b.resource) || compare(a.key, b.key) || compare(a.reason, b.reason),
  );
}

/**
 * The order of writing: by stage; within one, whatever is needed comes before what needs it; otherwise by key.
 * Changes must not need each other in a circle.
 */
export function sortForApply(changes: readonly Change[]): readonly Change[] {
  const sorted = [...sortForDisplay(changes)].sort((a, b) => a.stage - b.stage);
  const byId = new Map(sorted.map((change) => [changeId(change), change]));
  const done = new Set<string>();
  const result: Change[] = [];
  const visit = (change: Change): void => {
    const id = changeId(change);
    if (done.has(id)) return;
    done.add(id);
    for (const need of change.needs) {
      const needed = byId.get(need);
      if (needed !== undefined && needed.stage <= change.stage) visit(needed);
    }
    result.push(change);
  };
  sorted.forEach(visit);
  return result;
}

/**
 * What falls together with the changes that are named by `fallen` (ids): everything that needs one of them,
 * however long the chain, and removals that only free an address for what falls. Ids with the id of the cause.
 */
export function fallTogether(
  changes: readonly Change[],
  fallen: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const causes = new Map([...fallen].map((id) => [id, id]));
  const needers = new Map<string, string[]>();
  for (const change of changes) {
    for (const need of change.needs) {
      const ids = needers.get(need);
      if (ids === undefined) needers.set(need, [changeId(change)]);
      else ids.push(changeId(change));
    }
  }
  const causeOf = (change: Change): string | undefined => {
    const needed = change.needs.find((need) => causes.has(need));
    if (needed !== undefined || change.kind !== 'remove') return needed;
    const waiting = needers.get(changeId(change)) ?? [];
    return waiting.length > 0 && waiting.every((id) => causes.has(id)) ? waiting[0] : undefined;
  };
  for (let grew = causes.size > 0; grew;) {
    grew = false;
    for (const change of changes) {
      if (causes.has(changeId(change))) continue;
      const cause = causeOf(change);
      if (cause === undefined) continue;
      causes.set(changeId(change), cause);
      grew = true;
    }
  }
  return causes;
}
