import type { Transaction } from 'kysely';
import type { ReleaseManifest } from '../../contract/manifest.ts';
import type {
  ActiveEnvironment,
  EnvironmentChange,
  EnvironmentRecord,
  HistoryRecord,
  ReleasePruning,
  ReleaseRecord,
  ReleaseStore,
  TokenRecord,
  VariableChangeRecord,
  VariableRecord,
} from '../../ports/release-store.ts';
import type { Database } from './database.ts';
import { writeEnvironment } from './environment-table.ts';
import { environmentOf, historyOf, releaseOf, rowOfVariable, tokenOf, variableOf } from './release-rows.ts';
import { keepRelease, pruneReleases } from './release-table.ts';
import type { Schema } from './schema.ts';

/** The control plane's state in SQLite. Closing it closes the database, which other stores may share. */
export class SqliteReleaseStore implements ReleaseStore {
  readonly #db: Database;

  constructor(database: Database) {
    this.#db = database;
  }

  async insertRelease(release: ReleaseRecord): Promise<void> {
    await this.#db.transaction().execute((tx) => keepRelease(tx, release));
  }

  async pruneReleases(pruning: ReleasePruning): Promise<number> {
    return await pruneReleases(this.#db, pruning);
  }

  async listReleaseIds(app: string): Promise<Set<string>> {
    const rows = await this.#db.selectFrom('releases').select('id').where('app', '=', app).execute();
    return new Set(rows.map(({ id }) => id));
  }

  async listApps(): Promise<string[]> {
    const rows = await this.#db.selectFrom('releases').select('app').distinct().orderBy('app').execute();
    return rows.map(({ app }) => app);
  }

  async listArtifacts(): Promise<Set<string>> {
    const rows = await this.#db.selectFrom('release_artifacts').select('artifact').distinct().execute();
    return new Set(rows.map(({ artifact }) => artifact));
  }

  async getRelease(app: string, id: string): Promise<ReleaseRecord | null> {
    const row = await this.#db
      .selectFrom('releases')
      .selectAll()
      .where('app', '=', app)
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : releaseOf(row);
  }

  async listReleases(app: string, limit: number): Promise<ReleaseRecord[]> {
    const rows = await this.#db
      .selectFrom('releases')
      .selectAll()
      .where('app', '=', app)
      .orderBy('deploy_order', 'desc')
      .limit(limit)
      .execute();
    return rows.map(releaseOf);
  }

  async saveEnvironment(change: EnvironmentChange): Promise<EnvironmentRecord> {
    return await this.#db.transaction().execute(async (tx) => {
      if (change.release !== undefined) await keepRelease(tx, change.release);
      await setVariables(tx, change.variables ?? []);
      return await writeEnvironment(tx, change);
    });
  }

  async listEnvironments(app?: string): Promise<EnvironmentRecord[]> {
    let query = this.#db.selectFrom('environments').selectAll().orderBy('app').orderBy('name');
    if (app !== undefined) query = query.where('app', '=', app);
    return (await query.execute()).map(environmentOf);
  }

  async listHistory(app: string, environment: string, limit: number): Promise<HistoryRecord[]> {
    const rows = await this.#db
      .selectFrom('history')
      .selectAll()
      .where('app', '=', app)
      .where('environment', '=', environment)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
    return rows.map(historyOf);
  }

  async *listActive(): AsyncIterable<ActiveEnvironment> {
    const variables = Map.groupBy(
      await this.#db.selectFrom('variables').selectAll().execute(),
      (row) => `${row.app}/${row.environment}`,
    );
    const rows = this.#db
      .selectFrom('environments')
      .leftJoin('releases as stable', (join) =>
        join.onRef('stable.app', '=', 'environments.app').onRef('stable.id', '=', 'environments.stable'),
      )
      .leftJoin('releases as trial', (join) =>
        join
          .onRef('trial.app', '=', 'environments.app')
          .onRef('trial.id', '=', 'environments.canary_release'),
      )
      .selectAll('environments')
      .select(['stable.manifest as stable_manifest', 'trial.manifest as canary_manifest'])
      .orderBy('environments.app')
      .orderBy('environments.name')
      .stream();
    for await (const row of rows) {
      yield {
        environment: environmentOf(row),
        stable: manifestOf(row.stable_manifest),
        canary: manifestOf(row.canary_manifest),
        variables: (variables.get(`${row.app}/${row.name}`) ?? []).map(variableOf),
      };
    }
  }

  async removeApp(app: string): Promise<boolean> {
    return await this.#db.transaction().execute(async (tx) => {
      const results = [
        await tx.deleteFrom('environments').where('app', '=', app).executeTakeFirst(),
        await tx.deleteFrom('history').where('app', '=', app).executeTakeFirst(),
        await tx
          .deleteFrom('async_calls')
          .where('app', '=', app)
          .where('state', '=', 'dead')
          .executeTakeFirst(),
        await tx.deleteFrom('releases').where('app', '=', app).executeTakeFirst(),
        await tx.deleteFrom('variables').where('app', '=', app).executeTakeFirst(),
      ];
      return results.some((result) => result.numDeletedRows > 0n);
    });
  }

  async removeEnvironment(app: string, environment: string): Promise<boolean> {
    return await this.#db.transaction().execute(async (tx) => {
      await tx
        .deleteFrom('variables')
        .where('app', '=', app)
        .where('environment', '=', environment)
        .execute();
      await tx.deleteFrom('history').where('app', '=', app).where('environment', '=', environment).execute();
      await tx
        .deleteFrom('async_calls')
        .where('app', '=', app)
        .where('environment', '=', environment)
        .where('state', '=', 'dead')
        .execute();
      const result = await tx
        .deleteFrom('environments')
        .where('app', '=', app)
        .where('name', '=', environment)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    });
  }

  async changeVariables(change: VariableChangeRecord): Promise<{ set: number; unset: number }> {
    return await this.#db.transaction().execute(async (tx) => {
      let unset = 0;
      for (const name of change.unset) {
        const result = await tx
          .deleteFrom('variables')
          .where('app', '=', change.app)
          .where('environment', '=', change.environment)
          .where('name', '=', name)
          .executeTakeFirst();
        unset += Number(result.numDeletedRows);
      }
      await setVariables(tx, change.set);
      return { set: change.set.length, unset };
    });
  }

  async listVariables(app: string, environment: string): Promise<VariableRecord[]> {
    const rows = await this.#db
      .selectFrom('variables')
      .selectAll()
      .where('app', '=', app)
      .where('environment', '=', environment)
      .orderBy('function')
      .orderBy('name')
      .execute();
    return rows.map(variableOf);
  }

  async insertToken(token: TokenRecord): Promise<void> {
    await this.#db
      .insertInto('tokens')
      .values({
        id: token.id,
        name: token.name,
        sha256: token.sha256,
        role: token.role,
        apps: token.apps === null ? null : JSON.stringify(token.apps),
        created_at: token.createdAt,
        expires_at: token.expiresAt,
      })
      .execute();
  }

  async findToken(id: string): Promise<TokenRecord | null> {
    const row = await this.#db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : tokenOf(row);
  }

  async findTokenByHash(sha256: string): Promise<TokenRecord | null> {
    const row = await this.#db
      .selectFrom('tokens')
      .selectAll()
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row === undefined ? null : tokenOf(row);
  }

  async listTokens(): Promise<TokenRecord[]> {
    const rows = await this.#db
      .selectFrom('tokens')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(tokenOf);
  }

  async deleteToken(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('tokens').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows > 0n;
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

function manifestOf(text: string | null): ReleaseManifest | null {
  return text === null ? null : (JSON.parse(text) as ReleaseManifest);
}

async function setVariables(tx: Transaction<Schema>, variables: readonly VariableRecord[]): Promise<void> {
  for (const variable of variables) {
    const row = rowOfVariable(variable);
    const { value, secret, updated_at } = row;
    await tx
      .insertInto('variables')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['app', 'environment', 'function', 'name'])
          .doUpdateSet({ value, secret, updated_at }),
      )
      .execute();
  }
}
