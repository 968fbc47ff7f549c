/** The domains of the mailcow in memory. */
import type { Domain } from '../../src/core/model.ts';
import type { DomainEdit, Mailcow, NewDomain, WriteResult } from '../../src/ports-mailcow.ts';
import { aliasesIn, boxesIn, counted, refused, write } from './memory-world.ts';
import type { MemoryWorld } from './memory-world.ts';

type DomainWrites = {
  readonly [Name in 'createDomain' | 'editDomain' | 'deleteDomain']: (
    ...args: Parameters<Mailcow[Name]>
  ) => WriteResult;
};

/** The port's writes on domains. */
export function domainWrites(world: MemoryWorld): DomainWrites {
  return {
    createDomain: (domain) => create(world, domain),
    editDomain: (name, edit) => change(world, name, edit),
    deleteDomain: (name) => {
      if (boxesIn(world, name).length > 0) return refused('domain_not_empty');
      const was = world.domains.get(name);
      for (const one of aliasesIn(world, name)) world.aliases.delete(one.id);
      world.domains.delete(name);
      return was === undefined ? { kind: 'done' } : write(world, 'delete domain', { key: name, was });
    },
  };
}

function create(world: MemoryWorld, domain: NewDomain): WriteResult {
  const { mailboxes, aliases, restartSogo, ...fields } = domain;
  const limits = { maxMailboxes: mailboxes, maxAliases: aliases };
  const one = { ...fields, ...limits, active: 1, mailboxes: 0, aliases: 0, quotaUsedMiB: 0 };
  const why = whyNotSent({ description: domain.description }) ?? whyNoQuotas(one);
  if (why !== undefined) return refused(why);
  if (world.domains.has(domain.name)) return refused('domain_exists');
  world.domains.set(domain.name, one);
  if (restartSogo) world.sogoRestarts += 1;
  return write(world, 'create domain', { key: domain.name, was: undefined });
}

function change(world: MemoryWorld, name: string, edit: DomainEdit): WriteResult {
  const was = world.domains.get(name);
  if (was === undefined) return refused('domain_invalid');
  if (Object.keys(edit).length === 0) return { kind: 'done' };
  const { mailboxes = was.maxMailboxes, aliases = was.maxAliases, ...fields } = edit;
  const next = { ...was, ...fields, maxMailboxes: mailboxes, maxAliases: aliases };
  const why = whyNotSent(edit) ?? whyNoQuotas(next) ?? whyInUse(world, next);
  if (why !== undefined) return refused(why);
  world.domains.set(name, next);
  return write(world, 'update domain', { key: name, was });
}

function whyNotSent(edit: DomainEdit): string | undefined {
  if (edit.description === '') return 'description_empty';
  if ([...(edit.description ?? '')].length > 255) return 'description_too_long';
  if (edit.aliases === 0) return 'aliases_empty';
  if (edit.defaultQuotaMiB === 0) return 'defquota_empty';
  if (edit.maxMailboxQuotaMiB === 0) return 'maxquota_empty';
  return edit.quotaMiB === 0 ? 'quota_empty' : undefined;
}

function whyNoQuotas({ defaultQuotaMiB, maxMailboxQuotaMiB, quotaMiB }: Domain): string | undefined {
  if (defaultQuotaMiB > maxMailboxQuotaMiB) return 'mailbox_defquota_exceeds_mailbox_maxquota';
  if (maxMailboxQuotaMiB > quotaMiB) return 'mailbox_quota_exceeds_domain_quota';
  return defaultQuotaMiB === 0 ? 'defquota_empty' : undefined;
}

function whyInUse(world: MemoryWorld, domain: Domain): string | undefined {
  const { mailboxes, aliases, quotaUsedMiB, ...limits } = counted(world, domain);
  const biggest = Math.max(0, ...boxesIn(world, domain.name).map((box) => box.quotaMiB));
  if (biggest > limits.maxMailboxQuotaMiB) return 'max_quota_in_use';
  if (quotaUsedMiB > limits.quotaMiB) return 'domain_quota_m_in_use';
  if (mailboxes > limits.maxMailboxes) return 'mailboxes_in_use';
  return aliases > limits.maxAliases ? 'aliases_in_use' : undefined;
}
