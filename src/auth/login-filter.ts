/** Who may log in, as conditions: the user filter, nobody who is disabled, whoever has an address. Pure. */
import { activeClause, disabledClause } from '../core/login-filter.ts';
import { parseCondition, present, renderFilter, type Condition } from './condition.ts';
import type { LoginSettings } from './settings.ts';

/** These people, but none of them who is disabled by the rule or switched off by the attribute for that. */
export function thoseWhoWork(
  people: Condition,
  { disabled, active }: Pick<LoginSettings, 'disabled' | 'active'>,
): readonly Condition[] {
  const out = disabledClause(disabled);
  return [
    people,
    ...(out === ''
      ? []
      : [{ kind: 'not', part: parseCondition(out, 'LDAP_MAILCOW_DISABLED_RULE') } as const]),
    ...(active === undefined ? [] : [parseCondition(activeClause(active), 'LDAP_MAILCOW_ACTIVE_ATTRIBUTE')]),
  ];
}

/** Everybody who may log in, however. */
export function mayLogIn(settings: LoginSettings): Condition {
  const people = parseCondition(settings.userFilter, 'LDAP_MAILCOW_LDAP_FILTER');
  return { kind: 'and', parts: [...thoseWhoWork(people, settings), present(settings.mail)] };
}

/** How Dovecot calls what was typed: all of it, and what stands before the `@`. It escapes both for LDAP itself. */
export type DovecotVariables = {
  readonly user: string;
  readonly localPart: string;
  /** In lower case: what was typed, and the (first) value of an attribute of the entry. */
  readonly lowerUser: string;
  readonly lowerOf: (attribute: string) => string;
};

const isAddressTyped = ({ mail, login }: LoginSettings): boolean =>
  login === undefined || (!login.localPart && login.attribute.toLowerCase() === mail.toLowerCase());

/**
 * Whose mailbox is opened. An address that was typed is one of the entry and of no other, or nobody was found; the first
 * of several in the entry could be somebody else's.
 */
export const renderUser = (settings: LoginSettings, variables: DovecotVariables): string =>
  isAddressTyped(settings) ? variables.lowerUser : variables.lowerOf(settings.mail);

/**
 * SOGo logs in to IMAP with the address, whatever was typed there: so the address always does beside an attribute of the
 * operator's choice. Not beside a local part: that could be two people's (docs/decisions/016-rendering-logins.md).
 */
function typedCondition({ mail, login }: LoginSettings, variables: DovecotVariables): Condition {
  const typed = (attribute: string, variable: string): Condition => ({ kind: 'typed', attribute, variable });
  if (login === undefined) return typed(mail, variables.user);
  if (login.localPart) return typed(login.attribute, variables.localPart);
  const own = typed(login.attribute, variables.user);
  if (login.attribute.toLowerCase() === mail.toLowerCase()) return own;
  return { kind: 'or', parts: [own, typed(mail, variables.user)] };
}

/** The filter with which Dovecot finds who logs in. Throws RenderError. */
export function renderLoginFilter(settings: LoginSettings, variables: DovecotVariables): string {
  return renderFilter({ kind: 'and', parts: [mayLogIn(settings), typedCondition(settings, variables)] });
}

/** The user filter, and nobody who is disabled: what `$ldap_filter` means in a template of the operator. */
export function renderPeopleFilter(settings: LoginSettings): string {
  const people = parseCondition(settings.userFilter, 'LDAP_MAILCOW_LDAP_FILTER');
  const parts = thoseWhoWork(people, settings);
  return renderFilter(parts.length === 1 ? people : { kind: 'and', parts });
}
