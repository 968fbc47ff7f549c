import { createHash, randomBytes } from 'node:crypto';

/**
 * A hash in dovecot's `{SSHA512}` form of 32 random bytes that nobody keeps: a password no one can use. mailcow
 * stores it as it is (a tenth of the time that hashing a password takes it) and applies its password policy to
 * this text, which has upper and lower case, digits, special characters and more than 100 characters.
 */
export function unusablePasswordHash(): string {
  const salt = randomBytes(16);
  const digest = createHash('sha512').update(randomBytes(32)).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
}
