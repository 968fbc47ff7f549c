/** The `sender_acl` and `extended_sender_acl` of edit/mailbox. */
import type { Context, Report } from './context.ts';
import type { JsonObject } from './json.ts';
import type { MailboxRow } from './rows.ts';
import type { Store } from './store.ts';
import { asArray, isDomainName, isMailAddress, isSet, splitAddress, splitList, text } from './php.ts';
import { hasDomain } from './domain-read.ts';

type Edit = { readonly attr: JsonObject; readonly report: Report };

/** The row with both lists replaced where they were given; invalid entries are reported and dropped. */
export function editSenderAcl(context: Context, row: MailboxRow, { attr, report }: Edit): MailboxRow {
  const { store } = context;
  const internal = isSet(attr['sender_acl'])
    ? asArray(attr['sender_acl'])
        .map(text)
        .filter((entry) => entry !== 'default')
        .filter((entry) => isOurs(store, entry) || report.danger(['sender_acl_invalid', entry]))
    : row.senderAcl;
  const external = isSet(attr['extended_sender_acl'])
    ? splitList(attr['extended_sender_acl']).filter((entry) => entry !== '')
    : row.externalSenderAcl;
  return { ...row, senderAcl: internal, externalSenderAcl: external };
}

function isOurs(store: Store, entry: string): boolean {
  if (entry === '*') return true;
  const domain = entry.replace(/^@/, '');
  if (isDomainName(domain)) return hasDomain(store, domain);
  return isMailAddress(entry) && hasDomain(store, splitAddress(entry).domain);
}
