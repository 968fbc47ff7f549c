/** The configuration of a Dovecot that carries mail: logins, separator, plugins as mailcow has them. */
import { join } from 'node:path';
import type { CertificateSet } from './certificates.ts';
import { mailOwner, ownAccount } from './dovecot-config.ts';

export type MailServerConfig = {
  readonly folder: string;
  /** Password of each mailbox by its address. */
  readonly users: Readonly<Record<string, string>>;
  /** Who may open every mailbox, as `mailbox*user`. */
  readonly master?: { readonly user: string; readonly password: string };
  readonly ports: { readonly imap: number; readonly imaps: number; readonly lmtp: number };
  /** `undefined`: no TLS, also no STARTTLS. */
  readonly tls?: Pick<CertificateSet, 'cert' | 'key'>;
  /** FILTER=SIEVE, which mailcow has not switched on. */
  readonly filterSieve: boolean;
  /** Replaces CAPABILITY after a login, to be an older server. */
  readonly capability?: string;
  /** Raw settings at the end. */
  readonly extra?: string;
  /** The account of whoever runs the tests, unless it is root. */
  readonly account?: string;
};

const hidden = (password: string): string => `{PLAIN.b64}${Buffer.from(password).toString('base64')}`;

/** Passwords and homes of the mailboxes. */
export function renderUsers({ users, folder }: MailServerConfig): string {
  return Object.entries(users)
    .map(
      ([address, password]) =>
        `${address}:${hidden(password)}:${mailOwner()}::${homeOf(folder, address)}::\n`,
    )
    .join('');
}

/** Where a mailbox has its mail and its scripts. */
export const homeOf = (folder: string, address: string): string => join(folder, 'vmail', address);

/** mailcow writes such a file at each start of its Dovecot. */
export const renderMaster = ({ master }: MailServerConfig): string =>
  master === undefined ? '' : `${master.user}:${hidden(master.password)}::::::\n`;

const renderTls = ({ tls }: MailServerConfig): string =>
  tls === undefined ? 'ssl = no' : `ssl = yes\nssl_cert = <${tls.cert}\nssl_key = <${tls.key}`;

const listener = (name: string, port: number): string =>
  `  inet_listener ${name} {\n    port = ${port}\n  }\n`;

/** Port 0 is a listener that is switched off. */
export function renderMailServer(config: MailServerConfig): string {
  const { folder, ports, filterSieve, capability } = config;
  const at = (name: string): string => join(folder, name);
  return `
base_dir = ${at('run')}
state_dir = ${at('run')}
log_path = ${at('dovecot.log')}
listen = 127.0.0.1
protocols = imap lmtp
${renderTls(config)}
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_master_user_separator = *
auth_verbose = yes
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 500
first_valid_uid = 1
last_valid_gid = 0
postmaster_address = postmaster@example.org
hostname = mail.example.org
${ownAccount(config.account).join('\n')}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
${listener('imap', ports.imap)}${listener('imaps', ports.imaps)}}
service lmtp {
${listener('lmtp', ports.lmtp)}}
passdb {
  driver = passwd-file
  args = ${at('dovecot-master.passwd')}
  master = yes
  skip = authenticated
}
passdb {
  driver = passwd-file
  args = username_format=%u ${at('users')}
}
userdb {
  driver = passwd-file
  args = username_format=%u ${at('users')}
}
namespace inbox {
  inbox = yes
  separator = /
  prefix =
}
protocol imap {
  mail_plugins =${filterSieve ? ' imap_filter_sieve' : ''}
  ${capability === undefined ? '' : `imap_capability = ${capability}`}
}
protocol lmtp {
  mail_plugins = sieve
}
plugin {
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
lda_mailbox_autocreate = yes
${config.extra ?? ''}
`;
}
