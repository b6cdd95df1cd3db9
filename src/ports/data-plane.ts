import type { AppSnapshot } from '../domain/snapshot.ts';

/** How the control plane tells the data plane what to serve. Both methods take effect at once and never throw. */
export interface SnapshotPublisher {
  /**
   * Serves this snapshot instead of the environment's last one: a pointer swap, so that a call sees all of the old or
   * all of the new. A call that entered by the old one stays in it.
   */
  publish(snapshot: AppSnapshot): void;
  /** Serves the environment no longer. Unknown: nothing happens. */
  withdraw(app: string, environment: string): void;
}
