import type { Clock } from '../../ports/clock.ts';
import type { Activations } from './activations.ts';
import type { GuardWatch } from './guard-watch.ts';
import type { LiveApps } from './live-apps.ts';
import type { LiveEnvironment } from './live-environment.ts';
import { tick } from './traffic/canary-schedule.ts';

interface CanaryTimerDeps {
  readonly live: LiveApps;
  readonly activations: Activations;
  readonly guards: GuardWatch;
  readonly clock: Clock;
}

/** How often every canary is looked at; a step that is due before the next look comes when it is due. */
const LOOK_MS = 1_000;
/** In the history: the node itself. */
const BY = 'mayfly';

/**
 * Lets time and the guards decide about canaries: steps, finish, abort. A node that was down takes the step that became due
 * meanwhile at its next start; the guards' figures begin anew then.
 */
export class CanaryTimer {
  readonly #deps: CanaryTimerDeps;
  #interval: NodeJS.Timeout | undefined;
  #early: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #onFailure: (thrown: unknown) => void = () => {};

  constructor(deps: CanaryTimerDeps) {
    this.#deps = deps;
  }

  /** `onFailure` is told what went wrong; the next look comes all the same. */
  start(onFailure: (thrown: unknown) => void): void {
    this.#onFailure = onFailure;
    this.#interval = setInterval(() => this.#wake(), LOOK_MS);
    this.#interval.unref();
    this.#wake();
  }

  /** Looks at every canary once. */
  async look(): Promise<void> {
    const { live, guards, clock } = this.#deps;
    clearTimeout(this.#early);
    let nextAt = Number.POSITIVE_INFINITY;
    const trials = [...live.onTrial()];
    guards.keepOnly(new Set(trials.map(({ record }) => record.traffic.canary!.id)));
    for (const environment of trials) {
      const next = await this.#lookAt(environment).catch((thrown) => {
        this.#onFailure(thrown);
        return null;
      });
      nextAt = Math.min(nextAt, next ?? Number.POSITIVE_INFINITY);
    }
    const waitMs = nextAt - clock.wall();
    if (waitMs >= LOOK_MS || this.#interval === undefined) return;
    this.#early = setTimeout(() => this.#wake(), Math.max(0, waitMs));
    this.#early.unref();
  }

  /** Waits for a look under way. */
  async stop(): Promise<void> {
    clearInterval(this.#interval);
    this.#interval = undefined;
    await this.#looking;
    clearTimeout(this.#early);
  }

  #wake(): void {
    this.#looking = this.#looking.then(() => this.look());
  }

  /** Answers when the schedule has to be asked next, ms since the epoch. */
  async #lookAt(environment: LiveEnvironment): Promise<number | null> {
    const { activations, guards, clock } = this.#deps;
    const { app, name, traffic } = environment.record;
    const watched = guards.ask(environment);
    const { decision, nextAt } = tick(traffic, clock.wall(), watched);
    if (decision === null) return nextAt;
    // Decided again under the lock, where nobody else changes it meanwhile.
    await activations.change({
      app,
      environment: name,
      by: BY,
      decide: (now, at) => tick(now, at, watched).decision,
    });
    return nextAt;
  }
}
