import type { AsyncCall, AsyncCounts, DeadCall } from './async-invocation-store.ts';

/** Takes calls that nobody waits for, and makes them sooner or later. */
export interface AsyncInvoker {
  /** The call is on disk when this resolves. @throws MayflyError QUEUE_FULL, STORAGE_FULL, SHUTTING_DOWN */
  enqueue(call: AsyncCall): Promise<void>;
  /** Calls that were given up, newest first. */
  dead(app: string, environment: string): Promise<DeadCall[]>;
  counts(): AsyncCounts;
}
