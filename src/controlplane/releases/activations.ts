import { MayflyError } from '../../domain/errors.ts';
import { type AppSnapshot, WEIGHT_MAX } from '../../domain/snapshot.ts';
import { type EnvironmentKind, NO_TRAFFIC, type Traffic } from '../../domain/traffic.ts';
import type { KeyedLock } from '../../kit/keyed-lock.ts';
import type { ActivityListener } from '../../ports/activity-listener.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReleaseHealth } from '../../ports/release-health.ts';
import type {
  EnvironmentRecord,
  ReleaseRecord,
  ReleaseStore,
  VariableRecord,
} from '../../ports/release-store.ts';
import { type Runtimes, runtimesOf } from '../runtimes/runtimes.ts';
import type { Candidate } from './candidates.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LiveApps } from './live-apps.ts';
import type { LiveEnvironment } from './live-environment.ts';
import type { SnapshotBuilder } from './snapshot-builder.ts';
import type { Decision } from './traffic/traffic-command.ts';

interface ActivationsDeps {
  readonly store: ReleaseStore;
  readonly live: LiveApps;
  readonly builder: SnapshotBuilder;
  readonly runtimes: Runtimes;
  /** By app; shared with whatever else changes what an app serves. */
  readonly lock: KeyedLock;
  readonly clock: Clock;
  readonly health: ReleaseHealth;
  readonly checkpoint: Checkpoint;
  readonly onActivity: ActivityListener;
}

/** What somebody wants to become of an environment. */
export interface TrafficOrder {
  readonly app: string;
  readonly environment: string;
  readonly by: string;
  /** Asked under the lock, about the traffic of that moment. Null: nothing is to be done. */
  readonly decide: (traffic: Traffic, now: number) => Decision | null | Promise<Decision | null>;
  /** Of an environment that is made by it. */
  readonly kind?: EnvironmentKind;
  /** Recorded in the same transaction. */
  readonly release?: Omit<ReleaseRecord, 'createdAt'>;
  /** The release as it was checked: served as it is when the variables are still the same. */
  readonly candidate?: Candidate;
  /** Of an environment that is made by it: asked under the lock, and set in the same transaction. */
  readonly variables?: () => Promise<readonly VariableRecord[]>;
}

export interface Activated {
  readonly live: LiveEnvironment;
  /** From the decision to the moment at which every new call is served by it, ms. */
  readonly activationMs: number;
}

/**
 * The one way in which an environment's traffic changes: decide, build, save, publish. Everything that can fail comes
 * before the save or is it; the save is one transaction; nothing that can fail comes between the disk and the memory.
 */
export class Activations {
  readonly #deps: ActivationsDeps;

  constructor(deps: ActivationsDeps) {
    this.#deps = deps;
  }

  /** Begins to watch the canaries that were there before this start; their figures begin anew. */
  resume(): void {
    for (const live of this.#deps.live.onTrial()) this.#watch(null, live);
  }

  /**
   * Null: the decision was that nothing is to be done.
   * @throws MayflyError whatever `decide` throws; RELEASE_NOT_FOUND, VALIDATION_FAILED (an environment too large), CONFLICT, RUNTIME_UNAVAILABLE, STORAGE_FULL
   */
  async change(order: TrafficOrder): Promise<Activated | null> {
    return await this.#deps.lock.run(order.app, () => this.#change(order));
  }

  async #change(order: TrafficOrder): Promise<Activated | null> {
    const { store, live, runtimes, clock, checkpoint } = this.#deps;
    const { app, environment, by } = order;
    const before = live.find(app, environment);
    const at = clock.wall();
    const started = clock.now();
    const decision = await order.decide(before?.record.traffic ?? NO_TRAFFIC, at);
    if (decision === null) return null;
    checkpoint('traffic.decided');
    const { traffic, action, reason } = decision;
    const variables = await order.variables?.();
    const snapshotOf = this.#snapshots(order, before, variables);
    const stable = traffic.stable === null ? null : await snapshotOf(traffic.stable);
    const canary = traffic.canary === null ? null : await snapshotOf(traffic.canary.release);
    // A release that is served again may have outlived its runtime.
    for (const snapshot of [stable, canary]) await runtimes.ensure(runtimesOf(snapshot));
    checkpoint('traffic.built');
    const { release } = order;
    const record = await store.saveEnvironment({
      app,
      name: environment,
      kind: before?.record.kind ?? order.kind ?? 'permanent',
      traffic,
      revision: before?.record.revision ?? 0,
      at,
      by,
      action,
      reason,
      ...(release === undefined ? {} : { release: { ...release, createdAt: at } }),
      ...(variables === undefined ? {} : { variables }),
    });
    checkpoint('traffic.saved');
    const after = { record, stable, canary };
    live.publish(after, order.candidate?.snapshot);
    const activationMs = clock.now() - started;
    checkpoint('traffic.published');
    this.#watch(before, after);
    this.#tell(record, decision, { at, by });
    return { live: after, activationMs };
  }

  /** What is served already is the same object again; the rest is built of what is kept. */
  #snapshots(
    { app, environment, release: given, candidate }: TrafficOrder,
    before: LiveEnvironment | null,
    set: readonly VariableRecord[] | undefined,
  ): (release: string) => Promise<AppSnapshot> {
    const { store, builder } = this.#deps;
    return async (release) => {
      const serving = [before?.stable, before?.canary].find((snapshot) => snapshot?.release === release);
      if (serving !== undefined && serving !== null) return serving;
      const variables = set ?? (await store.listVariables(app, environment));
      if (candidate?.snapshot.release === release && candidate.fits(variables)) return candidate.snapshot;
      const manifest =
        given?.id === release ? given.manifest : (await store.getRelease(app, release))?.manifest;
      if (manifest === undefined) throw releaseNotFound(app, release);
      return builder.build({ app, environment, release, manifest, variables });
    };
  }

  /** Begins anew with every weight: under one weight both releases share good and bad times alike. */
  #watch(before: LiveEnvironment | null, { record }: LiveEnvironment): void {
    const { health } = this.#deps;
    const { app, name: environment, traffic } = record;
    const { canary, stable } = traffic;
    const watched = before?.record.traffic.canary ?? null;
    if (canary === null || stable === null) {
      if (watched !== null) health.unwatch(app, environment);
      return;
    }
    const isSame = watched?.id === canary.id;
    // With everybody on one side there is nothing new to compare with.
    if (isSame && [watched.weight, 0, WEIGHT_MAX].includes(canary.weight)) return;
    const metrics = Object.keys(canary.plan.guards.metrics);
    health.watch({ app, environment, stable, canary: canary.release, metrics });
  }

  #tell(
    { app, name: environment, revision: seq, traffic }: EnvironmentRecord,
    { action, reason }: Decision,
    { at, by }: { readonly at: number; readonly by: string },
  ): void {
    const { canary, stable: release } = traffic;
    const trial = canary === null ? null : { release: canary.release, weight: canary.weight };
    this.#deps.onActivity({ app, environment, seq, at, by, action, release, canary: trial, reason });
  }
}

export function releaseNotFound(app: string, release: string): MayflyError {
  return new MayflyError('RELEASE_NOT_FOUND', `App "${app}" has no release ${release}.`);
}
