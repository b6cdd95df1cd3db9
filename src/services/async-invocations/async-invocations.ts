import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import type { AsyncCallBounds, AsyncCallRules } from '../../ports/async-call-rules.ts';
import type {
  AsyncCall,
  AsyncCounts,
  AsyncFailure,
  AsyncInvocationStore,
  DeadCall,
  LeasedCall,
  Settlement,
} from '../../ports/async-invocation-store.ts';
import type { AsyncInvoker } from '../../ports/async-invoker.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventResult, Invoker } from '../../ports/invoker.ts';
import { Lease } from './lease.ts';
import { RETRY_POLICY, type RetryPolicy, settlementOf } from './retry-policy.ts';

export interface AsyncInvocationLimits {
  /** Calls that may be in flight; one more is refused. */
  readonly inFlightMax: number;
  /** Calls made at a time, and of one function about so many, so that a flood of one leaves room for others. */
  readonly concurrencyMax: number;
  readonly perFunctionMax: number;
  /** A lease is renewed while its call runs; after a crash its call is due again when it ends. */
  readonly leaseMs: number;
  /** Longest time until the store is asked again for what is due. */
  readonly pollMs: number;
  /** Dead calls that one answer lists. */
  readonly deadListedMax: number;
}

const ASYNC_INVOCATION_LIMITS: AsyncInvocationLimits = {
  inFlightMax: 100_000,
  concurrencyMax: 64,
  perFunctionMax: 16,
  leaseMs: 30_000,
  pollMs: 5_000,
  deadListedMax: 100,
};

interface AsyncInvocationsDeps {
  readonly store: AsyncInvocationStore;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Told when the store fails a worker; the call's lease ends by itself then. */
  readonly onDefect: (error: MayflyError) => void;
  readonly policy?: RetryPolicy;
  /** Absent: the same policy holds for all calls, and nothing follows them. */
  readonly rules?: AsyncCallRules;
  readonly limits?: Partial<AsyncInvocationLimits>;
}

interface Attempt {
  /** Null: it succeeded. */
  readonly failure: AsyncFailure | null;
  /** Null: no code was reached. */
  readonly result: EventResult | null;
}

/** Calls that nobody waits for: recorded on disk, then made at least once, retried, and kept when given up. */
export class AsyncInvocations implements AsyncInvoker {
  readonly #deps: AsyncInvocationsDeps;
  readonly #policy: RetryPolicy;
  readonly #limits: AsyncInvocationLimits;
  readonly #running = new Map<LeasedCall, Promise<void>>();
  #counts: AsyncCounts;
  #timer: NodeJS.Timeout | undefined;
  #pumping: Promise<void> | null = null;
  #pumpAgain = false;
  #closing = false;
  /** Closed with calls still under way: what becomes of them is for the next start. */
  #abandoned = false;

  private constructor(deps: AsyncInvocationsDeps, counts: AsyncCounts) {
    this.#deps = deps;
    this.#policy = deps.policy ?? RETRY_POLICY;
    this.#limits = { ...ASYNC_INVOCATION_LIMITS, ...deps.limits };
    this.#counts = counts;
  }

  /** Takes up what was left in the store, and works until it is closed. */
  static async start(deps: AsyncInvocationsDeps): Promise<AsyncInvocations> {
    const service = new AsyncInvocations(deps, await deps.store.counts());
    service.#wake();
    return service;
  }

  async enqueue(call: AsyncCall): Promise<void> {
    if (this.#closing) throw new MayflyError('SHUTTING_DOWN', 'The node is draining.');
    const { inFlightMax } = this.#limits;
    if (this.#counts.inFlight >= inFlightMax) {
      throw new MayflyError('QUEUE_FULL', `${inFlightMax} asynchronous calls are already waiting.`);
    }
    this.#add({ enqueued: 1, inFlight: 1 });
    try {
      await this.#deps.store.enqueue(call);
    } catch (thrown) {
      this.#add({ enqueued: -1, inFlight: -1 });
      throw thrown;
    }
    this.#wake();
  }

  dead(app: string, environment: string): Promise<DeadCall[]> {
    return this.#deps.store.listDead(app, environment, this.#limits.deadListedMax);
  }

  counts(): AsyncCounts {
    return this.#counts;
  }

  /** Lends no more, and waits for the calls under way up to `withinMs`; the others are made again later. */
  async close(withinMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    await this.#pumping;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([Promise.all(this.#running.values()), late]);
    clearTimeout(timer);
    this.#abandoned = true;
  }

  #wake(): void {
    if (this.#closing) return;
    if (this.#pumping !== null) {
      this.#pumpAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#pumping = this.#pump()
      .catch((thrown) => {
        this.#deps.onDefect(toMayflyError(thrown));
        this.#wakeIn(this.#limits.pollMs);
      })
      .finally(() => {
        this.#pumping = null;
        if (this.#pumpAgain) {
          this.#pumpAgain = false;
          this.#wake();
        }
      });
  }

  /** Takes what is due while there is room for it, then sleeps until the next is. */
  async #pump(): Promise<void> {
    const { store, clock } = this.#deps;
    const { concurrencyMax, perFunctionMax, leaseMs, pollMs } = this.#limits;
    while (!this.#closing && this.#running.size < concurrencyMax) {
      const now = clock.wall();
      const except = this.#crowded();
      const limit = Math.min(concurrencyMax - this.#running.size, perFunctionMax);
      const calls = await store.lease({ now, until: now + leaseMs, limit, except });
      for (const call of calls) this.#running.set(call, this.#run(call));
      if (calls.length > 0) continue;
      const dueAt = await store.nextDueAt(except);
      if (dueAt !== null) this.#wakeIn(Math.min(Math.max(dueAt - clock.wall(), 1), pollMs));
      return;
    }
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#closing) this.#timer = setTimeout(() => this.#wake(), ms);
  }

  /** Functions that have enough calls under way. */
  #crowded(): string[] {
    const counts = new Map<string, number>();
    for (const { app, environment, function: fn } of this.#running.keys()) {
      const target = `${app}/${environment}/${fn}`;
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count >= this.#limits.perFunctionMax).map(([target]) => target);
  }

  /** One attempt, to its settlement. Never rejects. */
  async #run(call: LeasedCall): Promise<void> {
    const { store, clock, random, rules, onDefect } = this.#deps;
    const lease = new Lease(store, clock, call, this.#limits.leaseMs);
    try {
      const bounds = (await rules?.boundsFor(call)) ?? {};
      const policy = { ...this.#policy, ...bounds };
      const { failure, result } = await this.#attempt(call, policy, bounds, lease.lost);
      if (this.#abandoned) return;
      const now = clock.wall();
      const settlement: Settlement =
        bounds.refusal === undefined
          ? settlementOf(call, failure, policy, now, random())
          : { kind: 'dead', at: now, failure: bounds.refusal };
      const ended = settlement.kind === 'retry' ? undefined : rules?.followUp({ call, failure, result });
      const followUp = (await ended) ?? undefined;
      lease.stop();
      if (!(await store.settle(call.id, call.epoch, settlement, followUp))) return;
      this.#settled(settlement);
      if (followUp !== undefined) this.#add({ enqueued: 1, inFlight: 1 });
    } catch (thrown) {
      onDefect(toMayflyError(thrown));
    } finally {
      lease.stop();
      this.#running.delete(call);
      this.#wake();
    }
  }

  async #attempt(
    call: LeasedCall,
    { attemptsMax, ageMaxMs }: RetryPolicy,
    { refusal }: AsyncCallBounds,
    lost: AbortSignal,
  ): Promise<Attempt> {
    const notMade = (failure: AsyncFailure): Attempt => ({ failure, result: null });
    if (refusal !== undefined) return notMade(refusal);
    if (this.#deps.clock.wall() - call.enqueuedAt > ageMaxMs)
      return notMade({ code: 'QUEUE_TIMEOUT', message: `It waited for more than ${ageMaxMs / 1_000} s.` });
    if (call.attempts > attemptsMax)
      return notMade({
        code: 'INTERNAL',
        message: `${call.attempts - 1} attempts ended without an answer.`,
      });
    const { id, app, environment, function: fn, release, event, body, traceparent } = call;
    try {
      const result = await this.#deps.invoker.invoke({
        app,
        environment,
        function: fn,
        release,
        trigger: 'async',
        event,
        body,
        requestId: id,
        signal: lost,
        ...(traceparent === null ? {} : { traceparent }),
      });
      if (result.outcome === 'ok') return { failure: null, result };
      const message = result.error === null ? '' : `${result.error.name}: ${result.error.message}`;
      return { failure: { code: result.outcome, message }, result };
    } catch (thrown) {
      const { code, message } = toMayflyError(thrown);
      return notMade({ code, message });
    }
  }

  #settled({ kind }: Settlement): void {
    if (kind === 'done') this.#add({ inFlight: -1, done: 1 });
    if (kind === 'dead') this.#add({ inFlight: -1, dead: 1 });
  }

  #add({ enqueued = 0, inFlight = 0, done = 0, dead = 0 }: Partial<AsyncCounts>): void {
    const counts = this.#counts;
    this.#counts = {
      enqueued: counts.enqueued + enqueued,
      inFlight: counts.inFlight + inFlight,
      done: counts.done + done,
      dead: counts.dead + dead,
    };
  }
}
