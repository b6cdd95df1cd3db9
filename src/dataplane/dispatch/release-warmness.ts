import { addressOf } from '../../domain/snapshot.ts';
import type { FunctionWarmness, Warmness } from '../../ports/warmness.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { LiveApps } from './live-apps.ts';

/** The data plane's side of the port `Warmness`. */
export class ReleaseWarmness implements Warmness {
  readonly #live: LiveApps;
  readonly #dispatcher: Dispatcher;

  constructor(live: LiveApps, dispatcher: Dispatcher) {
    this.#live = live;
    this.#dispatcher = dispatcher;
  }

  of(app: string, environment: string, release: string): readonly FunctionWarmness[] | null {
    const live = this.#live.find(addressOf(app, environment))?.named(release);
    if (live === undefined || live === null) return null;
    const rows: FunctionWarmness[] = [];
    for (const { name, key, limits } of live.snapshot.functions.values()) {
      const wanted = Math.min(limits.provisioned, limits.maxInstances);
      if (wanted > 0) rows.push({ function: name, wanted, ...this.#dispatcher.warmth(key) });
    }
    return rows;
  }
}
