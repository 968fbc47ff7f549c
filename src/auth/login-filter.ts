/** Who may log in, as conditions: the user filter, nobody who is disabled, whoever has an address. Pure. */
import { disabledAttributes, type DisabledRule } from '../core/mapping.ts';
import { equals, parseCondition, present, renderFilter, type Condition } from './condition.ts';
import type { LoginSettings } from './settings.ts';

/** AD: all bits of the value are set (LDAP_MATCHING_RULE_BIT_AND). */
const ALL_BITS = '1.2.840.113556.1.4.803';
const ACCOUNT_DISABLED = '2';
/** The draft of ppolicy has this instead of a time: an administrator locked the account for ever. */
const LOCKED_FOR_EVER = '000001010000Z';

/** Who is disabled, as `isDisabled` of src/core/person.ts tells it; undefined: nobody is. */
function disabledCondition(rule: DisabledRule): Condition | undefined {
  switch (rule.kind) {
    case 'none':
      return undefined;
    case 'user-account-control':
      return {
        kind: 'rule',
        attribute: 'userAccountControl',
        rule: ALL_BITS,
        ofDn: false,
        value: ACCOUNT_DISABLED,
      };
    case 'ns-account-lock':
      return equals('nsAccountLock', 'TRUE');
    case 'pwd-account-locked-time':
      return equals('pwdAccountLockedTime', LOCKED_FOR_EVER);
    case 'attribute':
      return { kind: 'or', parts: rule.values.map((value) => equals(rule.attribute, value)) };
  }
}

/** These people, but none of them who is disabled. */
export function withoutDisabled(people: Condition, rule: DisabledRule): readonly Condition[] {
  const disabled = disabledCondition(rule);
  return disabled === undefined ? [people] : [people, { kind: 'not', part: disabled }];
}

/** Everybody who may log in, however. */
export function mayLogIn(settings: LoginSettings): Condition {
  const people = parseCondition(settings.userFilter, 'LDAP_MAILCOW_LDAP_FILTER');
  return { kind: 'and', parts: [...withoutDisabled(people, settings.disabled), present(settings.mail)] };
}

/** How Dovecot calls what was typed: all of it, and what stands before the `@`. It escapes both for LDAP itself. */
export type DovecotVariables = { readonly user: string; readonly localPart: string };

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
  const parts = withoutDisabled(people, settings.disabled);
  return renderFilter(parts.length === 1 ? people : { kind: 'and', parts });
}

/**
 * The rule for a server. About an attribute that its schema lacks, `(!(…))` is neither true nor false (RFC 4511 section
 * 4.5.1.7): nobody could log in, as measured on OpenLDAP without ppolicy. No entry can have such an attribute either, so
 * nobody is disabled by it.
 */
export function disabledRuleFor(rule: DisabledRule, knows: (attribute: string) => boolean): DisabledRule {
  return disabledAttributes(rule).every(knows) ? rule : { kind: 'none' };
}
