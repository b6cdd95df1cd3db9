import { WEIGHT_MAX } from '../../domain/snapshot.ts';
import type { ReleaseHealth } from '../../ports/release-health.ts';
import { type GuardState, judgeCanary, NO_LOOKS } from './guards/canary-guards.ts';
import type { LiveEnvironment } from './live-environment.ts';
import type { WatchedCanary } from './traffic/canary-schedule.ts';

/** Asks the guards about canaries, and remembers how far they have got with each. A restart begins anew. */
export class GuardWatch {
  readonly #health: ReleaseHealth;
  /** By the canary's id. */
  readonly #states = new Map<string, GuardState>();

  constructor(health: ReleaseHealth) {
    this.#health = health;
  }

  /** Null: nothing is known about the canary, or there is none. */
  ask({ record }: LiveEnvironment): WatchedCanary | null {
    const { app, name, traffic } = record;
    const { canary } = traffic;
    if (canary === null) return null;
    const comparison = this.#health.read(app, name);
    if (comparison === null) return null;
    const asked = judgeCanary(canary.plan.guards, comparison, this.#states.get(canary.id) ?? NO_LOOKS);
    this.#states.set(canary.id, asked.state);
    // The stable release has no more calls to compare with: whoever let it come this far has seen enough.
    const isAlone = canary.weight === WEIGHT_MAX && asked.verdict.kind === 'waiting';
    const verdict = isAlone ? { ...asked.verdict, kind: 'fine' as const } : asked.verdict;
    return { canary: canary.id, verdict };
  }

  /** Forgets every canary but these. */
  keepOnly(canaries: ReadonlySet<string>): void {
    for (const id of this.#states.keys()) if (!canaries.has(id)) this.#states.delete(id);
  }
}
