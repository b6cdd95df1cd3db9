import type { AppSnapshot, EnvironmentSnapshot } from '../../domain/snapshot.ts';
import type { EnvironmentRecord } from '../../ports/release-store.ts';

/** An environment as it is served now: what the store says of it, and its releases with all their values. */
export interface LiveEnvironment {
  readonly record: EnvironmentRecord;
  readonly stable: AppSnapshot | null;
  /** The release on trial. */
  readonly canary: AppSnapshot | null;
}

/** What the data plane is told. */
export function environmentSnapshotOf(
  { record, stable, canary }: LiveEnvironment,
  candidates: readonly AppSnapshot[],
): EnvironmentSnapshot {
  const { app, name: environment, traffic } = record;
  if (canary === null || traffic.canary === null)
    return { app, environment, stable, canary: null, candidates };
  const { id, weight, plan } = traffic.canary;
  return { app, environment, stable, canary: { snapshot: canary, id, weight, key: plan.key }, candidates };
}
