/** add/alias: one call can create several addresses. */
import { mailboxLog, reporter, requireFits } from './context.ts';
import type { Context, Report, Write } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { Store } from './store.ts';
import { escapeHtml, intval, isEmpty, isMailAddress, isSet, splitAddress, splitList, text } from './php.ts';
import { findDomain, hasDomain } from './domain-read.ts';
import { newGoto } from './goto.ts';

const longestComment = 160;
const longestGoto = 65_535;

/** add/alias: flags that are not sent are 0. */
export const addAlias: Write = (context, { attr, sent }) => {
  const report = reporter(context, mailboxLog(['add', 'alias'], sent));
  const addresses = splitList(attr['address']);
  const refusal = refusalOfRequest(attr, addresses);
  if (refusal) return report.danger(refusal);
  const target = newGoto(context.store, attr, report);
  if (!target) return false;
  for (const address of addresses) {
    if (address === '' || target.comparedWith.includes(address)) continue;
    if (addOne(context, { address, goto: target.goto, attr, report }) === 'stop') return false;
  }
  return true;
};

function refusalOfRequest(attr: JsonObject, addresses: readonly string[]): string | undefined {
  const comments = [attr['private_comment'], attr['public_comment']];
  if (comments.some((comment) => Buffer.byteLength(text(comment)) > longestComment))
    return 'comment_too_long';
  if (isEmpty(addresses[0])) return 'alias_empty';
  const isSpecial = ['null', 'spam', 'ham'].some((word) => intval(attr[`goto_${word}`]) !== 0);
  return isEmpty(splitList(attr['goto'])[0]) && !isSpecial ? 'goto_empty' : undefined;
}

type NewAlias = {
  readonly address: string;
  readonly goto: string;
  readonly attr: JsonObject;
  readonly report: Report;
};

function addOne({ store }: Context, { address: asked, goto, attr, report }: NewAlias): 'next' | 'stop' {
  const { local, domain } = splitAddress(asked);
  const address = `${local}@${domain}`;
  const row = findDomain(store, domain);
  if (row?.aliases === store.aliases.countIn(row?.domain ?? domain)) {
    report.danger('max_alias_exceeded');
    return 'stop';
  }
  const refusal = refusalOfAddress(store, { address, local, domain });
  if (refusal) {
    report.danger(refusal);
    return 'next';
  }
  requireFits('goto', Buffer.byteLength(goto) <= longestGoto);
  const id = insert(store, { address, goto, attr, domain });
  report.success(['alias_added', address, String(id)]);
  return 'next';
}

type Parts = { readonly address: string; readonly local: string; readonly domain: string };

function refusalOfAddress(store: Store, { address, local, domain }: Parts): Json | undefined {
  if (isTaken(store, { address, local, domain })) return ['is_alias_or_mailbox', escapeHtml(address)];
  if (!hasDomain(store, domain)) return ['domain_not_found', escapeHtml(domain)];
  if (store.spamAliases.has(address)) return ['is_spam_alias', escapeHtml(address)];
  return local !== '' && !isMailAddress(address) ? ['alias_invalid', address] : undefined;
}

/** True when the address is an alias or mailbox, or a mailbox of the domain that its alias domain stands for. */
export function isTaken(store: Store, { address, local, domain }: Parts): boolean {
  const target = store.aliasDomains.get(domain)?.targetDomain;
  if (target !== undefined && store.mailboxes.get(`${local}@${target}`)) return true;
  return store.aliases.byAddress(address) !== undefined;
}

type Insert = {
  readonly address: string;
  readonly goto: string;
  readonly attr: JsonObject;
  readonly domain: string;
};

function insert(store: Store, { address, goto, attr, domain }: Insert): number {
  const comment = (key: string): string | null => (isSet(attr[key]) ? text(attr[key]) : null);
  const id = store.nextId('alias');
  store.aliases.put({
    id,
    address,
    domain,
    goto,
    publicComment: comment('public_comment'),
    privateComment: comment('private_comment'),
    active: intval(attr['active']),
    internal: intval(attr['internal']),
    sogoVisible: intval(attr['sogo_visible']),
    senderAllowed: intval(attr['sender_allowed']),
    created: store.now(),
    modified: null,
  });
  return id;
}
