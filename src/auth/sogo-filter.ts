/** Who may log in to SOGo. Pure. */
import { parseCondition, present, type Condition } from './condition.ts';
import { mayLogIn, thoseWhoWork } from './login-filter.ts';
import { parseQualifier } from './qualifier-parser.ts';
import type { LoginSettings } from './settings.ts';
import { renderQualifier } from './sogo-qualifier.ts';

/** Values of SOGo stand in quotes, those of an LDAP filter do not; and an LDAP filter begins with a parenthesis. */
const looksLikeLdap = (text: string): boolean => /^\s*\(/.test(text) && !/(?:[=<>]|like)\s*['"]/i.test(text);

/** SOGO_LDAP_FILTER in either language. */
const given = (text: string): Condition =>
  looksLikeLdap(text) ? parseCondition(text, 'LDAP_MAILCOW_SOGO_LDAP_FILTER') : parseQualifier(text);

/**
 * The filter of SOGo's source: that of the operator, or the user filter; never anybody who is disabled, nobody without an
 * address. Throws RenderError for what SOGo cannot say.
 */
export function renderSogoFilter(settings: LoginSettings): string {
  const { sogoFilter, mail } = settings;
  if (sogoFilter === undefined) return renderQualifier(mayLogIn(settings));
  const parts = [...thoseWhoWork(given(sogoFilter), settings), present(mail)];
  return renderQualifier({ kind: 'and', parts });
}
