/** One change, sent to mailcow. */
import type { Change } from '../core/change.ts';
import type { WriteResult } from '../ports-mailcow.ts';
import { adoptAlias, editAlias } from './perform-alias.ts';
import { performDomain } from './perform-domain.ts';
import { performFilter } from './perform-filter.ts';
import { performRelease } from './perform-release.ts';
import { performSyncJob } from './perform-sync-job.ts';
import type { PerformContext } from './perform-context.ts';
import { adoptMailbox, createMailbox, deleteMailbox, editMailbox } from './perform-mailbox.ts';
import { renameMailbox } from './perform-rename.ts';
import { deactivateStray, isFirstOfStray } from './perform-stray.ts';

const others = { domain: performDomain, filter: performFilter, syncjob: performSyncJob } as const;

/** Sends one change (aliases are created and removed in batches, elsewhere). */
export function performChange(change: Change, context: PerformContext): Promise<WriteResult> {
  if (change.kind === 'release') return performRelease(change, context);
  const { resource } = change;
  if (resource !== 'mailbox' && resource !== 'alias') return others[resource](change, context);
  if (isFirstOfStray(change, context)) return deactivateStray(change, context);
  if (change.resource === 'alias') {
    return change.kind === 'adopt' ? adoptAlias(change, context) : editAlias(change, context);
  }
  switch (change.kind) {
    case 'create':
      return createMailbox(change, context);
    case 'rename':
      return renameMailbox(change, context);
    case 'adopt':
      return adoptMailbox(change, context);
    case 'update':
    case 'deactivate':
    case 'reactivate':
      return editMailbox(change, context);
    case 'delete':
      return deleteMailbox(change, context);
    case 'remove':
      throw new Error('mailboxes are deleted, aliases removed');
  }
}
