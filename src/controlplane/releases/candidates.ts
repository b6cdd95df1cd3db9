import type { ReleaseManifest } from '../../contract/manifest.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReleaseStore, VariableRecord } from '../../ports/release-store.ts';
import type { FunctionWarmness, Warmness } from '../../ports/warmness.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LiveApps } from './live-apps.ts';
import type { SmokeTests } from './smoke-tests.ts';
import type { PlacedRelease, SnapshotBuilder } from './snapshot-builder.ts';

interface CandidatesDeps {
  readonly store: ReleaseStore;
  readonly live: LiveApps;
  readonly builder: SnapshotBuilder;
  readonly warmness: Warmness;
  readonly smoke: SmokeTests;
  readonly clock: Clock;
  readonly checkpoint: Checkpoint;
  readonly warmTimeoutMs?: number;
}

/** A release in its place, before anybody is served by it. */
export interface Candidate {
  readonly snapshot: AppSnapshot;
  /** Whether it would be the same with these variables. */
  fits(variables: readonly VariableRecord[]): boolean;
}

/** Told what is being done. */
export type StageListener = (stage: 'warm' | 'smoke', message: string) => void;

/** How long a release's provisioned instances may take to get ready. */
const WARM_TIMEOUT_MS = 60_000;
const WARM_POLL_MS = 10;

/** Tries a release in its place, reached by its pin alone, while the environment serves what it did before. */
export class Candidates {
  readonly #deps: CandidatesDeps;
  readonly #closing = new AbortController();

  constructor(deps: CandidatesDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when its provisioned instances are ready and its smoke tests have passed. The caller drops it, or activates it.
   * @throws MayflyError SMOKE_FAILED, FUNCTION_INIT_FAILED, FUNCTION_INIT_TIMEOUT, VALIDATION_FAILED (an environment too large),
   * SHUTTING_DOWN
   */
  async check(place: Omit<PlacedRelease, 'variables'>, onStage: StageListener): Promise<Candidate> {
    const { store, live, builder, smoke, checkpoint } = this.#deps;
    const { app, environment, manifest } = place;
    const variables = await store.listVariables(app, environment);
    const snapshot = builder.build({ ...place, variables });
    const tests = manifest.smoke ?? [];
    const provisioned = provisionedOf(manifest);
    const candidate = { snapshot, fits: (now: typeof variables) => same(variables, now) };
    if (tests.length + provisioned === 0) return candidate;
    live.addCandidate(snapshot);
    checkpoint('deploy.candidate');
    try {
      if (provisioned > 0) {
        onStage('warm', `${provisioned} provisioned instances`);
        await this.#warm(snapshot);
      }
      checkpoint('deploy.warm');
      if (tests.length > 0) {
        onStage('smoke', `${tests.length} smoke tests`);
        await smoke.run(snapshot, tests, this.#closing.signal);
      }
      checkpoint('deploy.smoked');
      return candidate;
    } catch (thrown) {
      live.dropCandidate(snapshot);
      throw thrown;
    }
  }

  drop({ snapshot }: Candidate): void {
    this.#deps.live.dropCandidate(snapshot);
  }

  /** Ends every check under way. */
  close(): void {
    this.#closing.abort(new MayflyError('SHUTTING_DOWN', 'The node is draining.'));
  }

  async #warm({ app, environment, release }: AppSnapshot): Promise<void> {
    const { warmness, clock, warmTimeoutMs = WARM_TIMEOUT_MS } = this.#deps;
    const until = clock.now() + warmTimeoutMs;
    for (;;) {
      this.#closing.signal.throwIfAborted();
      const rows = warmness.of(app, environment, release);
      if (rows === null) throw new MayflyError('CONFLICT', `"${app}" was removed while it was deployed.`);
      const cold = rows.filter(({ ready, wanted }) => ready < wanted);
      if (cold.length === 0) return;
      const failed = cold.find(({ error }) => error !== null)?.error;
      if (failed !== undefined && failed !== null) throw failed;
      if (clock.now() >= until) throw notReady(cold, warmTimeoutMs);
      await new Promise((resolve) => setTimeout(resolve, WARM_POLL_MS));
    }
  }
}

function provisionedOf({ functions }: ReleaseManifest): number {
  return functions.reduce((sum, { limits }) => sum + limits.provisioned, 0);
}

function same(before: readonly VariableRecord[], now: readonly VariableRecord[]): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}

function notReady(cold: readonly FunctionWarmness[], withinMs: number): MayflyError {
  const rows = cold.map(({ function: fn, ready, wanted }) => `${fn} has ${ready} of ${wanted}`);
  const text = `Provisioned instances did not get ready within ${withinMs / 1_000} s: ${rows.join(', ')}.`;
  return new MayflyError('FUNCTION_INIT_TIMEOUT', text);
}
