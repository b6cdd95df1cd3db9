import type { ArtifactStore, Collected } from '../../ports/artifacts.ts';
import type { ImageStore } from '../../ports/image-store.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Retention } from './retention.ts';

const INTERVAL_MS = 3_600_000;

interface CollectorDeps {
  readonly store: ReleaseStore;
  readonly artifacts: ArtifactStore;
  readonly imageStore: ImageStore;
  readonly retention: Retention;
  readonly checkpoint: Checkpoint;
  /** Artifacts that others than releases need. */
  readonly furtherArtifacts?: () => Promise<ReadonlySet<string>>;
}

/** Lets old releases go and removes the code that nothing names any more, now and then; nobody waits for it. */
export class ArtifactCollector {
  readonly #deps: CollectorDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
  }

  /** `onFailure` is told what went wrong; the next collection comes all the same. */
  start(onFailure: (thrown: unknown) => void): void {
    this.#timer = setInterval(() => {
      this.#running = this.collect().catch(onFailure);
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  /**
   * A deploy on its way is safe: the artifact store keeps for a grace time what was uploaded or assembled. So is a release that is
   * being activated: its code goes only when its record has gone, and then it cannot be activated any more.
   */
  async collect(): Promise<Collected> {
    const { store, artifacts, imageStore, retention, checkpoint, furtherArtifacts } = this.#deps;
    checkpoint('collection.begun');
    await retention.pruneAll();
    checkpoint('collection.pruned');
    const released = await store.listArtifacts();
    const named = released.union((await furtherArtifacts?.()) ?? new Set<string>());
    checkpoint('collection.listed');
    const collected = await artifacts.collect(named);
    await imageStore.collect(named);
    checkpoint('collection.done');
    return collected;
  }

  /** Waits for a collection under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
