import type { EnvironmentDescription } from '../../contract/release-api.ts';
import type { HealthComparison, HealthFigures, ReleaseHealth } from '../../ports/release-health.ts';
import type { HistoryRecord } from '../../ports/release-store.ts';
import type { AppUrls } from './app-urls.ts';
import type { LiveEnvironment } from './live-environment.ts';
import { nextStepAt } from './traffic/canary-schedule.ts';

type Summary = Omit<EnvironmentDescription, 'history'>;
type Trial = NonNullable<Summary['canary']>;

/** An environment as the control API tells it, without its history. */
export function environmentSummaryOf(live: LiveEnvironment, urls: AppUrls, health: ReleaseHealth): Summary {
  const { app, name: environment, kind, traffic, activatedAt } = live.record;
  const { canary, stable: release } = traffic;
  return {
    app,
    environment,
    kind,
    url: `${urls.baseOf(app, environment)}/`,
    release,
    activatedAt,
    canary:
      canary === null
        ? null
        : {
            ...canary,
            plan: canary.plan as Trial['plan'],
            nextStepAt: nextStepAt(canary),
            health: comparisonOf(health.read(app, environment), canary.release),
          },
  };
}

export function historyOf(records: readonly HistoryRecord[]): EnvironmentDescription['history'] {
  return records.map(({ canary, ...record }) => ({
    ...record,
    canary: canary === null ? null : { ...canary },
  }));
}

/** Null: nothing is known, or of another canary. */
function comparisonOf(comparison: HealthComparison | null, release: string): Trial['health'] {
  if (comparison === null || comparison.canary.release !== release) return null;
  const { since, stable, canary } = comparison;
  return { since, stable: figuresOf(stable), canary: figuresOf(canary) };
}

function figuresOf(figures: HealthFigures): NonNullable<Trial['health']>['stable'] {
  const { release, calls, errors, cold, p50Ms, p99Ms } = figures;
  const metrics = Object.fromEntries(Object.entries(figures.metrics).map(([name, { mean }]) => [name, mean]));
  return { release, calls, errors, cold, p50Ms, p99Ms, metrics };
}
