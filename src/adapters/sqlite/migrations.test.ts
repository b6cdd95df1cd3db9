import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, it } from 'node:test';
import { releaseWith } from '../../ports/release-store-fixtures.ts';
import { SqliteAsyncInvocationStore } from './async-invocation-store.ts';
import { openDatabase } from './database.ts';
import { SqliteReleaseStore } from './release-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-migrations-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The tables of version 3, in which an environment was a pointer to one release, with what a node had put in. */
const VERSION_3 = `
  create table releases (seq integer primary key autoincrement, app text not null, id text not null,
    created_at integer not null, created_by text not null, message text not null, manifest text not null,
    unique (app, id)) strict;
  create table environments (app text not null, name text not null, release text not null, activated_at integer not null,
    primary key (app, name), foreign key (app, release) references releases (app, id)) strict, without rowid;
  create table variables (app text not null, environment text not null, function text not null, name text not null,
    value text not null, secret integer not null, updated_at integer not null,
    primary key (app, environment, function, name)) strict, without rowid;
  create table tokens (id text primary key, name text not null, sha256 text not null unique, role text not null, apps text,
    created_at integer not null, expires_at integer) strict, without rowid;
  create table async_calls (id text primary key, app text not null, environment text not null, function text not null,
    target text not null generated always as (app || '/' || environment || '/' || function) virtual,
    event text not null, body blob not null, traceparent text, state text not null, epoch integer not null,
    attempts integer not null, due_at integer not null, enqueued_at integer not null, failure_code text,
    failure_message text) strict;
  create table async_counts (enqueued integer not null, done integer not null, dead integer not null) strict;
  insert into async_counts values (1, 0, 0);
  create table release_artifacts (app text not null, release text not null, artifact text not null,
    primary key (app, release, artifact),
    foreign key (app, release) references releases (app, id) on delete cascade) strict, without rowid;
  create index environments_release on environments (app, release);
  insert into environments values ('shop', 'production', 'r-2', 22), ('shop', 'preview', 'r-1', 21);
  insert into variables values ('shop', 'production', '', 'COLOUR', 'red', 0, 3);
  insert into async_calls (id, app, environment, function, event, body, state, epoch, attempts, due_at, enqueued_at)
    values ('c1', 'shop', 'production', 'list', '{}', x'01', 'waiting', 0, 0, 5, 5);
  pragma user_version = 3;
`;

it('a folder from before releases had traffic goes on with all that it had', async () => {
  const path = join(folder, 'version-3.db');
  const old = new DatabaseSync(path);
  old.exec('pragma foreign_keys = off');
  old.exec(VERSION_3);
  const insert = old.prepare(
    "insert into releases (app, id, created_at, created_by, message, manifest) values ('shop', ?, ?, 'ci', ?, ?)",
  );
  const releases = [releaseWith('shop', 'r-1', 'a', 11), releaseWith('shop', 'r-2', 'b', 12)];
  for (const { id, createdAt, manifest } of releases) {
    insert.run(id, createdAt, `message of ${id}`, JSON.stringify(manifest));
    const { artifact } = manifest.functions[0]!;
    old.prepare("insert into release_artifacts values ('shop', ?, ?)").run(id, artifact);
  }
  old.close();

  const database = openDatabase(path);
  const store = new SqliteReleaseStore(database);
  const traffic = { past: [], canary: null };
  const made = { app: 'shop', kind: 'permanent', revision: 1 };
  assert.deepEqual(await store.listEnvironments(), [
    { ...made, name: 'preview', traffic: { ...traffic, stable: 'r-1' }, activatedAt: 21, createdAt: 21 },
    { ...made, name: 'production', traffic: { ...traffic, stable: 'r-2' }, activatedAt: 22, createdAt: 22 },
  ]);
  assert.deepEqual(await store.listHistory('shop', 'production', 9), [
    { seq: 1, at: 22, by: 'ci', action: 'deploy', release: 'r-2', canary: null, reason: 'message of r-2' },
  ]);
  assert.deepEqual(
    (await store.listReleases('shop', 9)).map(({ id, message, manifest }) => [id, message, manifest]),
    [
      ['r-2', 'message of r-2', releases[1]!.manifest],
      ['r-1', 'message of r-1', releases[0]!.manifest],
    ],
  );
  assert.equal((await store.listVariables('shop', 'production')).length, 1);
  assert.equal((await store.listArtifacts()).size, 2);
  const calls = new SqliteAsyncInvocationStore(database);
  const [call] = await calls.lease({ now: 9, until: 10, limit: 9, except: [] });
  assert.deepEqual([call?.id, call?.release], ['c1', null]);

  const at = { app: 'shop', name: 'production', kind: 'permanent', at: 30, by: 'ci' } as const;
  const rollForward = { stable: 'r-1', past: ['r-2'], canary: null };
  await store.saveEnvironment({ ...at, traffic: rollForward, revision: 1, action: 'promote', reason: '' });
  await assert.rejects(async () => {
    await database.deleteFrom('releases').where('id', '=', 'r-1').execute();
  });
  await store.close();
});
