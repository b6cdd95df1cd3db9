import type { AppSnapshot } from '../../domain/snapshot.ts';
import type { SnapshotPublisher } from '../../ports/data-plane.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';
import type { SnapshotBuilder } from './snapshot-builder.ts';

/** An environment as it is served now. */
export interface LiveEnvironment {
  readonly snapshot: AppSnapshot;
  /** ms since the epoch. */
  readonly activatedAt: number;
}

/**
 * What is live, in memory: the same snapshots that the data plane holds, so that looking costs no database and no
 * second copy.
 */
export class LiveApps {
  readonly #publisher: SnapshotPublisher;
  readonly #apps = new Map<string, Map<string, LiveEnvironment>>();

  constructor(publisher: SnapshotPublisher) {
    this.#publisher = publisher;
  }

  /** Publishes everything that the store says is active; called once, at start. */
  async load(store: ReleaseStore, builder: SnapshotBuilder): Promise<void> {
    for await (const active of store.listActive()) {
      this.publish({ snapshot: builder.build(active), activatedAt: active.environment.activatedAt });
    }
  }

  publish(live: LiveEnvironment): void {
    const { app, environment } = live.snapshot;
    const environments = this.#apps.get(app) ?? new Map<string, LiveEnvironment>();
    this.#apps.set(app, environments.set(environment, live));
    this.#publisher.publish({ app, environment, stable: live.snapshot, canary: null, candidates: [] });
  }

  withdraw(app: string): void {
    for (const environment of this.#apps.get(app)?.keys() ?? []) this.#publisher.withdraw(app, environment);
    this.#apps.delete(app);
  }

  find(app: string, environment: string): LiveEnvironment | null {
    return this.#apps.get(app)?.get(environment) ?? null;
  }

  /** The environments of an app, by name; empty: there is no such app. */
  environmentsOf(app: string): LiveEnvironment[] {
    return byName([...(this.#apps.get(app)?.values() ?? [])]);
  }

  /** Everything live, by app and environment. */
  list(): LiveEnvironment[] {
    return [...this.#apps.keys()].sort().flatMap((app) => this.environmentsOf(app));
  }

  /** How many apps and functions are live. */
  count(): { readonly apps: number; readonly functions: number } {
    let functions = 0;
    for (const environments of this.#apps.values()) {
      for (const { snapshot } of environments.values()) functions += snapshot.functions.size;
    }
    return { apps: this.#apps.size, functions };
  }
}

function byName(environments: LiveEnvironment[]): LiveEnvironment[] {
  return environments.sort((a, b) => (a.snapshot.environment < b.snapshot.environment ? -1 : 1));
}
