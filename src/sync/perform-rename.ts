/** A rename, and what mailcow does along with it. */
import type { Change } from '../core/change.ts';
import { isActive, withRenames } from '../core/current.ts';
import { formerAddressComment } from '../core/mark.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { DONE, ownedBy, type PerformContext } from './perform-context.ts';
import { refreshAlias } from './refresh.ts';

/** The alias that a rename left bears mailcow's own comment: ours is bookkeeping, and may fail without harm. */
async function claimFormerAddress(change: Change, context: PerformContext): Promise<void> {
  const { mailcow, memory, log } = context;
  await refreshAlias(mailcow, memory, change.key);
  const alias = memory.current.aliases.get(change.key);
  if (alias === undefined) return;
  memory.own({
    ...ownedBy(change, context, { key: change.key, origin: 'renamed', lastActive: isActive(alias.active) }),
    resource: 'alias',
    origin: 'renamed',
    applied: { goto: alias.goto },
  });
  const privateComment = formerAddressComment({ owner: context.owner, directoryId: change.directoryId });
  const result = await mailcow.editAlias(alias.id, { privateComment, senderAllowed: true });
  if (result.kind === 'done') memory.setAlias(change.key, { ...alias, privateComment, senderAllowed: true });
  else log.warn('the alias on the former address could not be marked', { address: change.key });
}

/** Gives a mailbox another address within its domain. */
export async function renameMailbox(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow } = context;
  const to = change.after.address ?? change.key;
  const keepAlias = change.keepAlias ?? false;
  const result = await mailcow.renameMailbox({ from: change.key, to, keepAlias });
  if (result.kind !== 'done') return result;
  await recordRename(change, context);
  return DONE;
}

/** The aliases that mailcow led along are as we left them. */
function followRename(
  rename: { readonly from: string; readonly to: string },
  { memory }: PerformContext,
): void {
  for (const row of [...memory.ledger.aliases.values()]) {
    const [only, second] = row.applied?.goto ?? [];
    if (only !== rename.from || second !== undefined) continue;
    memory.own({ ...row, applied: { ...row.applied, goto: [rename.to] } });
  }
}

/** Memory and ledger after a rename that is known to have happened. */
export async function recordRename(change: Change, context: PerformContext): Promise<void> {
  const { memory } = context;
  const to = change.after.address ?? change.key;
  const row = memory.ledger.mailboxes.get(change.key);
  const keepAlias = change.keepAlias ?? false;
  memory.setCurrent(withRenames(memory.current, [{ from: change.key, to, keepAlias }]));
  memory.own(
    ownedBy(change, context, {
      key: to,
      origin: 'created',
      lastActive: row?.lastActive,
      applied: { address: to },
    }),
  );
  // Its filter went along.
  const filter = memory.current.filters?.get(change.key);
  memory.setFilter(to, filter && { ...filter, address: to });
  memory.setFilter(change.key, undefined);
  // So did its sync jobs.
  const jobs = memory.current.syncJobs?.get(change.key);
  memory.setSyncJobs(to, jobs && { ...jobs, mailbox: to });
  memory.setSyncJobs(change.key, undefined);
  followRename({ from: change.key, to }, context);
  memory.disown('mailbox', change.key);
  memory.disown('alias', to);
  if (keepAlias) await claimFormerAddress(change, context);
}
