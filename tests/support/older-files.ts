/** The SQLite files of the older tools, with the tables that their libraries make. */
import Database from 'better-sqlite3';

export type OldUser = { readonly email: string; readonly active: number };
export type OldAlias = { readonly address: string; readonly goto: string; readonly active: number };

const seen = '2026-11-20 06:00:00.000000';

/** SQLAlchemy's, of Programmierus, rinkp (in Python) and LazyGatto; the last one has aliases too. */
export function writeUsersFile(path: string, users: readonly OldUser[], aliases?: readonly OldAlias[]): void {
  const db = new Database(path);
  db.exec(
    'CREATE TABLE users (\n\temail VARCHAR NOT NULL, \n\tactive BOOLEAN NOT NULL, \n\tlast_seen DATETIME NOT NULL, \n\tPRIMARY KEY (email)\n)',
  );
  const user = db.prepare('INSERT INTO users VALUES (@email, @active, @seen)');
  for (const row of users) user.run({ ...row, seen });
  if (aliases !== undefined) {
    db.exec(
      'CREATE TABLE aliases (\n\taddress VARCHAR NOT NULL, \n\tgoto VARCHAR NOT NULL, \n\tactive BOOLEAN NOT NULL, \n\tlast_seen DATETIME NOT NULL, \n\tPRIMARY KEY (address)\n)',
    );
    const alias = db.prepare('INSERT INTO aliases VALUES (@address, @goto, @active, @seen)');
    for (const row of aliases) alias.run({ ...row, seen });
  }
  db.close();
}

/** TypeORM's, of rinkp in TypeScript: active is 0, 1 or 2. */
export function writeTypeOrmFile(path: string, users: readonly OldUser[]): void {
  const db = new Database(path);
  db.exec(
    'CREATE TABLE "users" ("email" varchar PRIMARY KEY NOT NULL, "active" integer NOT NULL, "last_seen" datetime NOT NULL)',
  );
  const user = db.prepare('INSERT INTO users VALUES (@email, @active, @seen)');
  for (const row of users) user.run({ ...row, seen });
  db.close();
}

export type OldMyOmikronUser = { readonly uid: string; readonly mail: string; readonly active: string };

export const oldPasswordHash = '{SSHA}very-secret-hash-of-somebody';

/** That of myOmikron, password hashes and all. */
export function writeMyOmikronFile(path: string, users: readonly OldMyOmikronUser[]): void {
  const db = new Database(path);
  db.exec(
    'CREATE TABLE user (\n\tid INTEGER NOT NULL, \n\tuid VARCHAR, \n\tactive VARCHAR, \n\tmail VARCHAR, \n\tfirst_name VARCHAR, \n\tlast_name VARCHAR, \n\tpassword VARCHAR, \n\tquota VARCHAR, \n\ttls_enforce_in VARCHAR, \n\ttls_enforce_out VARCHAR, \n\tPRIMARY KEY (id), \n\tUNIQUE (id)\n)',
  );
  const user = db.prepare(
    "INSERT INTO user (uid, active, mail, first_name, last_name, password, quota, tls_enforce_in, tls_enforce_out) VALUES (@uid, @active, @mail, 'A', 'B', @password, '0', '1', '1')",
  );
  for (const row of users) user.run({ ...row, password: oldPasswordHash });
  db.close();
}
