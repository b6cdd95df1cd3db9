import type { Selectable } from 'kysely';
import {
  DELIVERIES_KEPT_MAX,
  type HookDeliveryRecord,
  type HookRecord,
  type NotifyTargetRecord,
  type WebhookStore,
} from '../../ports/webhook-store.ts';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** Hooks and whom the node notifies, in the database that other stores share. */
export class SqliteWebhookStore implements WebhookStore {
  readonly #db: Database;

  constructor(database: Database) {
    this.#db = database;
  }

  async insertTarget({ createdAt, ...target }: NotifyTargetRecord): Promise<void> {
    await this.#db
      .insertInto('notify_targets')
      .values({ ...target, created_at: createdAt })
      .execute();
  }

  async listTargets(app: string): Promise<NotifyTargetRecord[]> {
    const rows = await this.#db
      .selectFrom('notify_targets')
      .selectAll()
      .where('app', '=', app)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(({ created_at: createdAt, ...target }) => ({ ...target, createdAt }));
  }

  async deleteTarget(app: string, id: string): Promise<boolean> {
    const deleting = this.#db.deleteFrom('notify_targets').where('app', '=', app).where('id', '=', id);
    return (await deleting.executeTakeFirst()).numDeletedRows > 0n;
  }

  async insertHook({ createdAt, ...hook }: HookRecord): Promise<void> {
    await this.#db
      .insertInto('hooks')
      .values({ ...hook, created_at: createdAt })
      .execute();
  }

  async findHook(app: string, id: string): Promise<HookRecord | null> {
    const row = await this.#db
      .selectFrom('hooks')
      .selectAll()
      .where('app', '=', app)
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : hookOf(row);
  }

  async listHooks(app: string): Promise<HookRecord[]> {
    const rows = await this.#db
      .selectFrom('hooks')
      .selectAll()
      .where('app', '=', app)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(hookOf);
  }

  async deleteHook(app: string, id: string): Promise<boolean> {
    const deleting = this.#db.deleteFrom('hooks').where('app', '=', app).where('id', '=', id);
    return (await deleting.executeTakeFirst()).numDeletedRows > 0n;
  }

  async insertDelivery(delivery: HookDeliveryRecord): Promise<boolean> {
    return await this.#db.transaction().execute(async (tx) => {
      const inserted = await tx
        .insertInto('hook_deliveries')
        .values(delivery)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 0n) return false;
      const ofHook = tx
        .selectFrom('hook_deliveries')
        .select('id')
        .where('app', '=', delivery.app)
        .where('hook', '=', delivery.hook);
      const kept = ofHook.orderBy('at', 'desc').orderBy('id', 'desc').limit(DELIVERIES_KEPT_MAX);
      await tx
        .deleteFrom('hook_deliveries')
        .where('app', '=', delivery.app)
        .where('hook', '=', delivery.hook)
        .where('id', 'not in', kept)
        .execute();
      return true;
    });
  }

  async settleDelivery({ app, hook, id, state, message, branch }: HookDeliveryRecord): Promise<void> {
    await this.#db
      .updateTable('hook_deliveries')
      .set({ state, message, branch })
      .where('app', '=', app)
      .where('hook', '=', hook)
      .where('id', '=', id)
      .execute();
  }

  async failRunning(message: string): Promise<void> {
    await this.#db
      .updateTable('hook_deliveries')
      .set({ state: 'failed', message })
      .where('state', '=', 'running')
      .execute();
  }

  async listDeliveries(app: string, hook: string, limit: number): Promise<HookDeliveryRecord[]> {
    const rows = await this.#db
      .selectFrom('hook_deliveries')
      .selectAll()
      .where('app', '=', app)
      .where('hook', '=', hook)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row }));
  }

  async removeApp(app: string): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await tx.deleteFrom('notify_targets').where('app', '=', app).execute();
      await tx.deleteFrom('hooks').where('app', '=', app).execute();
    });
  }
}

function hookOf({ created_at: createdAt, ...hook }: Selectable<Schema['hooks']>): HookRecord {
  return { ...hook, createdAt };
}
