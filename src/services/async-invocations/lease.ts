import type { AsyncInvocationStore, LeasedCall } from '../../ports/async-invocation-store.ts';
import type { Clock } from '../../ports/clock.ts';

/** Renewals in the time of one lease: two may fail before it ends. */
const RENEWALS_PER_LEASE = 3;

/** Keeps a call lent to its worker for as long as the call takes, which may be longer than any lease. */
export class Lease {
  readonly #timer: NodeJS.Timeout;
  readonly #lost = new AbortController();

  constructor(store: AsyncInvocationStore, clock: Clock, { id, epoch }: LeasedCall, leaseMs: number) {
    const renew = async (): Promise<void> => {
      const held = await store.renew(id, epoch, clock.wall() + leaseMs);
      if (!held) this.#lost.abort();
    };
    // A renewal that fails is tried again by the next; when all fail, the epoch guards the settlement.
    this.#timer = setInterval(() => void renew().catch(() => {}), leaseMs / RENEWALS_PER_LEASE);
  }

  /** Aborted when another worker has the call now: what this one does would be done twice. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
