/** search/mailbox and search/domain: the only paged reads. */
import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';
import type { Store } from './store.ts';
import { asArray, fold, intOr, intval, text } from './php.ts';
import { domainDetails } from './domain-read.ts';
import { mailboxDetails } from './mailbox-read.ts';

/** One page in the words of DataTables; undefined for a category that cannot be searched. */
export function search(store: Store, category: string, body: Json): JsonObject | undefined {
  const rows = category === 'mailbox' ? mailboxRows(store) : domainRows(store);
  if (category !== 'mailbox' && category !== 'domain') return undefined;
  const asked = isObject(body) ? body : {};
  const wanted = fold(searchText(asked));
  const found = rows.filter((row) => fold(row.name).includes(wanted));
  const ordered = isDescending(asked) ? found.reverse() : found;
  const start = intval(asked['start']);
  const length = intOr(asked['length'], -1);
  const page = ordered.slice(start, length < 0 ? undefined : start + length);
  return {
    draw: intval(asked['draw']),
    recordsTotal: found.length,
    recordsFiltered: found.length,
    data: page.map((row) => row.details()),
  };
}

type Found = { readonly name: string; readonly details: () => JsonObject };

function mailboxRows(store: Store): Found[] {
  const rows = store.mailboxes.all().filter((row) => row.kind === '');
  return rows.map((row) => ({ name: row.username, details: () => mailboxDetails(store, row) }));
}

function domainRows(store: Store): Found[] {
  return store.domains.all().map((row) => ({ name: row.domain, details: () => domainDetails(store, row) }));
}

function searchText(asked: JsonObject): string {
  const { search: given } = asked;
  return isObject(given) ? text(given['value']) : '';
}

function isDescending(asked: JsonObject): boolean {
  const [order] = asArray(asked['order']);
  return isObject(order) && order['dir'] === 'desc';
}
