import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Dialect, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { migrate } from './migrations.ts';
import type { Schema } from './schema.ts';
import { SqliteDriver } from './sqlite-driver.ts';
import { rethrowSqlite } from './sqlite-error.ts';

/** One open database; the stores of this folder share it. */
export type Database = Kysely<Schema>;

/** How long a write waits for another process (a backup, `sqlite3`) to let go of the file, ms. */
const BUSY_TIMEOUT_MS = 5_000;
/** The write-ahead log is folded into the database at this many pages, and cut back to this many bytes. */
const WAL_PAGES_MAX = 1_000;
const WAL_BYTES_MAX = 16 * 1024 * 1024;
/** Page cache, KB: the data plane never reads here, so that the platform's memory goes elsewhere. */
const PAGE_CACHE_KB = 2_000;

/**
 * Opens (or makes, mode 600) the database at `path` and brings its schema up to date; `:memory:` lives in memory only.
 *
 * Write-ahead log, so that a crash never shows half a transaction. `synchronous = FULL`: with WAL, NORMAL would be
 * as safe against a crash of the process, but a power cut could take back commits that were already answered.
 * @throws MayflyError DATA_NEWER, STORAGE_FULL
 */
export function openDatabase(path: string): Database {
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma wal_autocheckpoint = ${WAL_PAGES_MAX};
      pragma journal_size_limit = ${WAL_BYTES_MAX};
      pragma cache_size = -${PAGE_CACHE_KB};
    `);
    migrate(database, path);
  } catch (thrown) {
    database.close();
    rethrowSqlite(thrown, path);
  }
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, path),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
  return new Kysely<Schema>({ dialect });
}
