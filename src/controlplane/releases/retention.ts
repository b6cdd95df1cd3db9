import type { Clock } from '../../ports/clock.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';

/** How long releases are kept that nothing refers to. */
export interface RetentionSettings {
  /** Of an app: the last deployed ones. */
  readonly releasesKept: number;
  /** ms since they were last deployed. */
  readonly releaseAgeMsMax: number;
}

/** Rollbacks that every environment is sure of, whatever the settings say. */
const PAST_KEPT = 10;

/** Lets old releases go. */
export class Retention {
  readonly #store: ReleaseStore;
  readonly #clock: Clock;
  readonly #settings: RetentionSettings;

  constructor(store: ReleaseStore, clock: Clock, settings: RetentionSettings) {
    this.#store = store;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** After a deploy, which succeeded whatever becomes of the old ones: they go the next time then. */
  async prune(app: string): Promise<void> {
    await this.#prune(app).catch(() => {});
  }

  /** Of every app; answers how many releases went. */
  async pruneAll(): Promise<number> {
    let gone = 0;
    for (const app of await this.#store.listApps()) {
      gone += await this.#prune(app);
      // 10,000 apps in one go would hold up the event loop for half a second.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return gone;
  }

  async #prune(app: string): Promise<number> {
    const { releasesKept, releaseAgeMsMax } = this.#settings;
    const before = this.#clock.wall() - releaseAgeMsMax;
    return await this.#store.pruneReleases({ app, keep: releasesKept, before, pastKept: PAST_KEPT });
  }
}
