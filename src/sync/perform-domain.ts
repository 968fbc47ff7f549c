/** Changes of mail domains. */
import type { Change, Fields } from '../core/change.ts';
import { renderMark } from '../core/mark.ts';
import type { Domain } from '../core/model.ts';
import type { DomainEdit, WriteResult } from '../ports-mailcow.ts';
import { DONE, type PerformContext } from './perform-context.ts';
import { deleteDomain } from './perform-domain-deletion.ts';

/** The fields of a domain that a change says something about, in the words of the port. */
function editOf(after: Fields): DomainEdit {
  const { maxMailboxes, maxAliases, defaultQuotaMiB, maxMailboxQuotaMiB, quotaMiB, gal, description } = after;
  return {
    ...(maxMailboxes !== undefined && { mailboxes: maxMailboxes }),
    ...(maxAliases !== undefined && { aliases: maxAliases }),
    ...(defaultQuotaMiB !== undefined && { defaultQuotaMiB }),
    ...(maxMailboxQuotaMiB !== undefined && { maxMailboxQuotaMiB }),
    ...(quotaMiB !== undefined && { quotaMiB }),
    ...(gal !== undefined && { gal }),
    ...(description !== undefined && { description }),
  };
}

/** A new domain, marked in the same call. What mailcow made of it is read back: it fills in its own template. */
async function createDomain(change: Change, context: PerformContext): Promise<WriteResult> {
  const { mailcow, memory, owner } = context;
  const { directoryId, key, after } = change;
  const description = renderMark({ owner, directoryId });
  const {
    mailboxes = 0,
    aliases = 0,
    defaultQuotaMiB = 0,
    maxMailboxQuotaMiB = 0,
    quotaMiB = 0,
    gal = true,
  } = editOf(after);
  const quotas = { defaultQuotaMiB, maxMailboxQuotaMiB, quotaMiB };
  const restartSogo = change.restart === true;
  const result = await mailcow.createDomain({
    name: key,
    description,
    mailboxes,
    aliases,
    ...quotas,
    gal,
    restartSogo,
  });
  if (result.kind === 'done') memory.setDomain(key, await mailcow.readDomain(key));
  return result;
}

async function editDomain({ key, after }: Change, { mailcow, memory }: PerformContext): Promise<WriteResult> {
  const result = await mailcow.editDomain(key, editOf(after));
  if (result.kind !== 'done') return result;
  const domain = memory.current.domains.get(key);
  if (domain !== undefined) memory.setDomain(key, withFields(domain, after));
  return DONE;
}

const withFields = (domain: Domain, { maxMailboxes, maxAliases, ...after }: Fields): Domain => ({
  ...domain,
  ...(maxMailboxes !== undefined && { maxMailboxes }),
  ...(maxAliases !== undefined && { maxAliases }),
  ...(after.defaultQuotaMiB !== undefined && { defaultQuotaMiB: after.defaultQuotaMiB }),
  ...(after.maxMailboxQuotaMiB !== undefined && { maxMailboxQuotaMiB: after.maxMailboxQuotaMiB }),
  ...(after.quotaMiB !== undefined && { quotaMiB: after.quotaMiB }),
  ...(after.gal !== undefined && { gal: after.gal }),
  ...(after.description !== undefined && { description: after.description }),
});

/** Sends a change of a domain. */
export function performDomain(change: Change, context: PerformContext): Promise<WriteResult> {
  if (change.kind === 'delete') return deleteDomain(change, context);
  return change.kind === 'create' ? createDomain(change, context) : editDomain(change, context);
}
