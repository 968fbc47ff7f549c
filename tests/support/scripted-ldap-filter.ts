/** The filter of a search as text, from its bytes. */
import { childrenOf, readElement, toText, type Element } from './scripted-ldap-ber.ts';

const tags = { and: 0xa0, or: 0xa1, not: 0xa2, equality: 0xa3, presence: 0x87 };

const compared = ({ content }: Element): string => childrenOf(content).map(toText).join('=');
const joined = ({ content }: Element): string => childrenOf(content).map(render).join('');

function render(filter: Element): string {
  switch (filter.tag) {
    case tags.and:
      return `(&${joined(filter)})`;
    case tags.or:
      return `(|${joined(filter)})`;
    case tags.not:
      return `(!${joined(filter)})`;
    case tags.equality:
      return `(${compared(filter)})`;
    case tags.presence:
      return `(${toText(filter)}=*)`;
    default:
      throw new Error(`no test needed a filter with the tag ${filter.tag} so far`);
  }
}

/** Knows the operators, equality and presence; throws for the others. */
export function filterText(bytes: Buffer): string {
  const filter = readElement(bytes);
  if (!filter) throw new Error('the filter is no BER');
  return render(filter);
}
