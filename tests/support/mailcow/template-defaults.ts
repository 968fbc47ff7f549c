/** The two templates that a fresh mailcow has. */
import type { TemplateRow } from './rows.ts';

const gib = 1_073_741_824;

const domainDefaults = {
  tags: [],
  max_num_aliases_for_domain: 400,
  max_num_mboxes_for_domain: 10,
  def_quota_for_mbox: 3 * gib,
  max_quota_for_mbox: 10 * gib,
  max_quota_for_domain: 10 * gib,
  rl_frame: 's',
  rl_value: '',
  active: 1,
  gal: 1,
  backupmx: 0,
  relay_all_recipients: 0,
  relay_unknown_only: 0,
  dkim_selector: 'dkim',
  key_size: 2048,
};

export const mailboxDefaults = {
  tags: [],
  quota: 0,
  quarantine_notification: 'hourly',
  quarantine_category: 'reject',
  rl_frame: 's',
  rl_value: '',
  force_pw_update: 0,
  force_tfa: 0,
  sogo_access: 1,
  active: 1,
  tls_enforce_in: 0,
  tls_enforce_out: 0,
  imap_access: 1,
  pop3_access: 1,
  smtp_access: 1,
  sieve_access: 1,
  eas_access: 1,
  dav_access: 1,
  acl_spam_alias: 1,
  acl_tls_policy: 1,
  acl_spam_score: 1,
  acl_spam_policy: 1,
  acl_delimiter_action: 1,
  acl_syncjobs: 0,
  acl_eas_reset: 1,
  acl_sogo_profile_reset: 0,
  acl_pushover: 1,
  acl_quarantine: 1,
  acl_quarantine_attachments: 1,
  acl_quarantine_notification: 1,
  acl_quarantine_category: 1,
  acl_app_passwds: 1,
};

/** The Default templates with the ids that mailcow gives them: 1 for domains, 2 for mailboxes. */
export function defaultTemplates(created: string): readonly TemplateRow[] {
  const times = { created, modified: null };
  return [
    { id: 1, template: 'Default', type: 'domain', attributes: domainDefaults, ...times },
    { id: 2, template: 'Default', type: 'mailbox', attributes: mailboxDefaults, ...times },
  ];
}
