/** Mailboxes that people left in another domain, when the SQLite file that knew of it was lost. */
import { rowsById } from '../core/ledger.ts';
import type { Memory } from './memory.ts';

/** Of several mailboxes with one id's mark, those that are not at its address were left behind by a move. */
export function rememberLeftBehind(memory: Memory, addressOf: (id: string) => string | undefined): void {
  for (const [id, rows] of rowsById(memory.ledger)) {
    if (rows.length < 2) continue;
    const live = rows.find((row) => row.key === addressOf(id));
    if (live === undefined) continue;
    for (const row of rows) {
      if (row !== live && row.movedTo === undefined) memory.own({ ...row, movedTo: live.key });
    }
  }
}
