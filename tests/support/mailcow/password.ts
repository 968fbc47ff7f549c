/** Passwords: the policy, the check, and what mailcow would store. Nothing here keeps a plaintext. */
import { createHash } from 'node:crypto';
import { reporter } from './context.ts';
import type { Context, Write } from './context.ts';
import type { Json } from './json.ts';
import type { Store } from './store.ts';
import { intval, isEmpty, text } from './php.ts';

const schemes =
  'ARGON2I|ARGON2ID|BLF-CRYPT|CLEAR|CLEARTEXT|CRYPT|DES-CRYPT|LDAP-MD5|MD5|MD5-CRYPT|PBKDF2|PLAIN|PLAIN-MD4|' +
  'PLAIN-MD5|PLAIN-TRUNC|SHA|SHA1|SHA256|SHA256-CRYPT|SHA512|SHA512-CRYPT|SMD5|SSHA|SSHA256|SSHA512';
const hashed = new RegExp(`^\\{(?:${schemes})\\}`, 'i');

/**
 * What the password column would hold: a text that begins with a known scheme verbatim, anything else hashed.
 * The digest only looks like bcrypt: nobody logs in here.
 */
export function storedPassword(password: string): string {
  if (hashed.test(password)) return password;
  const digest = createHash('sha512').update(password).digest('base64').replaceAll('+', '.');
  return `{BLF-CRYPT}$2y$10$${digest.slice(0, 53)}`;
}

type Passwords = { readonly first: Json | undefined; readonly second: Json | undefined };

/** `password_check()`: reports and returns false when the two are missing, different or too weak. */
export function checkPassword(context: Context, { first, second }: Passwords): boolean {
  const report = reporter(context, ['password_check', null, null]);
  if (isEmpty(first) || isEmpty(second)) return report.danger('password_complexity');
  if (text(first) !== text(second)) return report.danger('password_mismatch');
  return isStrong(context.store, text(first)) || report.danger('password_complexity');
}

function isStrong(store: Store, password: string): boolean {
  const asked = (rule: string): boolean => intval(store.policy.get(rule)) > 0;
  if (Buffer.byteLength(password) < intval(store.policy.get('length'))) return false;
  if (asked('special_chars') && !/[^a-zA-Z\d]/.test(password)) return false;
  if (asked('chars') && !/[a-zA-Z]/.test(password)) return false;
  if (asked('numbers') && !/\d/.test(password)) return false;
  return !asked('lowerupper') || (/[a-z]/.test(password) && /[A-Z]/.test(password));
}

/** edit/passwordpolicy. */
export const editPasswordPolicy: Write = ({ store, ...rest }, { attr }) => {
  for (const [rule, value] of Object.entries(attr)) store.policy.set(rule, text(value));
  const report = reporter({ store, ...rest }, ['password_complexity', 'edit', attr]);
  return report.success('password_policy_saved');
};
