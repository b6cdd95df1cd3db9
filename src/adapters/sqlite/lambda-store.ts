import { type Kysely, type Selectable, sql } from 'kysely';
import { MayflyError } from '../../domain/errors.ts';
import type {
  LambdaAliasRecord,
  LambdaDocument,
  LambdaEventSourceRecord,
  LambdaFunctionRecord,
  LambdaFunctionState,
  LambdaLayerRecord,
  LambdaSettingRecord,
  LambdaStore,
  LambdaStoreUsage,
  LambdaVersionRecord,
} from '../../ports/lambda-store.ts';
import type { Database } from './database.ts';
import { aliasOf, eventSourceOf, layerOf, rowOfVersion, settingOf, versionOf } from './lambda-rows.ts';
import type { Schema } from './schema.ts';

/** What the Lambda API keeps, in the database that other stores share. */
export class SqliteLambdaStore implements LambdaStore {
  readonly #db: Database;

  constructor(database: Database) {
    this.#db = database;
  }

  async insertFunction({ name, app }: Pick<LambdaFunctionRecord, 'name' | 'app'>): Promise<void> {
    const inserted = await this.#db
      .insertInto('lambda_functions')
      .values({ name, app, state: 'creating', versions_published: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n)
      throw new MayflyError('CONFLICT', `The function "${name}" is there already.`);
  }

  async activateFunction(
    latest: LambdaVersionRecord,
    {
      published = null,
      settings = [],
    }: { published?: LambdaVersionRecord | null; settings?: readonly LambdaSettingRecord[] } = {},
  ): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await tx.insertInto('lambda_versions').values(rowOfVersion(latest)).execute();
      if (published !== null) await insertVersion(tx, published);
      for (const setting of settings) await saveSetting(tx, setting);
      await setState(tx, latest.function, 'active');
    });
  }

  async setFunctionState(name: string, state: LambdaFunctionState): Promise<void> {
    await setState(this.#db, name, state);
  }

  async setReserved(name: string, reserved: number | null): Promise<void> {
    await this.#db.updateTable('lambda_functions').set({ reserved }).where('name', '=', name).execute();
  }

  async getFunction(name: string): Promise<LambdaFunctionRecord | null> {
    const row = await this.#functions().where('name', '=', name).executeTakeFirst();
    return row === undefined ? null : functionOf(row);
  }

  async getFunctionOfApp(app: string): Promise<LambdaFunctionRecord | null> {
    const row = await this.#functions().where('app', '=', app).executeTakeFirst();
    return row === undefined ? null : functionOf(row);
  }

  async listFunctions(): Promise<LambdaFunctionRecord[]> {
    return (await this.#functions().orderBy('name').execute()).map(functionOf);
  }

  async removeFunction(name: string): Promise<void> {
    await this.#db.deleteFrom('lambda_functions').where('name', '=', name).execute();
  }

  async saveVersion(
    version: LambdaVersionRecord,
    published: LambdaVersionRecord | null = null,
  ): Promise<void> {
    const row = rowOfVersion(version);
    await this.#db.transaction().execute(async (tx) => {
      await tx
        .insertInto('lambda_versions')
        .values(row)
        .onConflict((conflict) => conflict.columns(['function', 'version']).doUpdateSet(row))
        .execute();
      if (published !== null) await insertVersion(tx, published);
    });
  }

  async insertVersion(version: LambdaVersionRecord): Promise<void> {
    await this.#db.transaction().execute((tx) => insertVersion(tx, version));
  }

  async getVersion(name: string, version: number): Promise<LambdaVersionRecord | null> {
    const row = await this.#versions(name).where('version', '=', version).executeTakeFirst();
    return row === undefined ? null : versionOf(row);
  }

  async listVersions(name: string): Promise<LambdaVersionRecord[]> {
    return (await this.#versions(name).orderBy('version').execute()).map(versionOf);
  }

  async listReleases(): Promise<Pick<LambdaVersionRecord, 'function' | 'version' | 'release'>[]> {
    return await this.#db.selectFrom('lambda_versions').select(['function', 'version', 'release']).execute();
  }

  async removeVersion(name: string, version: number): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const versions = tx.deleteFrom('lambda_versions').where('function', '=', name);
      await versions.where('version', '=', version).execute();
      await removeSettings(tx, name, String(version));
    });
  }

  async saveAlias({ routing, ...alias }: LambdaAliasRecord): Promise<void> {
    const row = { ...alias, routing: JSON.stringify(routing) };
    await this.#db
      .insertInto('lambda_aliases')
      .values(row)
      .onConflict((conflict) => conflict.columns(['function', 'name']).doUpdateSet(row))
      .execute();
  }

  async getAlias(name: string, alias: string): Promise<LambdaAliasRecord | null> {
    const row = await this.#aliases(name).where('name', '=', alias).executeTakeFirst();
    return row === undefined ? null : aliasOf(row);
  }

  async listAliases(name: string): Promise<LambdaAliasRecord[]> {
    return (await this.#aliases(name).orderBy('name').execute()).map(aliasOf);
  }

  async removeAlias(name: string, alias: string): Promise<boolean> {
    return await this.#db.transaction().execute(async (tx) => {
      const deleting = tx.deleteFrom('lambda_aliases').where('function', '=', name).where('name', '=', alias);
      await removeSettings(tx, name, alias);
      return (await deleting.executeTakeFirst()).numDeletedRows > 0n;
    });
  }

  async insertLayer({
    layer,
    createdAt,
    configuration,
    code,
  }: Omit<LambdaLayerRecord, 'version' | 'policy'>): Promise<number> {
    return await this.#db.transaction().execute(async (tx) => {
      const { newest } = await tx
        .selectFrom('lambda_layers')
        .select((each) => each.fn.max('version').as('newest'))
        .where('layer', '=', layer)
        .executeTakeFirstOrThrow();
      const version = Number(newest ?? 0) + 1;
      await tx
        .insertInto('lambda_layers')
        .values({
          layer,
          version,
          created_at: createdAt,
          configuration: JSON.stringify(configuration),
          code: JSON.stringify(code),
          artifact: code.artifact,
          package: code.package,
          deleted: 0,
        })
        .execute();
      return version;
    });
  }

  async setLayerPolicy(layer: string, version: number, policy: LambdaDocument | null): Promise<void> {
    await this.#db
      .updateTable('lambda_layers')
      .set({ policy: policy === null ? null : JSON.stringify(policy) })
      .where('layer', '=', layer)
      .where('version', '=', version)
      .execute();
  }

  async getLayer(layer: string, version: number): Promise<LambdaLayerRecord | null> {
    const found = this.#layers().where('layer', '=', layer).where('version', '=', version);
    const row = await found.executeTakeFirst();
    return row === undefined ? null : layerOf(row);
  }

  async listLayers(layer?: string): Promise<LambdaLayerRecord[]> {
    let rows = this.#layers().orderBy('layer').orderBy('version', 'desc');
    if (layer !== undefined) rows = rows.where('layer', '=', layer);
    return (await rows.execute()).map(layerOf);
  }

  /** Its row stays, so that its number is not given again. */
  async removeLayer(layer: string, version: number): Promise<void> {
    await this.#db
      .updateTable('lambda_layers')
      .set({ deleted: 1 })
      .where('layer', '=', layer)
      .where('version', '=', version)
      .execute();
  }

  async saveSetting(setting: LambdaSettingRecord): Promise<void> {
    await saveSetting(this.#db, setting);
  }

  async getSetting(name: string, qualifier: string, kind: string): Promise<LambdaSettingRecord | null> {
    const settings = this.#settings(kind).where('function', '=', name).where('qualifier', '=', qualifier);
    const row = await settings.executeTakeFirst();
    return row === undefined ? null : settingOf(row);
  }

  async findSetting(kind: string, key: string): Promise<LambdaSettingRecord | null> {
    const row = await this.#settings(kind).where('key', '=', key).executeTakeFirst();
    return row === undefined ? null : settingOf(row);
  }

  async listSettings(kind: string, name?: string): Promise<LambdaSettingRecord[]> {
    let rows = this.#settings(kind).orderBy('function').orderBy('qualifier');
    if (name !== undefined) rows = rows.where('function', '=', name);
    return (await rows.execute()).map(settingOf);
  }

  async removeSetting(name: string, qualifier: string, kind: string): Promise<boolean> {
    const deleting = this.#db
      .deleteFrom('lambda_settings')
      .where('function', '=', name)
      .where('qualifier', '=', qualifier)
      .where('kind', '=', kind);
    return (await deleting.executeTakeFirst()).numDeletedRows > 0n;
  }

  async saveEventSource({ value, modifiedAt, ...source }: LambdaEventSourceRecord): Promise<void> {
    const row = { ...source, value: JSON.stringify(value), modified_at: modifiedAt };
    await this.#db
      .insertInto('lambda_event_sources')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }

  async getEventSource(id: string): Promise<LambdaEventSourceRecord | null> {
    const found = this.#db.selectFrom('lambda_event_sources').selectAll().where('id', '=', id);
    const row = await found.executeTakeFirst();
    return row === undefined ? null : eventSourceOf(row);
  }

  async listEventSources(name?: string): Promise<LambdaEventSourceRecord[]> {
    let rows = this.#db.selectFrom('lambda_event_sources').selectAll().orderBy('id');
    if (name !== undefined) rows = rows.where('function', '=', name);
    return (await rows.execute()).map(eventSourceOf);
  }

  async removeEventSource(id: string): Promise<boolean> {
    const deleting = this.#db.deleteFrom('lambda_event_sources').where('id', '=', id);
    return (await deleting.executeTakeFirst()).numDeletedRows > 0n;
  }

  async usage(): Promise<LambdaStoreUsage> {
    const bytes = sql<number>`coalesce(sum(json_extract(code, '$.bytes')), 0)`.as('bytes');
    const counted = sql<number>`count(*)`.as('functions');
    const functions = this.#db.selectFrom('lambda_functions').select(counted).where('state', '=', 'active');
    const versions = this.#db.selectFrom('lambda_versions').select(bytes);
    const layers = this.#db.selectFrom('lambda_layers').select(bytes).where('deleted', '=', 0);
    const codeBytes =
      (await versions.executeTakeFirstOrThrow()).bytes + (await layers.executeTakeFirstOrThrow()).bytes;
    return { functions: (await functions.executeTakeFirstOrThrow()).functions, codeBytes };
  }

  async listArtifacts(): Promise<Set<string>> {
    const versions = await this.#db.selectFrom('lambda_versions').select(['package', 'code']).execute();
    const layers = await this.#layers().execute();
    return new Set([
      ...versions.flatMap((row) => [row.package, (JSON.parse(row.code) as { artifact: string }).artifact]),
      ...layers.flatMap((row) => [row.package, row.artifact]),
    ]);
  }

  #functions() {
    return this.#db.selectFrom('lambda_functions').selectAll();
  }

  #versions(name: string) {
    return this.#db.selectFrom('lambda_versions').selectAll().where('function', '=', name);
  }

  #aliases(name: string) {
    return this.#db.selectFrom('lambda_aliases').selectAll().where('function', '=', name);
  }

  #layers() {
    return this.#db.selectFrom('lambda_layers').selectAll().where('deleted', '=', 0);
  }

  #settings(kind: string) {
    return this.#db.selectFrom('lambda_settings').selectAll().where('kind', '=', kind);
  }
}

async function setState(db: Kysely<Schema>, name: string, state: LambdaFunctionState): Promise<void> {
  await db.updateTable('lambda_functions').set({ state }).where('name', '=', name).execute();
}

async function insertVersion(db: Kysely<Schema>, version: LambdaVersionRecord): Promise<void> {
  await db.insertInto('lambda_versions').values(rowOfVersion(version)).execute();
  const published = db.updateTable('lambda_functions').set({ versions_published: version.version });
  await published.where('name', '=', version.function).execute();
}

async function saveSetting(
  db: Kysely<Schema>,
  { value, modifiedAt, key = null, ...setting }: Omit<LambdaSettingRecord, 'key'> & { key?: string | null },
): Promise<void> {
  const row = { ...setting, key, value: JSON.stringify(value), modified_at: modifiedAt };
  await db
    .insertInto('lambda_settings')
    .values(row)
    .onConflict((conflict) => conflict.columns(['function', 'qualifier', 'kind']).doUpdateSet(row))
    .execute();
}

async function removeSettings(db: Kysely<Schema>, name: string, qualifier: string): Promise<void> {
  const settings = db.deleteFrom('lambda_settings').where('function', '=', name);
  await settings.where('qualifier', '=', qualifier).execute();
}

function functionOf({
  versions_published,
  ...fn
}: Selectable<Schema['lambda_functions']>): LambdaFunctionRecord {
  return { ...fn, versionsPublished: versions_published };
}
