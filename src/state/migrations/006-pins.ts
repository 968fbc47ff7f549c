/** What an undo took back and the planner leaves alone. */
export const sql = `
CREATE TABLE pins (
  resource TEXT NOT NULL,
  key TEXT NOT NULL,
  directory_id TEXT NOT NULL,
  run TEXT NOT NULL,
  since TEXT NOT NULL,
  entry TEXT,
  PRIMARY KEY (resource, key)
) WITHOUT ROWID;
`;
