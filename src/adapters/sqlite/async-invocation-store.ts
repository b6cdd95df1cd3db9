import { type Selectable, sql, type Transaction } from 'kysely';
import type { ErrorCode } from '../../domain/errors.ts';
import type {
  AsyncCall,
  AsyncCounts,
  AsyncInvocationStore,
  DeadCall,
  LeasedCall,
  Settlement,
} from '../../ports/async-invocation-store.ts';
import type { Database } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import type { Schema } from './schema.ts';

/** Dead calls kept of one environment; the oldest go, and stay counted. */
const DEAD_KEPT_MAX = 1_000;
const FAILURE_CHARS_MAX = 2_000;

/** Asynchronous calls in SQLite, in the database that the release store also uses (and closes). */
export class SqliteAsyncInvocationStore implements AsyncInvocationStore {
  readonly #db: Database;
  readonly #commits: GroupCommit;

  constructor(database: Database) {
    this.#db = database;
    this.#commits = new GroupCommit(database);
  }

  async enqueue(call: AsyncCall): Promise<void> {
    await this.#commits.write((tx) => insert(tx, call));
  }

  async lease(request: Parameters<AsyncInvocationStore['lease']>[0]): Promise<LeasedCall[]> {
    const { now, until, limit, except } = request;
    return await this.#commits.write(async (tx) => {
      let due = tx
        .selectFrom('async_calls')
        .select('id')
        .where('state', '<>', 'dead')
        .where('due_at', '<=', now);
      if (except.length > 0) due = due.where('target', 'not in', except);
      const rows = await tx
        .updateTable('async_calls')
        .set((row) => ({
          state: 'leased' as const,
          epoch: row('epoch', '+', 1),
          attempts: row('attempts', '+', 1),
          due_at: until,
        }))
        .where('id', 'in', due.orderBy('due_at').orderBy('id').limit(limit))
        .returningAll()
        .execute();
      return rows.map(leasedOf);
    });
  }

  async renew(id: string, epoch: number, until: number): Promise<boolean> {
    return await this.#commits.write(async (tx) => {
      const result = await tx
        .updateTable('async_calls')
        .set({ due_at: until })
        .where('id', '=', id)
        .where('epoch', '=', epoch)
        .where('state', '=', 'leased')
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    });
  }

  async settle(id: string, epoch: number, settlement: Settlement, followUp?: AsyncCall): Promise<boolean> {
    return await this.#commits.write(async (tx) => {
      const settled =
        settlement.kind === 'done' ? await remove(tx, id, epoch) : await keep(tx, id, epoch, settlement);
      if (settled && settlement.kind !== 'retry') await count(tx, settlement.kind);
      if (settled && followUp !== undefined) await insert(tx, followUp);
      return settled;
    });
  }

  async nextDueAt(except: readonly string[]): Promise<number | null> {
    let query = this.#db.selectFrom('async_calls').select('due_at').where('state', '<>', 'dead');
    if (except.length > 0) query = query.where('target', 'not in', except);
    return (await query.orderBy('due_at').limit(1).executeTakeFirst())?.due_at ?? null;
  }

  async counts(): Promise<AsyncCounts> {
    const counted = sql<number>`(select count(*) from async_calls where state <> 'dead')`.as('inFlight');
    const { enqueued, inFlight, done, dead } = await this.#db
      .selectFrom('async_counts')
      .select(['enqueued', 'done', 'dead', counted])
      .executeTakeFirstOrThrow();
    return { enqueued, inFlight, done, dead };
  }

  async listDead(app: string, environment: string, limit: number): Promise<DeadCall[]> {
    const rows = await this.#db
      .selectFrom('async_calls')
      .select(['id', 'function', 'attempts', 'enqueued_at', 'due_at', 'failure_code', 'failure_message'])
      .where('state', '=', 'dead')
      .where('app', '=', app)
      .where('environment', '=', environment)
      .orderBy('due_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      function: row.function,
      attempts: row.attempts,
      enqueuedAt: row.enqueued_at,
      diedAt: row.due_at,
      failure: { code: row.failure_code as ErrorCode, message: row.failure_message ?? '' },
    }));
  }
}

async function insert(tx: Transaction<Schema>, call: AsyncCall): Promise<void> {
  await tx
    .insertInto('async_calls')
    .values({
      id: call.id,
      app: call.app,
      environment: call.environment,
      function: call.function,
      release: call.release,
      event: JSON.stringify(call.event),
      body: call.body,
      traceparent: call.traceparent,
      state: 'waiting',
      epoch: 0,
      attempts: 0,
      due_at: call.enqueuedAt,
      enqueued_at: call.enqueuedAt,
      failure_code: null,
      failure_message: null,
    })
    .execute();
  await count(tx, 'enqueued');
}

async function remove(tx: Transaction<Schema>, id: string, epoch: number): Promise<boolean> {
  const result = await tx
    .deleteFrom('async_calls')
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('state', '=', 'leased')
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

async function keep(
  tx: Transaction<Schema>,
  id: string,
  epoch: number,
  settlement: Exclude<Settlement, { kind: 'done' }>,
): Promise<boolean> {
  const failure = {
    failure_code: settlement.failure.code,
    failure_message: settlement.failure.message.slice(0, FAILURE_CHARS_MAX),
  };
  const state =
    settlement.kind === 'retry'
      ? { state: 'waiting' as const, due_at: settlement.dueAt, attempts: settlement.attempts }
      : { state: 'dead' as const, due_at: settlement.at };
  const row = await tx
    .updateTable('async_calls')
    .set({ ...state, ...failure })
    .where('id', '=', id)
    .where('epoch', '=', epoch)
    .where('state', '=', 'leased')
    .returning(['app', 'environment'])
    .executeTakeFirst();
  if (row !== undefined && settlement.kind === 'dead') await pruneDead(tx, row.app, row.environment);
  return row !== undefined;
}

async function pruneDead(tx: Transaction<Schema>, app: string, environment: string): Promise<void> {
  const beyond = tx
    .selectFrom('async_calls')
    .select('id')
    .where('state', '=', 'dead')
    .where('app', '=', app)
    .where('environment', '=', environment)
    .orderBy('due_at', 'desc')
    .limit(-1)
    .offset(DEAD_KEPT_MAX);
  await tx.deleteFrom('async_calls').where('id', 'in', beyond).execute();
}

async function count(tx: Transaction<Schema>, what: keyof Schema['async_counts']): Promise<void> {
  await sql`update async_counts set ${sql.ref(what)} = ${sql.ref(what)} + 1`.execute(tx);
}

function leasedOf(row: Selectable<Schema['async_calls']>): LeasedCall {
  const { id, app, environment, release, traceparent, epoch, attempts } = row;
  return {
    id,
    app,
    environment,
    function: row.function,
    release,
    event: JSON.parse(row.event) as Record<string, unknown>,
    body: Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength),
    traceparent,
    enqueuedAt: row.enqueued_at,
    epoch,
    attempts,
  };
}
