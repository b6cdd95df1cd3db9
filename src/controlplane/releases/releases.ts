import type { DeployRequest, ReleaseList } from '../../contract/release-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { randomHex } from '../../kit/ids.ts';
import type { KeyedLock } from '../../kit/keyed-lock.ts';
import type { ArtifactStore } from '../../ports/artifacts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';
import type { LiveApps, LiveEnvironment } from './live-apps.ts';
import { type Abilities, releaseProblems } from './release-rules.ts';
import type { SnapshotBuilder } from './snapshot-builder.ts';

/** Releases kept of an app, besides those that are live; also the most that are listed. */
const RELEASES_KEPT = 100;
const PROBLEMS_NAMED_MAX = 20;
const RELEASE_ID_BYTES = 6;

interface ReleasesDeps {
  readonly store: ReleaseStore;
  readonly artifacts: ArtifactStore;
  readonly live: LiveApps;
  readonly builder: SnapshotBuilder;
  /** By app; shared with whatever else changes what an app serves. */
  readonly lock: KeyedLock;
  readonly clock: Clock;
  readonly abilities: Abilities;
}

/** Deploys, lists and removes releases. Changes of one app happen one after another. */
export class Releases {
  readonly #deps: ReleasesDeps;

  constructor(deps: ReleasesDeps) {
    this.#deps = deps;
  }

  /**
   * Records a release, points the environment at it and serves it. When it fails, what ran before runs on.
   *
   * Everything that can fail without the disk comes before the first write, and nothing that can fail comes between
   * the pointer on disk and the pointer in memory. A crash between the two writes leaves a release that nobody uses.
   * @throws MayflyError VALIDATION_FAILED, STORAGE_FULL
   */
  async deploy(app: string, request: DeployRequest, createdBy: string): Promise<LiveEnvironment> {
    const { artifacts, store, builder, live, lock, clock } = this.#deps;
    const { environment, manifest, message = '' } = request;
    this.#check({ app, environment, manifest, artifacts: request.artifacts });
    for (const files of request.artifacts) await artifacts.assemble(files);
    return await lock.run(app, async () => {
      const at = clock.wall();
      const id = `r-${randomHex(RELEASE_ID_BYTES)}`;
      const pointer = { app, name: environment, release: id, activatedAt: at };
      const variables = await store.listVariables(app, environment);
      const snapshot = builder.build({ environment: pointer, manifest, variables });
      await store.insertRelease({ id, app, createdAt: at, createdBy, message, manifest });
      await store.activate(app, environment, id, at);
      const deployed = { snapshot, activatedAt: at };
      live.publish(deployed);
      // It is live whatever becomes of the old ones; they go with the next deploy then.
      await store.pruneReleases(app, RELEASES_KEPT).catch(() => {});
      return deployed;
    });
  }

  /** The newest releases of an app. @throws MayflyError APP_NOT_FOUND */
  async list(app: string): Promise<ReleaseList> {
    const releases = await this.#deps.store.listReleases(app, RELEASES_KEPT);
    if (releases.length === 0) throw appNotFound(app);
    const active = this.#deps.live.environmentsOf(app).map(({ snapshot }) => snapshot);
    return {
      releases: releases.map(({ id, createdAt, createdBy, message, manifest }) => ({
        release: id,
        createdAt,
        createdBy,
        message,
        functions: manifest.functions.length,
        canaryIn: [],
        activeIn: active.filter(({ release }) => release === id).map(({ environment }) => environment),
      })),
    };
  }

  /** Removes an app with all that belongs to it. @throws MayflyError APP_NOT_FOUND */
  async remove(app: string): Promise<void> {
    await this.#deps.lock.run(app, async () => {
      if (!(await this.#deps.store.removeApp(app))) throw appNotFound(app);
      this.#deps.live.withdraw(app);
    });
  }

  #check(candidate: Parameters<typeof releaseProblems>[0]): void {
    const problems = releaseProblems(candidate, this.#deps.abilities);
    if (problems.length === 0) return;
    const named = problems.slice(0, PROBLEMS_NAMED_MAX);
    const rest = problems.length - named.length;
    const message = named.map(({ path, message: what }) => `${path} ${what}`).join('; ');
    throw new MayflyError('VALIDATION_FAILED', rest > 0 ? `${message}; and ${rest} more` : message, {
      details: { problems: named },
    });
  }
}

export function appNotFound(app: string): MayflyError {
  return new MayflyError('APP_NOT_FOUND', `There is no app "${app}".`);
}
