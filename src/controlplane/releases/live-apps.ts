import type { AppSnapshot } from '../../domain/snapshot.ts';
import type { SnapshotPublisher } from '../../ports/data-plane.ts';
import type { ReleaseStore } from '../../ports/release-store.ts';
import { environmentSnapshotOf, type LiveEnvironment } from './live-environment.ts';
import type { SnapshotBuilder } from './snapshot-builder.ts';

interface LiveCounts {
  readonly apps: number;
  readonly functions: number;
  readonly previews: number;
  /** Environments that have one. */
  readonly canaries: number;
}

/**
 * What is live, in memory: the same snapshots that the data plane holds, so that looking costs no database and no
 * second copy. It follows the disk: nothing is published that was not saved before, but candidates, which nobody
 * reaches without their pin.
 */
export class LiveApps {
  readonly #publisher: SnapshotPublisher;
  readonly #apps = new Map<string, Map<string, LiveEnvironment>>();
  /** Environments in which a release is on trial, by `APP/ENVIRONMENT`. */
  readonly #onTrial = new Map<string, LiveEnvironment>();
  /** Releases being checked, by `APP/ENVIRONMENT`. */
  readonly #candidates = new Map<string, readonly AppSnapshot[]>();

  constructor(publisher: SnapshotPublisher) {
    this.#publisher = publisher;
  }

  /** Publishes everything that the store says is active; called once, at start. */
  async load(store: ReleaseStore, builder: SnapshotBuilder): Promise<void> {
    for await (const active of store.listActive()) this.publish(builder.buildEnvironment(active));
  }

  /** `candidate`: it is a candidate no longer. */
  publish(live: LiveEnvironment, candidate?: AppSnapshot): void {
    const { app, name } = live.record;
    if (candidate !== undefined) this.#keepCandidates(app, name, this.#without(candidate));
    const environments = this.#apps.get(app) ?? new Map<string, LiveEnvironment>();
    this.#apps.set(app, environments.set(name, live));
    if (live.record.traffic.canary === null) this.#onTrial.delete(`${app}/${name}`);
    else this.#onTrial.set(`${app}/${name}`, live);
    this.#publisher.publish(environmentSnapshotOf(live, this.#candidatesOf(app, name)));
  }

  /** Lets whoever has its pin reach the release, until it is dropped. */
  addCandidate(snapshot: AppSnapshot): void {
    const { app, environment } = snapshot;
    this.#setCandidates(app, environment, [...this.#candidatesOf(app, environment), snapshot]);
  }

  dropCandidate(snapshot: AppSnapshot): void {
    const { app, environment } = snapshot;
    const left = this.#without(snapshot);
    if (left.length < this.#candidatesOf(app, environment).length)
      this.#setCandidates(app, environment, left);
  }

  withdraw(app: string): void {
    for (const name of [...(this.#apps.get(app)?.keys() ?? [])]) this.withdrawEnvironment(app, name);
  }

  withdrawEnvironment(app: string, name: string): void {
    const environments = this.#apps.get(app);
    environments?.delete(name);
    if (environments?.size === 0) this.#apps.delete(app);
    this.#onTrial.delete(`${app}/${name}`);
    this.#publisher.withdraw(app, name);
  }

  find(app: string, name: string): LiveEnvironment | null {
    return this.#apps.get(app)?.get(name) ?? null;
  }

  /** The environments of an app, by name; empty: there is no such app. */
  environmentsOf(app: string): LiveEnvironment[] {
    return byName([...(this.#apps.get(app)?.values() ?? [])]);
  }

  /** Everything live, by app and environment. */
  list(): LiveEnvironment[] {
    return [...this.#apps.keys()].sort().flatMap((app) => this.environmentsOf(app));
  }

  /** Environments in which a release is on trial. */
  onTrial(): IterableIterator<LiveEnvironment> {
    return this.#onTrial.values();
  }

  /** How much is live. */
  count(): LiveCounts {
    let [functions, previews] = [0, 0];
    for (const environments of this.#apps.values()) {
      for (const { record, stable } of environments.values()) {
        functions += stable?.functions.size ?? 0;
        if (record.kind === 'preview') previews += 1;
      }
    }
    return { apps: this.#apps.size, functions, previews, canaries: this.#onTrial.size };
  }

  #candidatesOf(app: string, environment: string): readonly AppSnapshot[] {
    return this.#candidates.get(`${app}/${environment}`) ?? [];
  }

  #without(snapshot: AppSnapshot): readonly AppSnapshot[] {
    const { app, environment } = snapshot;
    return this.#candidatesOf(app, environment).filter((candidate) => candidate !== snapshot);
  }

  #keepCandidates(app: string, environment: string, candidates: readonly AppSnapshot[]): void {
    const key = `${app}/${environment}`;
    if (candidates.length === 0) this.#candidates.delete(key);
    else this.#candidates.set(key, candidates);
  }

  #setCandidates(app: string, environment: string, candidates: readonly AppSnapshot[]): void {
    this.#keepCandidates(app, environment, candidates);
    const live = this.find(app, environment);
    if (live !== null) this.#publisher.publish(environmentSnapshotOf(live, candidates));
    else if (candidates.length === 0) this.#publisher.withdraw(app, environment);
    else this.#publisher.publish({ app, environment, stable: null, canary: null, candidates });
  }
}

function byName(environments: LiveEnvironment[]): LiveEnvironment[] {
  return environments.sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
}
