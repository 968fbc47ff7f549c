/** Settings about logins that do nothing, or do more than it seems. */
import type { Config } from './schema.ts';
import { variableOf as name } from './setting.ts';
import { authSettings } from './settings/auth.ts';
import { mappingSettings } from './settings/mapping.ts';
import { ldapSettings } from './settings/ldap.ts';

const mode = name(authSettings.mode);

/** Sentences; `false` where there is nothing to say. */
export function authAdvice({ auth, ldap, mapping }: Config): readonly (string | false)[] {
  const isProvider = auth.mode === 'identity-provider';
  return [
    isProvider &&
      mapping.login !== undefined &&
      `${name(mappingSettings.login)} has no effect: with ${mode}=identity-provider mailcow asks for the address of the mailbox`,
    isProvider &&
      ldap.tlsVerify &&
      ldap.tlsCaFile !== undefined &&
      `${name(ldapSettings.tlsCaFile)} is of use to this program alone: with ${mode}=identity-provider mailcow's container php-fpm-mailcow must know the authority too (docs/logins.md)`,
    !isProvider &&
      auth.migrate &&
      `${name(authSettings.migrate)} has no effect without ${mode}=identity-provider`,
  ];
}
