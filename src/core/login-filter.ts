/** Who may log in, as an LDAP filter: the people of the user filter whom the disabled rule does not disable. */
import { disabledAttributes, type DisabledRule, type Mapping } from './mapping.ts';

/** RFC 4515: what would be read as part of the filter. */
const escapeValue = (text: string): string =>
  text.replace(/[\\*()\0]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** Who is disabled, as `isDisabled` of person.ts tells it; empty: nobody is. */
export const disabledClause = (rule: DisabledRule): string => {
  switch (rule.kind) {
    case 'none':
      return '';
    case 'user-account-control':
      return '(userAccountControl:1.2.840.113556.1.4.803:=2)';
    case 'ns-account-lock':
      return '(nsAccountLock=TRUE)';
    case 'pwd-account-locked-time':
      return '(pwdAccountLockedTime=000001010000Z)';
    case 'attribute': {
      const equal = rule.values.map((value) => `(${rule.attribute}=${escapeValue(value)})`);
      return equal.length === 1 ? equal.join('') : `(|${equal.join('')})`;
    }
  }
};

/**
 * A server that does not know an attribute cannot tell its negation either, and then nobody could log in: what
 * nobody was ever seen with is not asked for. Active Directory has its own always.
 */
export function knownRule(rule: DisabledRule, seen: ReadonlySet<string>): DisabledRule {
  const isKnown =
    rule.kind === 'user-account-control' || disabledAttributes(rule).every((name) => seen.has(name));
  return isKnown ? rule : { kind: 'none' };
}

/** Who is active by the attribute, or is said nothing about. */
export const activeClause = (attribute: string): string => {
  const truths = ['TRUE', '1', 'yes', 'y', 'on'].map((word) => `(${attribute}=${word})`);
  return `(|(!(${attribute}=*))${truths.join('')})`;
};

/**
 * The filter for logins. `seen`: attributes, in lower case, that entries were seen with. The user filter must be one
 * that servers understand, in brackets.
 */
export function loginFilter(
  userFilter: string,
  { disabled, active }: Pick<Mapping, 'disabled' | 'active'>,
  seen: ReadonlySet<string>,
): string {
  const out = disabledClause(knownRule(disabled, seen));
  const clauses = [
    ...(out === '' ? [] : [`(!${out})`]),
    ...(active !== undefined && seen.has(active) ? [activeClause(active)] : []),
  ];
  return clauses.length === 0 ? userFilter : `(&${userFilter}${clauses.join('')})`;
}
