/** The configuration of a Dovecot for tests: the passdbs, the cache and the end of mailcow's (facts/auth.md section 1). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export type DovecotConfig = {
  readonly folder: string;
  readonly port: number;
  /** Addresses that have a mailbox. */
  readonly mailboxes: readonly string[];
  /** Passwords that mailcow itself knows. */
  readonly mailcow: Readonly<Record<string, string>>;
  /** The account of whoever runs the tests, unless it is root. */
  readonly account?: string;
};

const luaString = (text: string): string => `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;

/** Stands for mailcow's verifier, which asks mailcow: who is not known has typed a wrong password. */
export function renderVerifier({ mailcow }: DovecotConfig): string {
  const users = Object.entries(mailcow).map(
    ([user, password]) => `[${luaString(user)}] = ${luaString(password)}`,
  );
  return `
local known = { ${users.join(', ')} }
function auth_password_verify(request, password)
  if known[request.user] == password then
    return dovecot.auth.PASSDB_RESULT_OK, ""
  end
  return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, "Failed to authenticate"
end
`;
}

/** Whose the mail is: nobody's, or of whoever runs the tests. */
export const mailOwner = (): string =>
  process.getuid?.() === 0 ? '65534:65534' : `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;

/** Mailboxes of mailcow: only who is in here gets further than the password. */
export function renderUserdb({ mailboxes, folder }: DovecotConfig): string {
  const ids = mailOwner();
  return mailboxes.map((address) => `${address}::${ids}::${folder}/vmail/${address}::\n`).join('');
}

/** The settings of a Dovecot that somebody else than root starts. */
export const ownAccount = (account: string | undefined): readonly string[] =>
  account === undefined
    ? []
    : [
        `default_internal_user = ${account}`,
        `default_internal_group = ${execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()}`,
        `default_login_user = ${account}`,
        'service anvil {\n  chroot =\n}',
        'service imap-login {\n  chroot =\n}',
        'service stats {\n  chroot =\n}',
      ];

/** The order of the passdbs and their results are mailcow's; ours can only come last, by extra.conf. */
export function renderDovecotConfig(config: DovecotConfig): string {
  const { folder, port } = config;
  const at = (name: string): string => join(folder, name);
  const lua = `args = file=${at('passwd-verify.lua')} blocking=yes`;
  return `
base_dir = ${at('run')}
state_dir = ${at('run')}
log_path = ${at('dovecot.log')}
listen = 127.0.0.1
protocols = imap
ssl = no
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_master_user_separator = *
auth_verbose = yes
auth_failure_delay = 0
auth_cache_size = 10M
auth_cache_ttl = 300s
auth_cache_negative_ttl = 60s
mail_location = maildir:~/
first_valid_uid = 1
last_valid_gid = 0
${ownAccount(config.account).join('\n')}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = lua
  ${lua} cache_key=%s:%u:%w
  result_success = return-ok
  result_failure = continue
  result_internalfail = continue
}
passdb {
  driver = passwd-file
  args = ${at('dovecot-master.passwd')}
  master = yes
  skip = authenticated
}
passdb {
  driver = lua
  ${lua}
}
userdb {
  driver = passwd-file
  args = username_format=%u ${at('mailboxes')}
}
!include_try ${at('extra.conf')}
`;
}
