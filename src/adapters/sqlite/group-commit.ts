import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

type Operation<T> = (transaction: Transaction<Schema>) => Promise<T>;

interface Waiting {
  readonly operation: Operation<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Operations in one transaction: more would hold up the event loop for longer than a disk write does anyway. */
const OPERATIONS_MAX = 256;

/**
 * Writes that come while another is being written share the next transaction, and so one wait for the disk.
 * A write is answered only when its transaction is on disk; when that fails, all in it fail.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #waiting: Waiting[] = [];
  #running = false;

  constructor(database: Database) {
    this.#db = database;
  }

  async write<T>(operation: Operation<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ operation, resolve, reject });
    if (!this.#running) void this.#run();
    return (await promise) as T;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // A turn of the event loop, so that everything that has arrived by now comes along.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#commit(this.#waiting.splice(0, OPERATIONS_MAX));
    }
    this.#running = false;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#db.transaction().execute(async (transaction) => {
        const all: unknown[] = [];
        for (const { operation } of group) all.push(await operation(transaction));
        return all;
      });
      for (const [index, { resolve }] of group.entries()) resolve(results[index]);
    } catch (reason) {
      for (const { reject } of group) reject(reason);
    }
  }
}
