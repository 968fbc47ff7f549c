/** What is left of a mailbox whose deletion died of a deadlock. */
import type { Store } from './store.ts';
import { fold } from './php.ts';

/** The mailbox row stays; its quota row and every alias that pointed to it alone are gone. */
export function halfDelete(store: Store, address: string): void {
  const row = store.mailboxes.get(address);
  if (!row) return;
  for (const alias of store.aliases.towards(address)) {
    if (fold(alias.goto) === fold(address)) store.aliases.remove(alias.id);
  }
  store.mailboxes.put({ ...row, hasQuotaRow: false });
}
