/** The writes of the port that concern mailboxes. */
import { isMailcowHash } from '../core/password-hash.ts';
import type { MailboxEdit, Mailcow, NewMailbox, NewPassword, WriteResult } from '../ports-mailcow.ts';
import type { Client } from './client.ts';
import { unusablePasswordHash } from './password.ts';
import { isNameable } from './route.ts';
import type { FindTemplate } from './templates.ts';
import type { Expected } from './verdict.ts';
import { refusedHere, sender } from './write.ts';
import type { RefusedHere, Send, Write } from './write.ts';

type MailboxWrites = Pick<
  Mailcow,
  'createMailbox' | 'editMailbox' | 'editTlsPolicy' | 'removeMailboxTag' | 'renameMailbox' | 'deleteMailbox'
>;

/** The port's writes on mailboxes: one object and one call each, sent once. */
export function mailboxWrites(client: Client, findTemplate: FindTemplate): MailboxWrites {
  const send = sender(client);
  return {
    createMailbox: (mailbox) => createMailbox(mailbox, { send, findTemplate }),
    editMailbox: async (address, edit) => {
      const problem = passwordProblem(edit.password);
      if (problem !== undefined) return problem;
      const attr = editFields(edit);
      if (Object.keys(attr).length === 0) return { kind: 'done' };
      return send({ ...modifying('edit/mailbox'), body: { items: [address], attr } });
    },
    editTlsPolicy: (address, policy) => {
      const attr = { tls_enforce_in: Number(policy.in), tls_enforce_out: Number(policy.out) };
      return send({ ...modifying('edit/tls_policy'), body: { items: [address], attr } });
    },
    removeMailboxTag: async (address, tag) => {
      if (!isNameable(address)) return refusedHere('address_has_slash', address);
      return send({ ...modifying('delete/mailbox/tag', address), body: [tag] });
    },
    renameMailbox: (rename) => renameMailbox(rename, send),
    deleteMailbox: (address) =>
      send({ route: { name: 'delete/mailbox' }, body: [address], expected: { word: 'mailbox_removed' } }),
  };
}

function modifying(name: string, object?: string): Pick<Write, 'route' | 'expected'> {
  return {
    route: object === undefined ? { name } : { name, object },
    expected: { word: 'mailbox_modified' },
  };
}

async function createMailbox(
  mailbox: NewMailbox,
  { send, findTemplate }: { readonly send: Send; readonly findTemplate: FindTemplate },
): Promise<WriteResult> {
  const template = mailbox.template === undefined ? undefined : await findTemplate(mailbox.template);
  if (mailbox.template !== undefined && template === undefined) {
    return refusedHere('template_not_found', mailbox.template);
  }
  const unusable = passwordProblem(mailbox.password);
  if (unusable !== undefined) return unusable;
  const { localPart, domain } = splitAddress(mailbox.address);
  const body = {
    local_part: localPart,
    domain,
    name: mailbox.name,
    quota: mailbox.quotaMiB,
    active: mailbox.active,
    authsource: mailbox.authSource ?? 'mailcow',
    ...(mailbox.authSource === 'ldap' ? {} : passwordFields(mailbox.password ?? 'random')),
    // Tags that are sent replace the template's, and so would the flag.
    tags: [...new Set([...(template?.tags ?? []), ...mailbox.tags])],
    ...(template === undefined ? { force_pw_update: 0 } : { template: String(template.id) }),
  };
  return send({ route: { name: 'add/mailbox' }, body, expected: { word: 'mailbox_added' } });
}

async function renameMailbox(
  { from, to, keepAlias }: Parameters<Mailcow['renameMailbox']>[0],
  send: Send,
): Promise<WriteResult> {
  const [old, next] = [splitAddress(from), splitAddress(to)];
  if (old.domain.toLowerCase() !== next.domain.toLowerCase()) {
    return refusedHere('rename_across_domains', from, to);
  }
  const attr = {
    domain: old.domain,
    old_local_part: old.localPart,
    new_local_part: next.localPart,
    create_alias: Number(keepAlias),
  };
  // With mailbox_renamed the mailbox has moved, whatever else (its alias, its files) went wrong.
  const expected: Expected = { word: 'mailbox_renamed', mixed: 'unclear' };
  return send({ route: { name: 'edit/rename-mbox' }, body: { items: [from], attr }, expected });
}

function editFields(edit: MailboxEdit): Readonly<Record<string, unknown>> {
  return {
    ...(edit.name === undefined ? {} : { name: edit.name }),
    ...(edit.quotaMiB === undefined ? {} : { quota: edit.quotaMiB }),
    ...(edit.active === undefined ? {} : { active: edit.active }),
    ...(edit.addTags === undefined || edit.addTags.length === 0 ? {} : { tags: edit.addTags }),
    ...(edit.authSource === undefined ? {} : { authsource: edit.authSource }),
    ...(edit.password === undefined ? {} : passwordFields(edit.password)),
  };
}

function passwordFields(password: NewPassword): Readonly<Record<string, string>> {
  const hash = password === 'random' ? unusablePasswordHash() : password.hash;
  return { password: hash, password2: hash };
}

/** mailcow takes what is no hash to it for a password: the text of the hash would then open the mailbox. */
function passwordProblem(password: NewPassword | undefined): RefusedHere | undefined {
  if (password === undefined || password === 'random' || isMailcowHash(password.hash)) return undefined;
  return refusedHere('password_no_hash');
}

function splitAddress(address: string): { readonly localPart: string; readonly domain: string } {
  const at = address.lastIndexOf('@');
  return { localPart: address.slice(0, Math.max(at, 0)), domain: address.slice(at + 1) };
}
