import type { ArtifactStore, Collected } from '../../ports/artifacts.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';

const INTERVAL_MS = 3_600_000;

/** Removes the code that no release names any more, now and then; nobody waits for it. */
export class ArtifactCollector {
  readonly #store: ReleaseStore;
  readonly #artifacts: ArtifactStore;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(store: ReleaseStore, artifacts: ArtifactStore) {
    this.#store = store;
    this.#artifacts = artifacts;
  }

  /** `onFailure` is told what went wrong; the next collection comes all the same. */
  start(onFailure: (thrown: unknown) => void): void {
    this.#timer = setInterval(() => {
      this.#running = this.collect().catch(onFailure);
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  /** A deploy on its way is safe: the store keeps for a grace time what was uploaded or assembled. */
  async collect(): Promise<Collected> {
    return await this.#artifacts.collect(await this.#store.listArtifacts());
  }

  /** Waits for a collection under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
