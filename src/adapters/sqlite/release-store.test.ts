import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { sql } from 'kysely';
import { environmentStoreConformance } from '../../ports/environment-store.conformance.ts';
import { releaseStoreConformance } from '../../ports/release-store.conformance.ts';
import type { ReleaseRecord } from '../../ports/release-store.ts';
import { openDatabase } from './database.ts';
import { SqliteReleaseStore } from './release-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-sqlite-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `${files++}.db`);

releaseStoreConformance('SQLite in memory', async () => new SqliteReleaseStore(openDatabase(':memory:')));
releaseStoreConformance('SQLite in a file', async () => new SqliteReleaseStore(openDatabase(newPath())));
environmentStoreConformance('SQLite', async () => new SqliteReleaseStore(openDatabase(':memory:')));

const release = (id: string, message = ''): ReleaseRecord => ({
  id,
  app: 'shop',
  createdAt: 1,
  createdBy: 'operator',
  message,
  manifest: { app: 'shop', functions: [] },
});

describe('the database file', () => {
  it('keeps what was committed when opened again, and only its owner may read it', async () => {
    const path = newPath();
    const first = new SqliteReleaseStore(openDatabase(path));
    await first.insertRelease(release('r-1'));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await first.close();
    const second = new SqliteReleaseStore(openDatabase(path));
    assert.equal((await second.getRelease('shop', 'r-1'))?.id, 'r-1');
    await second.close();
  });

  it('is in write-ahead mode and waits for the disk at every commit', async () => {
    const database = openDatabase(newPath());
    const pragma = async (name: string): Promise<unknown> =>
      (await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(database)).rows[0]?.[name];
    assert.equal(await pragma('journal_mode'), 'wal');
    assert.equal(await pragma('synchronous'), 2);
    assert.equal(await pragma('foreign_keys'), 1);
    await database.destroy();
  });

  it('from a newer version is refused and not touched', () => {
    const path = newPath();
    const newer = new DatabaseSync(path);
    newer.exec('create table future (x); pragma user_version = 9999');
    newer.close();
    assert.throws(() => openDatabase(path), { code: 'DATA_NEWER' });
    const again = new DatabaseSync(path);
    assert.deepEqual(
      again
        .prepare('select name from sqlite_schema')
        .all()
        .map((row) => row.name),
      ['future'],
    );
    again.close();
  });

  it('that is no database is refused', () => {
    const path = newPath();
    writeFileSync(path, 'a letter to grandmother, longer than a header of one hundred bytes. '.repeat(3));
    assert.throws(() => openDatabase(path), /damaged/);
  });

  it('on a full disk: STORAGE_FULL, nothing half written, and usable again when there is room', async () => {
    const database = openDatabase(newPath());
    const store = new SqliteReleaseStore(database);
    await store.insertRelease(release('r-1'));
    await sql`pragma max_page_count = 30`.execute(database);
    await assert.rejects(store.insertRelease(release('r-2', 'x'.repeat(1_000_000))), {
      code: 'STORAGE_FULL',
    });
    const variables = Array.from({ length: 1_000 }, (_, i) => ({
      app: 'shop',
      environment: 'production',
      function: '',
      name: `V${i}`,
      value: 'y'.repeat(1_000),
      secret: false,
      updatedAt: 1,
    }));
    const change = { app: 'shop', environment: 'production', set: variables, unset: [] };
    await assert.rejects(store.changeVariables(change), { code: 'STORAGE_FULL' });
    assert.deepEqual(await store.listVariables('shop', 'production'), []);
    await sql`pragma max_page_count = 100000`.execute(database);
    await store.changeVariables(change);
    assert.equal((await store.listVariables('shop', 'production')).length, 1_000);
    assert.deepEqual(
      (await store.listReleases('shop', 9)).map(({ id }) => id),
      ['r-1'],
    );
    await store.close();
  });
});
