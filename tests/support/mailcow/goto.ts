/** The goto of an alias, as add/alias and edit/alias each read it. */
import type { Report } from './context.ts';
import type { JsonObject } from './json.ts';
import type { Store } from './store.ts';
import { escapeHtml, intval, isMailAddress, splitAddress, splitList } from './php.ts';

/** Where mail goes with `goto_null`, `goto_spam` or `goto_ham`; undefined when none is 1. */
function specialGoto(attr: JsonObject): string | undefined {
  const name = ['null', 'spam', 'ham'].find((word) => intval(attr[`goto_${word}`]) === 1);
  return name === undefined ? undefined : `${name}@localhost`;
}

export type NewGoto = {
  readonly goto: string;
  /** What an alias address is compared with to see whether it would be its own goto. */
  readonly comparedWith: readonly string[];
};

/**
 * The goto of add/alias; undefined when nothing valid is left. Invalid entries are reported and dropped. A PHP
 * reference overwrites the last entry with the whole list before the comparison with the alias's own address.
 */
export function newGoto(store: Store, attr: JsonObject, report: Report): NewGoto | undefined {
  const special = specialGoto(attr);
  if (special !== undefined) return { goto: special, comparedWith: splitList(attr['goto']) };
  const parts = splitList(attr['goto']).map((part) => (part === '' ? '' : withAsciiDomain(part)));
  const valid = parts.map((part) => part !== '' && isValidGoto(store, part, report));
  const kept = parts.filter((part, index) => valid[index] && parts.indexOf(part) === index);
  if (kept.length === 0) return undefined;
  const goto = kept.join(',');
  const last = parts.length - 1;
  const lastIsKept = valid[last] === true && parts.indexOf(parts[last] ?? '') === last;
  return { goto, comparedWith: lastIsKept ? [...kept.slice(0, -1), goto] : kept };
}

function withAsciiDomain(address: string): string {
  const { local, domain } = splitAddress(address);
  return `${local}@${domain}`;
}

function isValidGoto(store: Store, address: string, report: Report): boolean {
  const isResource = (store.mailboxes.get(address)?.kind ?? '') !== '';
  if (!isResource && isMailAddress(address)) return true;
  return report.danger(['goto_invalid', escapeHtml(address)]);
}

/** The goto of edit/alias as one text, '' when nothing valid is left; what is dropped is reported. */
export function editedGoto(attr: JsonObject, now: { goto: string; address: string }, report: Report): string {
  const special = specialGoto(attr);
  if (special !== undefined) return special;
  const kept = splitList(now.goto).filter((part) => {
    if (part === '') return false;
    if (!isMailAddress(part)) return report.danger(['goto_invalid', part]);
    return part !== now.address || report.danger('alias_goto_identical');
  });
  return [...new Set(kept)].join(',');
}
