import type { DatabaseSync } from 'node:sqlite';
import { MayflyError } from '../../domain/errors.ts';

/**
 * The schema's history: entry n brings a database from version n to n + 1. Never change an entry that was released;
 * append one. `PRAGMA user_version` holds the version.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table releases (
    seq integer primary key autoincrement,
    app text not null,
    id text not null,
    created_at integer not null,
    created_by text not null,
    message text not null,
    manifest text not null,
    unique (app, id)
  ) strict;
  create table environments (
    app text not null,
    name text not null,
    release text not null,
    activated_at integer not null,
    primary key (app, name),
    foreign key (app, release) references releases (app, id)
  ) strict, without rowid;
  create table variables (
    app text not null,
    environment text not null,
    function text not null,
    name text not null,
    value text not null,
    secret integer not null,
    updated_at integer not null,
    primary key (app, environment, function, name)
  ) strict, without rowid;
  create table tokens (
    id text primary key,
    name text not null,
    sha256 text not null unique,
    role text not null,
    apps text,
    created_at integer not null,
    expires_at integer
  ) strict, without rowid;
  `,
  `
  create table async_calls (
    id text primary key,
    app text not null,
    environment text not null,
    function text not null,
    target text not null generated always as (app || '/' || environment || '/' || function) virtual,
    event text not null,
    body blob not null,
    traceparent text,
    state text not null,
    epoch integer not null,
    attempts integer not null,
    due_at integer not null,
    enqueued_at integer not null,
    failure_code text,
    failure_message text
  ) strict;
  create index async_calls_due on async_calls (due_at, target) where state <> 'dead';
  create index async_calls_dead on async_calls (app, environment, due_at) where state = 'dead';
  create table async_counts (enqueued integer not null, done integer not null, dead integer not null) strict;
  insert into async_counts values (0, 0, 0);
  `,
  `
  create table release_artifacts (
    app text not null,
    release text not null,
    artifact text not null,
    primary key (app, release, artifact),
    foreign key (app, release) references releases (app, id) on delete cascade
  ) strict, without rowid;
  create index release_artifacts_artifact on release_artifacts (artifact);
  create index environments_release on environments (app, release);
  insert or ignore into release_artifacts
    select releases.app, releases.id, json_extract(fn.value, '$.artifact')
    from releases, json_each(releases.manifest, '$.functions') as fn;
  `,
  `
  alter table releases add column deployed_at integer not null default 0;
  alter table releases add column deploy_order integer not null default 0;
  update releases set deployed_at = created_at, deploy_order = seq;
  create index releases_deployed on releases (app, deploy_order);
  create table environments_with_traffic (
    app text not null,
    name text not null,
    kind text not null,
    stable text,
    past text not null,
    canary text,
    canary_release text,
    activated_at integer not null,
    revision integer not null,
    created_at integer not null,
    primary key (app, name),
    foreign key (app, stable) references releases (app, id),
    foreign key (app, canary_release) references releases (app, id)
  ) strict, without rowid;
  create table history (
    app text not null,
    environment text not null,
    seq integer not null,
    at integer not null,
    by text not null,
    action text not null,
    release text,
    canary_release text,
    canary_weight integer,
    reason text not null,
    primary key (app, environment, seq)
  ) strict, without rowid;
  insert into environments_with_traffic
    select app, name, 'permanent', release, '[]', null, null, activated_at, 1, activated_at from environments;
  insert into history
    select environments.app, environments.name, 1, environments.activated_at, releases.created_by, 'deploy',
      environments.release, null, null, releases.message
    from environments join releases on releases.app = environments.app and releases.id = environments.release;
  drop table environments;
  alter table environments_with_traffic rename to environments;
  create index environments_stable on environments (app, stable);
  create index environments_canary on environments (app, canary_release);
  alter table async_calls add column release text;
  create index async_calls_release on async_calls (app, release) where state <> 'dead' and release is not null;
  `,
  `
  create table notify_targets (
    app text not null,
    id text not null,
    environment text,
    url text not null,
    secret text not null,
    created_at integer not null,
    primary key (app, id)
  ) strict, without rowid;
  create table hooks (
    app text not null,
    id text not null,
    host text not null,
    url text not null,
    secret text not null,
    credentials text,
    created_at integer not null,
    primary key (app, id)
  ) strict, without rowid;
  create table hook_deliveries (
    app text not null,
    hook text not null,
    id text not null,
    at integer not null,
    branch text,
    state text not null,
    message text not null,
    primary key (app, hook, id),
    foreign key (app, hook) references hooks (app, id) on delete cascade
  ) strict, without rowid;
  create index hook_deliveries_at on hook_deliveries (app, hook, at, id);
  `,
  `
  create table lambda_functions (
    name text primary key,
    app text not null unique,
    state text not null,
    versions_published integer not null
  ) strict, without rowid;
  create table lambda_versions (
    function text not null references lambda_functions (name) on delete cascade,
    version integer not null,
    revision text not null,
    modified_at integer not null,
    release text not null,
    configuration text not null,
    code text not null,
    package text not null,
    primary key (function, version)
  ) strict, without rowid;
  create table lambda_aliases (
    function text not null references lambda_functions (name) on delete cascade,
    name text not null,
    revision text not null,
    description text not null,
    version integer not null,
    routing text not null,
    primary key (function, name)
  ) strict, without rowid;
  create table lambda_layers (
    layer text not null,
    version integer not null,
    created_at integer not null,
    configuration text not null,
    code text not null,
    artifact text not null,
    package text not null,
    deleted integer not null,
    primary key (layer, version)
  ) strict, without rowid;
  create table lambda_settings (
    function text not null references lambda_functions (name) on delete cascade,
    qualifier text not null,
    kind text not null,
    value text not null,
    modified_at integer not null,
    primary key (function, qualifier, kind)
  ) strict, without rowid;
  create index lambda_settings_kind on lambda_settings (kind, function, qualifier);
  `,
  `
  alter table lambda_functions add column reserved integer;
  alter table lambda_layers add column policy text;
  alter table lambda_settings add column key text;
  create unique index lambda_settings_key on lambda_settings (kind, key) where key is not null;
  create table lambda_event_sources (
    id text primary key,
    function text not null references lambda_functions (name) on delete cascade,
    qualifier text not null,
    source text not null,
    value text not null,
    modified_at integer not null
  ) strict, without rowid;
  create index lambda_event_sources_function on lambda_event_sources (function);
  `,
];

/**
 * Brings the database to this program's version, each step whole or not at all.
 * @throws MayflyError DATA_NEWER when a newer Mayfly wrote it; it is then left untouched
 */
export function migrate(database: DatabaseSync, path: string): void {
  const version = versionOf(database);
  if (version > MIGRATIONS.length) {
    throw new MayflyError(
      'DATA_NEWER',
      `The database ${path} has schema version ${version}; this Mayfly knows up to ${MIGRATIONS.length}.`,
    );
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    database.exec(`begin immediate; ${MIGRATIONS[next]} pragma user_version = ${next + 1}; commit;`);
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.user_version ?? 0);
}
