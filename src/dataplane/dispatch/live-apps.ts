import { addressOf, type EnvironmentSnapshot } from '../../domain/snapshot.ts';
import type { SnapshotPublisher } from '../../ports/data-plane.ts';
import { type EnvironmentHost, LiveEnvironment, type VersionChange } from './live-environment.ts';

/** What is served now, by address name (`APP`, `APP--ENV`). Activation swaps the pointers of one `LiveEnvironment`. */
export class LiveApps implements SnapshotPublisher, EnvironmentHost {
  readonly #byAddress = new Map<string, LiveEnvironment>();
  readonly versions: (change: VersionChange) => void;

  /** `onVersions`: told after every change which function versions are served, used up, or gone. */
  constructor(onVersions: (change: VersionChange) => void) {
    this.versions = onVersions;
  }

  /** Found as long as it serves or retains anything, be it without a stable release. */
  find(address: string): LiveEnvironment | undefined {
    return this.#byAddress.get(address);
  }

  publish(snapshot: EnvironmentSnapshot): void {
    const address = addressOf(snapshot.app, snapshot.environment);
    let environment = this.#byAddress.get(address);
    if (environment === undefined) {
      environment = new LiveEnvironment(address, this);
      this.#byAddress.set(address, environment);
    }
    environment.serve(snapshot);
  }

  withdraw(app: string, environment: string): void {
    const live = this.#byAddress.get(addressOf(app, environment));
    live?.serve({ app, environment, stable: null, canary: null, candidates: [] });
  }

  vacant(environment: LiveEnvironment): void {
    this.#byAddress.delete(environment.address);
  }
}
