/** What an older tool left, until its objects are adopted. */
export const sql = `
CREATE TABLE heritage (
  resource TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  active INTEGER NOT NULL,
  goto TEXT,
  dn TEXT,
  PRIMARY KEY (resource, key)
) WITHOUT ROWID;
`;
