import type { ReleaseManifest } from '../../contract/manifest.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';
import type { LiveApps } from './live-apps.ts';
import { lostResources } from './resource-changes.ts';

interface ResourceQuestion {
  readonly app: string;
  readonly environment: string;
  readonly manifest: ReleaseManifest;
  readonly allowDestroy: boolean;
}

/** Keeps a release from taking away what holds state, unless that is asked for. */
export class ResourceGuard {
  readonly #store: ReleaseStore;
  readonly #live: LiveApps;

  constructor(store: ReleaseStore, live: LiveApps) {
    this.#store = store;
    this.#live = live;
  }

  /** @throws MayflyError RESOURCES_LOST naming what would be lost */
  async check({ app, environment, manifest, allowDestroy }: ResourceQuestion): Promise<void> {
    const stable = this.#live.find(app, environment)?.stable?.release;
    if (allowDestroy || stable === undefined) return;
    const before = await this.#store.getRelease(app, stable);
    const lost = before === null ? [] : lostResources(before.manifest, manifest);
    if (lost.length === 0) return;
    throw new MayflyError('RESOURCES_LOST', `The release would lose ${lost.join(', ')}.`, {
      details: { lost },
    });
  }
}
