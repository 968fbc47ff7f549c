/** What an LDAP result code means, in words of the administrator. */
import type { Answer } from './answer.ts';
import { DirectoryRefused, DirectoryUnreachable, type DirectoryError } from './errors.ts';

/** Active Directory says in its diagnostic text why it refused a bind: `… data 52e, v3839`. */
const activeDirectoryReasons: Readonly<Record<string, string>> = {
  '525': 'there is no such user',
  '52e': 'wrong password or wrong user name',
  '530': 'the account may not log in at this hour',
  '531': 'the account may not log in from this machine',
  '532': 'the password of the account has expired',
  '533': 'the account is disabled',
  '534': 'the account has no right to log in this way',
  '701': 'the account has expired',
  '773': 'the account must set a new password first',
  '775': 'the account is locked after too many wrong passwords',
};

const needsTls =
  'it wants encryption for this bind: use an ldaps:// URI or set LDAP_MAILCOW_LDAP_STARTTLS=true';

const bindReasons: Readonly<Record<number, string>> = {
  7: 'it does not offer simple binds',
  8: needsTls,
  13: needsTls,
  19: 'it refuses the account for now (too many wrong passwords, or a password rule)',
  32: 'there is no entry with this bind DN',
  34: 'the bind DN is not a valid DN (Active Directory also takes user@domain)',
  48: 'it does not let this account bind with a password',
  49: 'wrong password, or there is no such user (the server does not say which of the two)',
  50: 'the account has no right to bind',
  53: 'it is not willing to bind this account',
};

/** Codes that mean another time, or another server: busy, unavailable, other. */
const transientCodes = [1, 3, 11, 51, 52, 80];

const quote = ({ diagnostic }: Answer): string => {
  const text = diagnostic.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return text === '' ? '' : `: “${text.slice(0, 300)}”`;
};

/** The server's own words: result code and diagnostic text, on one line. */
export function describeAnswer(answer: Answer): string {
  return `LDAP result ${answer.code}${quote(answer)}`;
}

/** The error for a bind that did not succeed. Source: RFC 4511, and Microsoft's sub-codes of result 49. */
export function explainBind(
  answer: Answer,
  account: { readonly uri: string; readonly bindDn: string },
): DirectoryError {
  const subCode = /\bdata ([0-9a-f]{3})\b/i.exec(answer.diagnostic)?.[1]?.toLowerCase() ?? '';
  const reason = activeDirectoryReasons[subCode] ?? bindReasons[answer.code] ?? 'it refused the bind';
  const message = `LDAP server ${account.uri}, bind as ${account.bindDn}: ${reason} (${describeAnswer(answer)})`;
  return transientCodes.includes(answer.code)
    ? new DirectoryUnreachable(message)
    : new DirectoryRefused(message);
}

const searchReasons: Readonly<Record<number, string>> = {
  1: 'the server wants a bind first, or failed inside',
  3: "the server's time limit cut it off: raise the limit for the bind DN",
  4: "the server's size limit cut it off: raise the limit for the bind DN (OpenLDAP: limits … size.prtotal=unlimited)",
  10: 'the server refers to another server for this base DN: use a server that holds it',
  11: 'an administrative limit of the server cut it off: raise the limit for the bind DN (389ds: nsLookThroughLimit of its entry), or lower LDAP_MAILCOW_LDAP_PAGE_SIZE',
  12: 'the server does not page, so nobody can know whether its answer is complete',
  18: 'the filter compares an attribute in a way that it does not support',
  32: 'the base DN does not exist, or the bind DN may not read it (LDAP_MAILCOW_LDAP_BASE_DN)',
  34: 'the base DN is not a valid DN',
  50: 'the bind DN has no right to search there',
  51: 'the server is busy',
  52: 'the server is unavailable',
  53: 'the server is not willing to search (it may want another bind)',
};

/** Why a search ended early: half a sentence for `problems`. */
export function explainSearch(answer: Answer): string {
  const reason = searchReasons[answer.code] ?? 'the server ended it with an error';
  return `${reason} (${describeAnswer(answer)})`;
}
