/** The state store: one SQLite file behind the port that a sync declares. */
import type { KnownFinding, Older, State, StateChanges } from '../ports-state.ts';
import { openDatabase, openToRead, type Connection } from './database.ts';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { StateError } from './errors.ts';
import { openCounts } from './counts.ts';
import { openFigures } from './figures.ts';
import { openHeritage, saveHeritage } from './heritage.ts';
import { openHolds, openRetries } from './holds.ts';
import { openJournal } from './journal.ts';
import { openPins } from './pins.ts';
import { openTasks } from './tasks.ts';
import { ledgerTable, mirrorTables, snapshotTable } from './tables.ts';

type FactRow = { readonly key: string; readonly value: string };

function factsPart(db: Connection): Pick<State, 'facts' | 'saveFacts'> {
  const all = db.prepare<[], FactRow>('SELECT key, value FROM facts');
  const put = db.prepare<FactRow>('INSERT OR REPLACE INTO facts (key, value) VALUES (@key, @value)');
  return {
    facts: () =>
      Object.fromEntries(all.all().map((row): [string, unknown] => [row.key, JSON.parse(row.value)])),
    saveFacts: (facts) => {
      for (const [key, value] of Object.entries(facts)) put.run({ key, value: JSON.stringify(value) });
    },
  };
}

function findingsPart(db: Connection): Pick<State, 'findings' | 'replaceFindings'> {
  const all = db.prepare<[], KnownFinding>(
    'SELECT code, subject, message, since FROM findings ORDER BY code, subject',
  );
  const clear = db.prepare('DELETE FROM findings');
  const put = db.prepare<KnownFinding>(
    'INSERT INTO findings (code, subject, message, since) VALUES (@code, @subject, @message, @since)',
  );
  return {
    findings: () => all.all(),
    replaceFindings: (findings) => {
      clear.run();
      for (const finding of findings) put.run(finding);
    },
  };
}

type Tables = ReturnType<typeof openTables>;

function openTables(db: Connection) {
  return {
    snapshot: snapshotTable(db),
    ...mirrorTables(db),
    ledgerMailboxes: ledgerTable(db, 'mailbox'),
    ledgerAliases: ledgerTable(db, 'alias'),
  };
}

function saveTables(tables: Tables, changes: StateChanges): void {
  if (changes.snapshot) tables.snapshot.save(changes.snapshot);
  if (changes.domains) tables.domains.save(changes.domains);
  if (changes.mailboxes) tables.mailboxes.save(changes.mailboxes);
  if (changes.aliases) tables.aliases.save(changes.aliases);
  if (changes.filters) tables.filters.save(changes.filters);
  if (changes.syncJobs) tables.syncJobs.save(changes.syncJobs);
  if (changes.ledgerMailboxes) tables.ledgerMailboxes.save(changes.ledgerMailboxes);
  if (changes.ledgerAliases) tables.ledgerAliases.save(changes.ledgerAliases);
}

async function backUp(db: Connection, path: string): Promise<void> {
  if (existsSync(path)) throw new StateError(`${path} exists already: name a new file`);
  try {
    await db.backup(path);
    await chmod(path, 0o600);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StateError(`cannot write the copy ${path}: ${reason}`, { cause: error });
  }
}

/**
 * Opens the state file, or a private one in memory for `:memory:`, with what an older tool left. Throws StateError
 * with what to do.
 */
export function openState(path: string, older?: Older): State {
  const db = openDatabase(path);
  if (older !== undefined) saveHeritage(db, older);
  return stateOn(db);
}

/**
 * Opens a state file that exists to read it and nothing else, also while a sync writes it; what is saved is lost or
 * refused. Throws StateError.
 */
export function openStateToRead(path: string): State {
  return stateOn(openToRead(path));
}

function stateOn(db: Connection): State {
  const tables = openTables(db);
  const transaction = <T>(work: () => T): T => (db.inTransaction ? work() : db.transaction(work)());
  const findings = findingsPart(db);
  const facts = factsPart(db);
  return {
    ...facts,
    ...findings,
    ...openJournal(db),
    ...openCounts(db),
    ...openFigures(db),
    ...openHolds(db),
    ...openRetries(db),
    ...openHeritage(db),
    ...openPins(db),
    ...openTasks(db),
    saveFacts: (patch) => {
      transaction(() => {
        facts.saveFacts(patch);
      });
    },
    replaceFindings: (list) => {
      transaction(() => {
        findings.replaceFindings(list);
      });
    },
    remembered: () => ({
      snapshot: tables.snapshot.all(),
      domains: tables.domains.all(),
      mailboxes: tables.mailboxes.all(),
      aliases: tables.aliases.all(),
      filters: tables.filters.all(),
      syncJobs: tables.syncJobs.all(),
      ledgerMailboxes: tables.ledgerMailboxes.all(),
      ledgerAliases: tables.ledgerAliases.all(),
    }),
    save: (changes) => {
      transaction(() => {
        saveTables(tables, changes);
      });
    },
    transaction,
    backup: (path) => backUp(db, path),
    close: () => {
      db.close();
    },
  };
}
