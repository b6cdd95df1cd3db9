import type { ReleaseDescription, ReleaseDiff, ReleaseList } from '../../contract/release-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { KeyedLock } from '../../kit/keyed-lock.ts';
import type { ArtifactSize, ArtifactStore } from '../../ports/artifacts.ts';
import type { ReleaseHealth } from '../../ports/release-health.ts';
import type { ReleaseRecord, ReleaseStore } from '../../ports/release-store.ts';
import { releaseNotFound } from './activations.ts';
import type { LiveApps } from './live-apps.ts';
import { type ComparedRelease, diffReleases } from './release-diff.ts';

/** Releases listed of an app. */
const LISTED_MAX = 100;

interface ReleasesDeps {
  readonly store: ReleaseStore;
  readonly artifacts: ArtifactStore;
  readonly live: LiveApps;
  readonly health: ReleaseHealth;
  /** By app; shared with whatever else changes what an app serves. */
  readonly lock: KeyedLock;
}

type Summary = ReleaseList['releases'][number];

/** Lists, describes, compares and removes releases. */
export class Releases {
  readonly #deps: ReleasesDeps;

  constructor(deps: ReleasesDeps) {
    this.#deps = deps;
  }

  /** The releases of an app that were deployed last. @throws MayflyError APP_NOT_FOUND */
  async list(app: string): Promise<ReleaseList> {
    const releases = await this.#deps.store.listReleases(app, LISTED_MAX);
    if (releases.length === 0) throw appNotFound(app);
    return { releases: releases.map((release) => this.#summaryOf(release)) };
  }

  /** @throws MayflyError RELEASE_NOT_FOUND */
  async describe(app: string, id: string): Promise<ReleaseDescription> {
    const release = await this.#find(app, id);
    const sizes = await this.#sizesOf(release);
    const artifacts = [...sizes].map(([artifact, { files, bytes }]) => ({ artifact, files, bytes }));
    return { ...this.#summaryOf(release), app, manifest: release.manifest, artifacts };
  }

  /** What a release is, compared with another. @throws MayflyError RELEASE_NOT_FOUND */
  async diff(app: string, id: string, against: string): Promise<ReleaseDiff> {
    const compared = async (release: string): Promise<ComparedRelease> => {
      const found = await this.#find(app, release);
      const sizes = await this.#sizesOf(found);
      const bytesOf = (artifact: string): number | null => sizes.get(artifact)?.bytes ?? null;
      return { release, manifest: found.manifest, bytesOf };
    };
    return diffReleases(await compared(against), await compared(id));
  }

  /** Removes an app with all that belongs to it. @throws MayflyError APP_NOT_FOUND */
  async remove(app: string): Promise<void> {
    const { store, live, health, lock } = this.#deps;
    await lock.run(app, async () => {
      if (!(await store.removeApp(app))) throw appNotFound(app);
      for (const { record } of live.environmentsOf(app)) health.unwatch(app, record.name);
      live.withdraw(app);
    });
  }

  async #find(app: string, id: string): Promise<ReleaseRecord> {
    const release = await this.#deps.store.getRelease(app, id);
    if (release === null) throw releaseNotFound(app, id);
    return release;
  }

  /** Files and bytes of each artifact of a release. */
  async #sizesOf({ manifest }: ReleaseRecord): Promise<ReadonlyMap<string, ArtifactSize>> {
    const sizes = new Map<string, ArtifactSize>();
    for (const { artifact } of manifest.functions) {
      if (sizes.has(artifact)) continue;
      const size = await this.#deps.artifacts.sizeOf(artifact);
      if (size !== null) sizes.set(artifact, size);
    }
    return sizes;
  }

  #summaryOf({ id, app, createdAt, createdBy, message, manifest }: ReleaseRecord): Summary {
    const environments = this.#deps.live.environmentsOf(app).map(({ record }) => record);
    const named = (environment: (typeof environments)[number]): string => environment.name;
    return {
      release: id,
      createdAt,
      createdBy,
      message,
      functions: manifest.functions.length,
      activeIn: environments.filter(({ traffic }) => traffic.stable === id).map(named),
      canaryIn: environments.filter(({ traffic }) => traffic.canary?.release === id).map(named),
    };
  }
}

export function appNotFound(app: string): MayflyError {
  return new MayflyError('APP_NOT_FOUND', `There is no app "${app}".`);
}
