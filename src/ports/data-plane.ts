import type { EnvironmentSnapshot } from '../domain/snapshot.ts';

/** How the control plane tells the data plane what to serve. Both methods take effect at once and never throw. */
export interface SnapshotPublisher {
  /**
   * Serves this instead of the environment's last snapshot: a pointer swap, so that a call sees all of the old or all of
   * the new. A call that entered by a release stays in it, and so does what it causes: a release that is not named any
   * more is still reached by its pin while a call of it is under way.
   */
  publish(snapshot: EnvironmentSnapshot): void;
  /** Serves the environment no longer. Unknown: nothing happens. */
  withdraw(app: string, environment: string): void;
}
