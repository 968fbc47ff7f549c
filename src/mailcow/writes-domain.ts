/** The writes of the port that concern domains. */
import type { DomainEdit, Mailcow, NewDomain, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { isEmptyForPhp, isTooLong, refusedHere, sender } from './write.ts';
import type { RefusedHere, Send } from './write.ts';

type DomainWrites = Pick<Mailcow, 'createDomain' | 'editDomain' | 'deleteDomain'>;

/** The port's writes on domains: one object and one call each, sent once. */
export function domainWrites(client: Client): DomainWrites {
  const send = sender(client);
  return {
    createDomain: (domain) => createDomain(domain, send),
    editDomain: (name, edit) => editDomain(name, edit, send),
    deleteDomain: (name) =>
      send({ route: { name: 'delete/domain' }, body: [name], expected: { word: 'domain_removed' } }),
  };
}

async function createDomain(domain: NewDomain, send: Send): Promise<WriteResult> {
  const problem = nameProblem(domain.name) ?? descriptionProblem(domain.description);
  if (problem !== undefined) return problem;
  // No word of DKIM: the new domain gets the key of mailcow's Default domain template.
  const body = {
    domain: domain.name,
    ...fieldsOf(domain),
    active: 1,
    restart_sogo: Number(domain.restartSogo),
  };
  // With domain_added the domain exists, whatever else (its rate limit, its DKIM key) went wrong.
  return send({ route: { name: 'add/domain' }, body, expected: { word: 'domain_added', mixed: 'unclear' } });
}

async function editDomain(name: string, edit: DomainEdit, send: Send): Promise<WriteResult> {
  const problem = descriptionProblem(edit.description) ?? zeroProblem(edit);
  if (problem !== undefined) return problem;
  const attr = fieldsOf(edit);
  if (Object.keys(attr).length === 0) return { kind: 'done' };
  const expected = { word: 'domain_modified' };
  return send({ route: { name: 'edit/domain' }, body: { items: [name], attr }, expected });
}

/** Quotas go out in MiB, though they come back in bytes. */
function fieldsOf(edit: DomainEdit): Readonly<Record<string, unknown>> {
  return {
    ...(edit.description === undefined ? {} : { description: edit.description }),
    ...(edit.aliases === undefined ? {} : { aliases: edit.aliases }),
    ...(edit.mailboxes === undefined ? {} : { mailboxes: edit.mailboxes }),
    ...(edit.defaultQuotaMiB === undefined ? {} : { defquota: edit.defaultQuotaMiB }),
    ...(edit.maxMailboxQuotaMiB === undefined ? {} : { maxquota: edit.maxMailboxQuotaMiB }),
    ...(edit.quotaMiB === undefined ? {} : { quota: edit.quotaMiB }),
    ...(edit.gal === undefined ? {} : { gal: Number(edit.gal) }),
  };
}

/** mailcow trims it and turns it into punycode: the domain would have another name than the one asked for. */
function nameProblem(name: string): RefusedHere | undefined {
  return /^[!-~]+$/.test(name) ? undefined : refusedHere('domain_invalid', name);
}

/** An empty one is ignored by an edit, and replaced by the domain's name in a new domain. */
function descriptionProblem(description: string | undefined): RefusedHere | undefined {
  if (isEmptyForPhp(description)) return refusedHere('description_empty');
  return isTooLong(description) ? refusedHere('description_too_long') : undefined;
}

/** mailcow ignores these zeros and says the domain was modified; only `mailboxes` may be 0. */
function zeroProblem(edit: DomainEdit): RefusedHere | undefined {
  const words = [
    [edit.aliases, 'aliases_empty'],
    [edit.defaultQuotaMiB, 'defquota_empty'],
    [edit.maxMailboxQuotaMiB, 'maxquota_empty'],
    [edit.quotaMiB, 'quota_empty'],
  ] as const;
  const zero = words.find(([value]) => isEmptyForPhp(value));
  return zero && refusedHere(zero[1]);
}
