import { type AppSnapshot, addressOf, type EnvironmentSnapshot } from '../../domain/snapshot.ts';
import type { SnapshotPublisher } from '../../ports/data-plane.ts';

/** Told after an environment's snapshot was swapped; `null` where there is none. */
export type SwapListener = (before: AppSnapshot | null, after: AppSnapshot | null) => void;

/** What is served now, by address name (`APP`, `APP--ENV`). Activation is one `Map.set`. */
export class LiveApps implements SnapshotPublisher {
  readonly #byAddress = new Map<string, AppSnapshot>();
  readonly #onSwap: SwapListener;

  constructor(onSwap: SwapListener) {
    this.#onSwap = onSwap;
  }

  find(address: string): AppSnapshot | undefined {
    return this.#byAddress.get(address);
  }

  get size(): number {
    return this.#byAddress.size;
  }

  all(): IterableIterator<AppSnapshot> {
    return this.#byAddress.values();
  }

  publish({ app, environment, stable }: EnvironmentSnapshot): void {
    if (stable === null) return;
    const address = addressOf(app, environment);
    const before = this.#byAddress.get(address) ?? null;
    this.#byAddress.set(address, stable);
    this.#onSwap(before, stable);
  }

  withdraw(app: string, environment: string): void {
    const address = addressOf(app, environment);
    const before = this.#byAddress.get(address);
    if (before === undefined) return;
    this.#byAddress.delete(address);
    this.#onSwap(before, null);
  }
}
