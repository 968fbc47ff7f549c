/** The first schema: facts, snapshot, mirror of mailcow, ledger, findings, runs and journal. */
export const sql = `
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE snapshot (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  entry TEXT NOT NULL,
  missing INTEGER NOT NULL,
  missing_since TEXT,
  counted_at TEXT,
  counted_uptime TEXT,
  missing_days INTEGER NOT NULL,
  missing_day TEXT,
  scope_changed INTEGER NOT NULL,
  arrived_by_scope INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE domains (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mailboxes (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE aliases (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE ledger (
  resource TEXT NOT NULL,
  key TEXT NOT NULL,
  directory_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  since TEXT NOT NULL,
  last_active INTEGER,
  moved_to TEXT,
  applied TEXT,
  PRIMARY KEY (resource, key)
) WITHOUT ROWID;
CREATE INDEX ledger_by_id ON ledger (directory_id);

CREATE TABLE findings (
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (code, subject)
) WITHOUT ROWID;

CREATE TABLE holds (id TEXT NOT NULL, signature TEXT PRIMARY KEY, why TEXT NOT NULL, change TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE approvals (
  id TEXT NOT NULL,
  approved_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  signatures TEXT NOT NULL
);

CREATE TABLE retries (key TEXT PRIMARY KEY, attempts INTEGER NOT NULL, next_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT,
  counts TEXT,
  message TEXT
);
CREATE INDEX runs_by_start ON runs (started_at);

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  run TEXT NOT NULL,
  change TEXT NOT NULL,
  image TEXT NOT NULL,
  resource TEXT NOT NULL,
  key TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT,
  detail TEXT
);
CREATE INDEX journal_open ON journal (seq) WHERE ended_at IS NULL;
CREATE INDEX journal_by_key ON journal (resource, key);
`;
