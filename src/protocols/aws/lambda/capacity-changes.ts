import type { ControlPlane } from '../../../controlplane/control-plane.ts';
import { toMayflyError } from '../../../domain/errors.ts';
import type { LambdaStore, LambdaVersionRecord } from '../../../ports/lambda-store.ts';
import type { Warmness } from '../../../ports/warmness.ts';
import { type CapacityPlan, capacityPlanOf, PROVISIONED_KIND, type VersionCapacity } from './capacity.ts';
import type { FunctionChanges } from './function-changes.ts';
import type { FunctionReleases } from './function-releases.ts';
import { settingsOf } from './function-settings.ts';
import { environmentOf, functionOfApp } from './lambda-app.ts';

interface CapacityChangesDeps {
  readonly store: LambdaStore;
  readonly plane: Pick<ControlPlane, 'live'>;
  readonly changes: FunctionChanges;
  readonly serving: FunctionReleases;
  readonly warmness: Warmness;
}

/** How far provisioned instances of a version have come. */
export interface ProvisionedState {
  /** Instances that are ready, of those that are kept. */
  readonly ready: number;
  readonly wanted: number;
  /** Why there will be none; null: nothing is known to be wrong. */
  readonly failure: string | null;
}

/**
 * Brings what is served to what the settings say of concurrency. The setting is saved first and counts; the release of a version
 * with the new limits follows in the background, since provisioned instances are started before it is activated. What
 * is not done when the node ends is done by the next (`recover`).
 */
export class CapacityChanges {
  readonly #deps: CapacityChangesDeps;
  /** Why a version could not be served as it should, by `NAME:VERSION`. */
  readonly #failures = new Map<string, string>();

  constructor(deps: CapacityChangesDeps) {
    this.#deps = deps;
  }

  /** Soon; nobody waits for it. */
  align(name: string, by: string): void {
    // What fails for one version is noted for it; what fails as a whole is done at the next change, or the next start.
    this.#align(name, by).catch(() => {});
  }

  /** To be called once, after functions were recovered. */
  async recover(): Promise<void> {
    const { store } = this.#deps;
    const reserved = (await store.listFunctions()).filter((fn) => fn.reserved !== null);
    const provisioned = await store.listSettings(PROVISIONED_KIND);
    const names = new Set([...reserved.map(({ name }) => name), ...provisioned.map((one) => one.function)]);
    for (const name of names) this.align(name, 'mayfly');
  }

  async stateOf(name: string, app: string, version: number): Promise<ProvisionedState> {
    const { store, plane, warmness } = this.#deps;
    const wanted = (await capacityPlanOf(store, name)).of(version).provisioned;
    const environment = environmentOf(version);
    const failure = this.#failures.get(keyOf(name, version)) ?? null;
    const release = plane.live.find(app, environment)?.record.traffic.stable;
    if (this.#served(app, version)?.provisioned !== wanted || release === undefined || release === null)
      return { ready: 0, wanted, failure };
    const [row] = warmness.of(app, environment, release) ?? [];
    return { ready: Math.min(row?.ready ?? 0, wanted), wanted, failure: row?.error?.message ?? failure };
  }

  async #align(name: string, by: string): Promise<void> {
    const { store, changes } = this.#deps;
    await changes.exclusively(name, async () => {
      const fn = await store.getFunction(name);
      if (fn?.state !== 'active') return;
      const plan = await capacityPlanOf(store, name);
      for (const version of await store.listVersions(name)) await this.#serve(fn.app, version, plan, by);
    });
  }

  async #serve(app: string, record: LambdaVersionRecord, plan: CapacityPlan, by: string): Promise<void> {
    const { store, serving } = this.#deps;
    const { function: name, version, code } = record;
    const key = keyOf(name, version);
    this.#failures.delete(key);
    if (isSame(this.#served(app, version), plan.of(version))) return;
    try {
      const release = await serving.serve({ name, app, version, settings: settingsOf(record), code }, by);
      await store.saveVersion({ ...record, release });
    } catch (thrown) {
      this.#failures.set(key, toMayflyError(thrown).message);
      await serving.follow(app, record);
    }
  }

  #served(app: string, version: number): VersionCapacity | undefined {
    const live = this.#deps.plane.live.find(app, environmentOf(version));
    return live?.stable?.functions.get(functionOfApp(app))?.limits;
  }
}

function isSame(served: VersionCapacity | undefined, wanted: VersionCapacity): boolean {
  return served?.maxInstances === wanted.maxInstances && served.provisioned === wanted.provisioned;
}

function keyOf(name: string, version: number): string {
  return `${name}:${version}`;
}
