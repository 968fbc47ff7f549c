/** Our marks are taken away, and what the ledger has of an object; the object itself stays as it is. */
import type { Change } from '../core/change.ts';
import { commentWithoutMark, parseMark } from '../core/mark.ts';
import { ourTags } from '../core/plan-release.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { DONE, type PerformContext } from './perform-context.ts';
import { refreshAlias } from './refresh.ts';

/** Each tag is a call of its own (facts/mailcow-api.md); a mailbox that is not there bears none. */
async function releaseMailbox({ key }: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  const mailbox = memory.current.mailboxes.get(key);
  const ours = ourTags(mailbox?.tags ?? [], owner);
  for (const tag of ours) {
    const result = await mailcow.removeMailboxTag(key, tag);
    if (result.kind !== 'done') return result;
    const now = memory.current.mailboxes.get(key);
    if (now !== undefined) memory.setMailbox(key, { ...now, tags: now.tags.filter((one) => one !== tag) });
  }
  memory.disown('mailbox', key);
  return DONE;
}

async function releaseAlias({ key, after }: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  await refreshAlias(mailcow, memory, key);
  const alias = memory.current.aliases.get(key);
  if (alias !== undefined && parseMark(alias.privateComment)?.owner === owner) {
    const privateComment = after.comment ?? commentWithoutMark(alias.privateComment);
    const result = await mailcow.editAlias(alias.id, { privateComment });
    if (result.kind !== 'done') return result;
    memory.setAlias(key, { ...alias, privateComment });
  }
  memory.disown('alias', key);
  return DONE;
}

async function releaseFilter({ key, after }: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const id = memory.current.filters?.get(key)?.id;
  const { description } = after;
  const result =
    id === undefined || description === undefined ? DONE : await mailcow.editFilter(id, { description });
  if (result.kind === 'done') memory.setFilter(key, undefined);
  return result;
}

async function releaseSyncJob({ key, after }: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const id = memory.current.syncJobs?.get(key)?.own?.id;
  const { options: customParams } = after;
  const result =
    id === undefined || customParams === undefined ? DONE : await mailcow.editSyncJob(id, { customParams });
  if (result.kind === 'done') memory.setSyncJobs(key, undefined);
  return result;
}

async function releaseDomain({ key, after }: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory } = context;
  const { description } = after;
  const domain = memory.current.domains.get(key);
  if (domain === undefined || description === undefined) return DONE;
  const result = await mailcow.editDomain(key, { description });
  if (result.kind === 'done') memory.setDomain(key, { ...domain, description });
  return result;
}

/** Gives up one object. */
export function performRelease(change: Change, context: PerformContext): Promise<WriteResult> {
  switch (change.resource) {
    case 'mailbox':
      return releaseMailbox(change, context);
    case 'alias':
      return releaseAlias(change, context);
    case 'filter':
      return releaseFilter(change, context);
    case 'syncjob':
      return releaseSyncJob(change, context);
    case 'domain':
      return releaseDomain(change, context);
  }
}
