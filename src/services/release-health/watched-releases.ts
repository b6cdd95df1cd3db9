import type { LogRecord, UsageRecord } from '../../domain/invocation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HealthComparison, HealthWatch, ReleaseHealth } from '../../ports/release-health.ts';
import type { TelemetrySink } from '../../ports/telemetry.ts';
import { outcomeOf } from './call-outcome.ts';
import { LoggedMetrics } from './logged-metrics.ts';
import { ReleaseTally } from './release-tally.ts';

interface Watched {
  readonly since: number;
  readonly stable: ReleaseTally;
  readonly canary: ReleaseTally;
  /** Both tallies by their release. */
  readonly tallies: ReadonlyMap<string, ReleaseTally>;
  readonly logged: LoggedMetrics;
}

/**
 * How releases on trial fare, from the telemetry of their calls. What is not watched costs one look into an empty
 * map. In memory only: after a restart the control plane watches anew.
 */
export class WatchedReleases implements ReleaseHealth, TelemetrySink {
  readonly #clock: Pick<Clock, 'wall'>;
  /** By app, then by environment. */
  readonly #apps = new Map<string, Map<string, Watched>>();

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock;
  }

  watch({ app, environment, stable, canary, metrics }: HealthWatch): void {
    const stableTally = new ReleaseTally(stable, metrics);
    const canaryTally = new ReleaseTally(canary, metrics);
    const watched: Watched = {
      since: this.#clock.wall(),
      stable: stableTally,
      canary: canaryTally,
      tallies: new Map([
        [stable, stableTally],
        [canary, canaryTally],
      ]),
      logged: new LoggedMetrics(metrics),
    };
    const environments = this.#apps.get(app) ?? new Map<string, Watched>();
    this.#apps.set(app, environments.set(environment, watched));
  }

  unwatch(app: string, environment: string): void {
    const environments = this.#apps.get(app);
    if (environments?.delete(environment) && environments.size === 0) this.#apps.delete(app);
  }

  read(app: string, environment: string): HealthComparison | null {
    const watched = this.#apps.get(app)?.get(environment);
    if (watched === undefined) return null;
    return {
      since: watched.since,
      stable: watched.stable.figures(),
      canary: watched.canary.figures(),
    };
  }

  usage(record: UsageRecord): void {
    const watched = this.#apps.get(record.app)?.get(record.environment);
    if (watched === undefined) return;
    const values = watched.logged.take(record.requestId);
    const outcome = outcomeOf(record);
    // A call of an older release, on its way since before: it is nobody's.
    if (outcome !== 'none') watched.tallies.get(record.release)?.add(record, outcome, values);
  }

  log(record: LogRecord): void {
    this.#apps.get(record.app)?.get(record.environment)?.logged.add(record);
  }
}
