/** The kind of value that says what lists are. */
import { parseGroupPolicyWords, type GroupPolicyRule } from '../core/group-policy.ts';
import type { Kind } from './setting.ts';

type Item = GroupPolicyRule | { readonly problem: string };

const words =
  'list, internal or send-as, several of them joined by “+” (staff-*=internal+send-as), or mailbox or ignore alone';

/** A local part or a whole address, with any number of stars. */
const patternShape = /^[^\s@,=]+(?:@[^\s@,=]+)?$/;

function parseItem(item: string): Item {
  const at = item.lastIndexOf('=');
  if (at < 0) return { problem: `“${item}” has no “=”: give PATTERN=WORD, like staff-*=internal` };
  const pattern = item.slice(0, at).trim();
  const policy = parseGroupPolicyWords(item.slice(at + 1));
  if (!patternShape.test(pattern)) {
    return {
      problem: `“${pattern}” is no address and no local part: give one, in which “*” stands for any characters`,
    };
  }
  return policy
    ? { pattern, policy }
    : { problem: `“${item.slice(at + 1).trim()}” is no policy: give ${words}` };
}

const isRule = (item: Item): item is GroupPolicyRule => 'policy' in item;

/** `pattern=word+word` separated by commas, in the order in which they are tried. */
export const groupPolicies: Kind<readonly GroupPolicyRule[]> = {
  expects: 'PATTERN=WORD separated by commas, like staff-*=internal, test-*=ignore',
  parse: (text) => {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(parseItem);
    const problems = items.flatMap((item) => (isRule(item) ? [] : [item.problem]));
    return problems.length > 0 ? { problem: problems.join('; ') } : { value: items.filter(isRule) };
  },
};
