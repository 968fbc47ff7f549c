/**
 * The sieve filter by which a mailbox is a list: written from the addresses of its members, and read back from what
 * stands in mailcow. Nothing but addresses gets into a script, and those are quoted (RFC 5228 section 2.4.2).
 */
import { parseAddress } from './address.ts';
import { parseMark } from './mark.ts';
import type { SieveFilter } from './model.ts';

/** How many redirects dovecot follows in one script (`sieve_max_redirects` in mailcow's dovecot.conf). */
export const MAX_REDIRECTS = 100;

/** What a mailbox that is a list has for a filter, as far as a plan needs it. */
export type ListFilter = {
  /** The mailbox. */
  readonly address: string;
  /** mailcow's id; undefined: it has no filter that is ours. */
  readonly id?: number;
  /** Whom it leads to, sorted; undefined: its script says something else. */
  readonly goto?: readonly string[];
  /** The script that says something else. */
  readonly script?: string;
  readonly active: boolean;
  /** Another prefilter is active: mailcow would switch it off in favour of ours. */
  readonly hasRival: boolean;
};

const HEADER =
  '# Made by ldap-mailcow from the members of this list. What is changed here is put back by the next audit.';

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, String.raw`\$&`)}"`;

/** A script that leads to these addresses and keeps nothing. Throws for what is no address: nothing else gets in. */
export function renderListScript(goto: readonly string[]): string {
  const redirects = goto.map((address) => {
    if (parseAddress(address) !== address) throw new Error(`no address: ${JSON.stringify(address)}`);
    return `redirect ${quoted(address)};`;
  });
  return [HEADER, ...redirects, 'discard;', 'stop;', ''].join('\n');
}

const redirectLine = /^redirect(?: :copy)? "([^"\\]+)";$/;

/** How linuxmuster-mailcow began its scripts; they lead where ours do (docs/migrating.md). */
const OLDER_HEADER = '### Auto-generated mailinglist filter by linuxmuster ###';

const OTHER_LINES: ReadonlySet<string> = new Set([
  HEADER,
  OLDER_HEADER,
  'require "copy";',
  'discard;',
  'stop;',
  'discard;stop;',
]);

/** The addresses that a script of ours, or of linuxmuster-mailcow, leads to; undefined for any other. */
function parseListScript(script: string): readonly string[] | undefined {
  const lines = script.split(/\r?\n/).filter((line) => line !== '');
  const addresses: string[] = [];
  for (const line of lines) {
    const address = parseAddress(redirectLine.exec(line)?.[1] ?? '');
    if (address !== undefined) addresses.push(address);
    else if (!OTHER_LINES.has(line)) return undefined;
  }
  const ends = lines.at(-1) === 'stop;' || lines.at(-1) === 'discard;stop;';
  return ends && lines.some((line) => line.startsWith('discard;'))
    ? [...new Set(addresses)].sort()
    : undefined;
}

const isOurs = ({ kind, description, script }: SieveFilter, owner: string): boolean =>
  kind === 'prefilter' && (parseMark(description)?.owner === owner || script.startsWith(OLDER_HEADER));

/** What the filters of one mailbox say about the list that it is. */
export function readListFilter(address: string, filters: readonly SieveFilter[], owner: string): ListFilter {
  const ours = filters.filter((filter) => isOurs(filter, owner));
  const own = ours.find(({ active }) => active) ?? ours[0];
  const hasRival = filters.some(
    (filter) => filter.kind === 'prefilter' && filter.active && !isOurs(filter, owner),
  );
  if (own === undefined) return { address, active: false, hasRival };
  const goto = parseListScript(own.script);
  const says = goto === undefined ? { script: own.script } : { goto };
  return { address, id: own.id, ...says, active: own.active, hasRival };
}
