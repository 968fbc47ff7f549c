/** The sieve filters of the mailboxes that are lists, as mailcow had them. */
export const sql = `
CREATE TABLE filters (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;
`;
