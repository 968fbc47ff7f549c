/**
 * What to do about each finding and each word of mailcow's, in one sentence: for the commands, and for docs/findings.md,
 * which has an anchor for each (`npm run docs` writes them there).
 */
import type { Finding } from './model.ts';

/** By the finding's code. */
export const findingAdvice: Readonly<Record<string, string>> = {
  'no-address':
    'Give the entry one address in LDAP_MAILCOW_MAIL_ATTRIBUTE (`mail`), or exclude it by LDAP_MAILCOW_LDAP_FILTER.',
  'several-addresses':
    'Leave one address in the attribute, and move the others to an attribute of LDAP_MAILCOW_ALIASES_ATTRIBUTE.',
  'invalid-address': 'Correct the address in the directory.',
  'unknown-domain':
    'Create the domain in mailcow, set LDAP_MAILCOW_MANAGE_DOMAINS, or exclude the entry by the filter.',
  'duplicate-address': 'Give all but one of these entries another address.',
  'address-has-former-owner':
    'Give the new entry the account name or DN of the old one if it is the same person, else another address.',
  'invalid-quota': 'Correct the quota in the directory: a whole number of MiB.',
  'invalid-alias': 'Correct or remove the further address in the directory.',
  'alias-unknown-domain': 'Create the domain in mailcow, or remove the further address from the directory.',
  'alias-is-mailbox': 'Remove the address from the entry that has it as a further one, or free the mailbox.',
  'alias-claimed-twice': 'Take the further address away from all but one of these entries.',
  'primary-differs': 'Make the primary address (`SMTP:`) and the mail attribute equal, or leave it so.',
  'no-mailbox': 'Create the mailbox in mailcow, or set LDAP_MAILCOW_SYNC_MAILBOXES.',
  'empty-group':
    'Give the group a member whose mailbox works, or exclude it by LDAP_MAILCOW_LDAP_GROUP_FILTER.',
  'group-not-selected':
    'Correct LDAP_MAILCOW_LDAP_GROUP_FILTER or the group, or remove the alias in mailcow if the list is to go.',
  'members-unread':
    "Look at the directory server's log: the list follows again when its members can be read.",
  'ambiguous-member': 'Give one of these people another account name, or exclude one by the filter.',
  'list-too-long': 'Split the group into several with an address each.',
  'list-too-long-for-sieve': 'Do nothing: the list is an alias, which has no such limit.',
  'list-outgrew-sieve':
    'Split the group, or delete the mailbox of the list in mailcow: then it becomes an alias.',
  'filter-in-the-way': 'Deactivate or delete the other prefilter of this mailbox in mailcow.',
  'invalid-group-policy':
    'Use `list`, `internal`, `send-as` (joined by `+`), `mailbox` or `ignore` in the attribute.',
  'address-taken': 'Free the address in mailcow, or give the entry another one; a swap needs one in between.',
  'foreign-owner':
    "Leave it to the other ldap-mailcow, or take that one's mark away in mailcow if it is gone for good.",
  'foreign-alias': 'Remove the alias in mailcow, or give it the same goto: then it is adopted.',
  'login-files':
    "Do what the message says; mostly the container needs the rights of root on mailcow's folders.",
  'logins-refused':
    'Do what the message says: another LDAP_MAILCOW_AUTH, an update of mailcow, or `ldap-mailcow auth remove`.',
  'identity-provider-foreign': "Remove mailcow's identity provider, or use another LDAP_MAILCOW_AUTH.",
  'identity-provider-unreachable':
    'Let mailcow reach the directory (address, certificate, firewall), then `ldap-mailcow sync --full`.',
  'identity-provider-missing': 'Update mailcow to 2025-03 or later, or use another LDAP_MAILCOW_AUTH.',
  'login-to-foreign-mailbox':
    'Give the person another address, or delete or rename the mailbox, or let it be adopted.',
  'password-scheme': 'Let the directory keep a hash that mailcow knows, or use another LDAP_MAILCOW_AUTH.',
  'passwords-unread': 'Let the bind account read the attribute with the hashes.',
  'changed-by-hand': 'Activate it in mailcow if it should work; otherwise leave it so.',
  drift: 'Undo the change in mailcow, or set LDAP_MAILCOW_DRIFT=repair.',
  'half-deleted-mailbox': 'Delete the mailbox again in mailcow.',
  'domain-mailboxes-full': 'Raise the number of mailboxes of the domain in mailcow.',
  'domain-quota-full': 'Raise the quota of the domain in mailcow, or lower those of its mailboxes.',
  'quota-exceeds-domain-maximum':
    'Raise the maximum quota per mailbox of the domain in mailcow, or lower the quota.',
  'domain-aliases-full': 'Raise the number of aliases of the domain in mailcow.',
  'rename-waits-for-enable':
    'Activate the person in the directory, or rename the mailbox when that has happened.',
  'mailbox-moved-domain':
    'Bring the mail over with an IMAP sync job, then delete the old mailbox in mailcow.',
  'migration-no-login':
    'Give the entry one value for each attribute of LDAP_MAILCOW_IMAPSYNC_HOST and LDAP_MAILCOW_IMAPSYNC_USER, and LDAP_MAILCOW_IMAPSYNC_LOGINS a password for the mailbox.',
  'migration-login-shared':
    'Give each entry its own login; if the mail of who has left is to go to this person, delete the sync job of the old mailbox in mailcow.',
  'migration-logins-unreadable': 'Correct the file of LDAP_MAILCOW_IMAPSYNC_LOGINS as the message says.',
  'migration-logins-exposed': 'Take the file of LDAP_MAILCOW_IMAPSYNC_LOGINS away from others: `chmod 600`.',
  'sync-job-taken':
    'Delete the other sync job in mailcow if the migration is to copy this mailbox, then `ldap-mailcow sync --full`.',
  'reading-incomplete': 'Do what the message says; until then nothing is taken away.',
  'owner-changed':
    'Set LDAP_MAILCOW_OWNER to the name in the message, or take the old marks away in mailcow.',
  'attribute-vanished':
    'Let the bind account read the attribute, or type the `approve` of the message if it is gone for good.',
  'refused-by-mailcow': 'Mend in mailcow what its word says; `ldap-mailcow sync --full` tries at once.',
};

type WordAdvice = {
  /** As mailcow says them; each has an anchor of its own. */
  readonly words: readonly string[];
  /** What stands in the page instead of the words, and its anchor. */
  readonly shown?: { readonly text: string; readonly anchor: string };
  readonly means: string;
};

/** In the order of the page. */
export const wordAdvice: readonly WordAdvice[] = [
  {
    words: ['access_denied'],
    means: 'The object or its domain does not exist (any more), or the key may not do that.',
  },
  {
    words: ['object_exists'],
    means: 'There is a mailbox with this address already, or a sync job for this login.',
  },
  {
    words: ['is_alias', 'is_alias_or_mailbox', 'is_spam_alias'],
    means: 'The address is taken by an alias, a mailbox or a temporary (spam) alias of somebody.',
  },
  {
    words: ['domain_not_found', 'domain_invalid'],
    means: 'The domain does not exist in mailcow, or is not one; a new one is named in ASCII (`xn--…`).',
  },
  {
    words: ['mailbox_invalid', 'username_invalid', 'alias_invalid'],
    means: 'The address is not one that mailcow takes, or the object is gone.',
  },
  {
    words: ['goto_invalid', 'goto_empty', 'alias_goto_identical'],
    means: 'The target of an alias is not an address, missing, or the alias itself.',
  },
  {
    words: ['max_mailbox_exceeded', 'max_alias_exceeded'],
    means: 'The domain is full: raise its number of mailboxes or aliases.',
  },
  { words: ['mailbox_quota_exceeded'], means: 'The quota is more than the domain allows one mailbox.' },
  { words: ['mailbox_quota_left_exceeded'], means: 'The quota is more than the domain has left.' },
  {
    words: ['password_complexity'],
    means: 'The password policy of mailcow refuses the random password or the hash, as too short or plain.',
  },
  { words: ['comment_too_long'], means: 'The private comment of an alias is longer than 160 bytes.' },
  { words: ['domain_exists'], means: 'There is a domain or an alias domain of the name already.' },
  { words: ['domain_cannot_match_hostname'], means: 'The domain is the host name of mailcow itself.' },
  {
    words: ['domain_not_empty'],
    means: 'A mailbox or a resource is left in the domain that was to be deleted.',
  },
  {
    words: ['mailbox_defquota_exceeds_mailbox_maxquota'],
    means: 'The quota of new mailboxes is more than one mailbox of the domain may have.',
  },
  {
    words: ['mailbox_quota_exceeds_domain_quota'],
    means: 'What one mailbox may have is more than the whole domain has.',
  },
  {
    words: ['defquota_empty', 'maxquota_empty'],
    means: 'The quota of new mailboxes, or the most that one may have, is 0.',
  },
  {
    words: ['mailboxes_in_use', 'aliases_in_use'],
    means: 'The domain has more mailboxes or aliases already than it was to have at most.',
  },
  {
    words: ['max_quota_in_use', 'domain_quota_m_in_use'],
    means: 'A mailbox, or all of them together, have more already than was to be allowed.',
  },
  {
    words: ['domain_added_sogo_failed'],
    means: 'The domain was created, but SOGo did not restart and does not know it: restart it by hand.',
  },
  {
    words: ['sieve_error'],
    means: "The filter's script is not sieve as mailcow's parser understands it; it names the line.",
  },
  { words: ['script_empty', 'value_missing'], means: 'The filter has no script, or no description.' },
  {
    words: ['no_user_defined', 'filter_type'],
    means: "The filter's mailbox is no address, or it is neither a prefilter nor a postfilter.",
  },
  {
    words: ['aliases_empty', 'quota_empty', 'description_empty'],
    means: 'Ours: mailcow ignores a 0 or an empty text there instead of setting it.',
  },
  {
    words: ['description_too_long', 'script_too_long'],
    means: 'Ours: mailcow holds 255 characters of description and 65535 bytes of script.',
  },
  {
    words: ['required_data_missing', 'invalid_authsource'],
    means: 'The identity provider lacks a field, or is of a type that this mailcow does not know.',
  },
  {
    words: ['authsource_in_use'],
    means: 'Mailboxes log in by an identity provider of another type: it cannot be replaced.',
  },
  {
    words: ['host_invalid', 'port_invalid', 'interval_invalid'],
    means: 'Ours: mailcow could never edit such a sync job again, or says only `access_denied`.',
  },
  {
    words: ['user_invalid', 'remote_password_invalid'],
    means:
      'Ours: mailcow ignores an empty login or password of a sync job; it holds 255 characters, in one line.',
  },
  {
    words: ['exclude_too_long', 'custom_params_too_long'],
    means: 'Ours: mailcow holds 500 characters of excluded folders and 512 of further options.',
  },
  {
    words: ['mailbox_not_empty'],
    means:
      'Ours: mail has come into the mailbox that was to be deleted while it was empty; it stays, deactivated.',
  },
  {
    words: ['sync_job_changed_meanwhile'],
    means: 'Ours: somebody changed the sync job after it was read; the next sync looks again.',
  },
  {
    words: ['password_no_hash'],
    means: 'Ours: mailcow would take that hash for the password itself, or could not check it.',
  },
  {
    words: ['authsource fell back to mailcow'],
    shown: { text: 'authsource fell back to mailcow', anchor: 'authsource-fell-back' },
    means: 'Ours: mailcow set its own logins without a word, because its identity provider is not there.',
  },
  {
    words: ['template_not_found'],
    means:
      "Ours, not mailcow's: there is no mailbox template of the name in `LDAP_MAILCOW_MAILBOX_TEMPLATE`.",
  },
  {
    words: ['address_has_slash'],
    means: "Ours: mailcow's API cannot name an address with a `/` in that call.",
  },
  { words: ['rename_across_domains'], means: 'Ours: mailcow renames a mailbox only within its domain.' },
  {
    words: ['api access denied for ip'],
    shown: { text: '`api access denied for ip …`', anchor: 'api-access-denied' },
    means: 'The address is not in "Allow API access from"; the log says which one to add.',
  },
  {
    words: ['authentication failed'],
    shown: { text: '`authentication failed`', anchor: 'authentication-failed' },
    means: 'The API key is wrong, or the API is switched off.',
  },
  {
    words: ['API read/write access denied'],
    shown: { text: '`API read/write access denied`', anchor: 'api-read-only' },
    means: 'The key is the read-only one.',
  },
  {
    words: ['SQLSTATE[40001]'],
    shown: { text: '`SQLSTATE[40001] … Deadlock`', anchor: 'sqlstate' },
    means: "mailcow's database was busy. The object is read again to see what became of the write.",
  },
  {
    words: ['an empty reply'],
    shown: { text: 'an empty reply', anchor: 'empty-reply' },
    means: "mailcow's program died on the way. The object is read again to see what became of the write.",
  },
];

/** Where the page explains a code or a word. */
export const anchorFor = (name: string): string => `docs/findings.md#${name}`;

export type Explained = { readonly word: string; readonly means: string; readonly anchor: string };

const isSpoken = (word: string, message: string): boolean => {
  const at = message.indexOf(word);
  if (at < 0) return false;
  const [before = ' ', after = ' '] = [message[at - 1], message[at + word.length]];
  return !/[\w-]/.test(before) && !/[\w-]/.test(after);
};

/** The words of mailcow's in a refusal; none in other findings. */
export function wordsIn({ code, message }: Pick<Finding, 'code' | 'message'>): readonly Explained[] {
  if (code !== 'refused-by-mailcow') return [];
  return wordAdvice.flatMap(({ words, shown, means }) =>
    words
      .filter((word) => isSpoken(word, message))
      .map((word) => ({ word, means, anchor: anchorFor(shown?.anchor ?? word) })),
  );
}
