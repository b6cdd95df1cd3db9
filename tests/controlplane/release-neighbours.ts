import { MayflyError } from '../../src/domain/errors.ts';
import type { AppSnapshot, EnvironmentSnapshot } from '../../src/domain/snapshot.ts';
import type { SnapshotPublisher } from '../../src/ports/data-plane.ts';
import type { HttpProbe, ProbeAnswer, ProbeRequest } from '../../src/ports/http-probe.ts';
import type {
  HealthComparison,
  HealthFigures,
  HealthWatch,
  ReleaseHealth,
} from '../../src/ports/release-health.ts';
import type { FunctionWarmness, Warmness } from '../../src/ports/warmness.ts';

/* What the control plane meets when it deploys, as a test wants it. */

export const plainRetention = { releasesKept: 100, releaseAgeMsMax: 1e12 };

/** What the control API told the data plane, and what the data plane serves now. */
export class RecordingPublisher implements SnapshotPublisher {
  readonly events: string[] = [];
  /** Stable releases, by `APP/ENVIRONMENT`. */
  readonly serving = new Map<string, AppSnapshot>();
  readonly environments = new Map<string, EnvironmentSnapshot>();
  /** Told every snapshot as it is published. */
  onPublish: (snapshot: EnvironmentSnapshot) => void = () => {};

  publish(environment: EnvironmentSnapshot): void {
    const { app, stable } = environment;
    const key = `${app}/${environment.environment}`;
    this.environments.set(key, environment);
    this.onPublish(environment);
    if (stable === null || this.serving.get(key) === stable) return;
    this.events.push(`publish ${key} ${stable.release}`);
    this.serving.set(key, stable);
  }

  withdraw(app: string, environment: string): void {
    this.events.push(`withdraw ${app}/${environment}`);
    this.serving.delete(`${app}/${environment}`);
    this.environments.delete(`${app}/${environment}`);
  }
}

/** Answers smoke tests by `answer`; remembers what was asked. */
export class ScriptedProbe implements HttpProbe {
  readonly requests: ProbeRequest[] = [];
  answer: (request: ProbeRequest) => Partial<ProbeAnswer> | null = () => ({});

  /** `answer` of null: none comes in time. */
  async request(request: ProbeRequest): Promise<ProbeAnswer> {
    this.requests.push(request);
    const answer = this.answer(request);
    if (answer === null) throw new MayflyError('REQUEST_TIMEOUT', `no answer within ${request.timeoutMs} ms`);
    return { status: 200, headers: {}, body: '', ...answer };
  }
}

/** What `rows` says, of whichever release is asked about. */
export class ScriptedWarmness implements Warmness {
  readonly asked: string[] = [];
  rows: () => readonly FunctionWarmness[] | null = () => [];

  of(app: string, environment: string, release: string): readonly FunctionWarmness[] | null {
    this.asked.push(`${app}/${environment} ${release}`);
    return this.rows();
  }
}

/** Figures that a test sets, for the canaries that are watched. */
export class ScriptedHealth implements ReleaseHealth {
  readonly watched = new Map<string, HealthWatch>();
  figures: { readonly stable: Partial<HealthFigures>; readonly canary: Partial<HealthFigures> } = {
    stable: {},
    canary: {},
  };

  watch(watch: HealthWatch): void {
    this.watched.set(`${watch.app}/${watch.environment}`, watch);
  }

  unwatch(app: string, environment: string): void {
    this.watched.delete(`${app}/${environment}`);
  }

  read(app: string, environment: string): HealthComparison | null {
    const watch = this.watched.get(`${app}/${environment}`);
    if (watch === undefined) return null;
    const { stable, canary } = this.figures;
    return {
      since: 1,
      stable: figuresOf(watch.stable, stable),
      canary: figuresOf(watch.canary, canary),
    };
  }
}

function figuresOf(release: string, given: Partial<HealthFigures>): HealthFigures {
  const none = { calls: 0, errors: 0, cold: 0, p50Ms: 0, p99Ms: 0, warm: 0, metrics: {} };
  return { release, ...none, slowerThan: () => 0, ...given };
}
