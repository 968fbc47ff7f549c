/**
 * A condition in the words of SOGo (an EOQualifier). SOGo writes it as text behind `(mail='…') AND` and puts its values
 * as they are into an LDAP filter: so everything stands in parentheses and every value in its RFC 4515 form. What it
 * cannot say is refused, because SOGo takes what it does not understand for “everybody” (facts/auth.md section 5).
 */
import { filterValue, type Condition } from './condition.ts';
import { RenderError } from './render-error.ts';

/** Before a key, SOGo looks for the word NOT, also at the beginning of a longer one; quotes are no part of a word. */
const keyOf = (attribute: string): string => {
  if (!/^[a-z][a-z0-9-]*$/i.test(attribute)) {
    throw new RenderError(
      `SOGo cannot ask for ${JSON.stringify(attribute)}: give LDAP_MAILCOW_SOGO_LDAP_FILTER without it`,
    );
  }
  return /^not/i.test(attribute) ? `"${attribute}"` : attribute;
};

/** With a matching rule the key is `attribute:rule:`, and the equals sign behind it makes it complete. */
function ruleKeyOf({ attribute, rule, ofDn }: Extract<Condition, { kind: 'rule' }>): string {
  if (attribute === '' || rule === '' || ofDn || !/^[a-z0-9.-]+$/i.test(rule)) {
    throw new RenderError(
      'SOGo has no conditions like (:rule:=…) or (attribute:dn:=…): give LDAP_MAILCOW_SOGO_LDAP_FILTER without one',
    );
  }
  const key = keyOf(attribute);
  return key.startsWith('"') ? `"${attribute}:${rule}:"` : `${attribute}:${rule}:`;
}

function comparison(condition: Extract<Condition, { kind: 'compare' }>): string {
  const { attribute, operator, pieces } = condition;
  if (operator === '~=') {
    throw new RenderError('SOGo has no “~=”: give LDAP_MAILCOW_SOGO_LDAP_FILTER without it');
  }
  const value = pieces.map(filterValue).join('*');
  return `(${keyOf(attribute)}${operator}'${value}')`;
}

/** The condition as SOGo reads it, all of it in parentheses. Throws RenderError for what SOGo cannot say. */
export function renderQualifier(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const [first, ...more] = condition.parts.map(renderQualifier);
      if (first === undefined) throw new RenderError('an LDAP filter combines nothing');
      return more.length === 0 ? first : `(${[first, ...more].join(` ${condition.kind.toUpperCase()} `)})`;
    }
    case 'not':
      return `(NOT ${renderQualifier(condition.part)})`;
    case 'compare':
      return comparison(condition);
    case 'rule':
      return `(${ruleKeyOf(condition)}='${filterValue(condition.value)}')`;
    case 'typed':
      throw new RenderError('SOGo puts in itself what was typed');
  }
}
