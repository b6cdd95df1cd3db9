import type { AppSnapshot } from '../../domain/snapshot.ts';
import type { ReleaseSource } from '../../ports/release-source.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';
import type { SnapshotBuilder } from './snapshot-builder.ts';

/** Releases as an environment would serve them now, out of the store. */
export class StoredReleases implements ReleaseSource {
  readonly #store: ReleaseStore;
  readonly #builder: SnapshotBuilder;

  constructor(store: ReleaseStore, builder: SnapshotBuilder) {
    this.#store = store;
    this.#builder = builder;
  }

  async find(app: string, environment: string, release: string): Promise<AppSnapshot | null> {
    const kept = await this.#store.getRelease(app, release);
    if (kept === null) return null;
    const variables = await this.#store.listVariables(app, environment);
    return this.#builder.build({ app, environment, release, manifest: kept.manifest, variables });
  }
}
