import { sql } from 'kysely';
import type { ReleaseManifest } from '../../contract/manifest.ts';
import { MayflyError } from '../../domain/errors.ts';
import type {
  ActiveRelease,
  EnvironmentRecord,
  ReleaseRecord,
  ReleaseStore,
  TokenRecord,
  VariableChangeRecord,
  VariableRecord,
} from '../../ports/release-store.ts';
import type { Database } from './database.ts';
import { environmentOf, releaseOf, rowOfVariable, tokenOf, variableOf } from './release-rows.ts';

/** The control plane's state in SQLite. Closing it closes the database, which other stores may share. */
export class SqliteReleaseStore implements ReleaseStore {
  readonly #db: Database;

  constructor(database: Database) {
    this.#db = database;
  }

  async insertRelease(release: ReleaseRecord): Promise<void> {
    const { app, id, manifest } = release;
    const artifacts = [...new Set(manifest.functions.map((fn) => fn.artifact))];
    await this.#db.transaction().execute(async (tx) => {
      await tx
        .insertInto('releases')
        .values({
          app,
          id,
          created_at: release.createdAt,
          created_by: release.createdBy,
          message: release.message,
          manifest: JSON.stringify(manifest),
        })
        .execute();
      // One statement however many there are: 10,000 would hold up the event loop.
      await sql`
        insert into release_artifacts (app, release, artifact)
        select ${app}, ${id}, value from json_each(${JSON.stringify(artifacts)})
      `.execute(tx);
    });
  }

  async pruneReleases(app: string, keep: number): Promise<number> {
    const active = this.#db.selectFrom('environments').select('release').where('app', '=', app);
    const newest = this.#db
      .selectFrom('releases')
      .select('id')
      .where('app', '=', app)
      .orderBy('seq', 'desc')
      .limit(keep);
    const result = await this.#db
      .deleteFrom('releases')
      .where('app', '=', app)
      .where('id', 'not in', active)
      .where('id', 'not in', newest)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
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
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
    return rows.map(releaseOf);
  }

  async activate(app: string, environment: string, release: string, at: number): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const found = await tx
        .selectFrom('releases')
        .select('id')
        .where('app', '=', app)
        .where('id', '=', release)
        .executeTakeFirst();
      if (found === undefined) throw new MayflyError('NOT_FOUND', `App ${app} has no release ${release}.`);
      await tx
        .insertInto('environments')
        .values({ app, name: environment, release, activated_at: at })
        .onConflict((conflict) =>
          conflict.columns(['app', 'name']).doUpdateSet({ release, activated_at: at }),
        )
        .execute();
    });
  }

  async listEnvironments(app?: string): Promise<EnvironmentRecord[]> {
    let query = this.#db.selectFrom('environments').selectAll().orderBy('app').orderBy('name');
    if (app !== undefined) query = query.where('app', '=', app);
    return (await query.execute()).map(environmentOf);
  }

  async *listActive(): AsyncIterable<ActiveRelease> {
    const variables = Map.groupBy(
      await this.#db.selectFrom('variables').selectAll().execute(),
      (row) => `${row.app}/${row.environment}`,
    );
    const rows = this.#db
      .selectFrom('environments')
      .innerJoin('releases', (join) =>
        join.onRef('releases.app', '=', 'environments.app').onRef('releases.id', '=', 'environments.release'),
      )
      .select(['environments.app', 'name', 'release', 'activated_at', 'manifest'])
      .orderBy('environments.app')
      .orderBy('name')
      .stream();
    for await (const row of rows) {
      yield {
        environment: environmentOf(row),
        manifest: JSON.parse(row.manifest) as ReleaseManifest,
        variables: (variables.get(`${row.app}/${row.name}`) ?? []).map(variableOf),
      };
    }
  }

  async removeApp(app: string): Promise<boolean> {
    return await this.#db.transaction().execute(async (tx) => {
      const results = [
        await tx.deleteFrom('environments').where('app', '=', app).executeTakeFirst(),
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
      for (const variable of change.set) {
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
