import { guestMemoryMb } from '../../contract/runtimes.ts';
import type { MayflyError } from '../../domain/errors.ts';
import type { FunctionLimits, FunctionVersion } from '../../domain/function-version.ts';
import { Link, LinkedList } from '../../kit/linked-list.ts';
import type { Instance } from './instance.ts';
import { KeepAlive } from './keep-alive.ts';
import type { SchedulerLimits } from './limits.ts';
import type { PrewarmPool, Starter } from './prewarm-pool.ts';
import type { Claimant, Quota } from './quota.ts';
import { StartBackoff } from './start-backoff.ts';
import { type MachineLoad, StartDemand } from './start-demand.ts';
import type { Ticket } from './ticket.ts';

/** One call in eight moves the estimate of the service time by its whole difference. */
const SERVICE_WEIGHT = 1 / 8;
const SERVICE_UNKNOWN_MS = 1_000;
const RETRY_AFTER_MS_MIN = 100;
const RETRY_AFTER_MS_MAX = 30_000;

/** Everything about one function version: its instances, its waiting calls, its starts, its rhythm. */
export class FunctionPool implements Claimant, Starter {
  readonly version: FunctionVersion;
  readonly limits: FunctionLimits;
  /** Memory an instance is accounted for, MB: at least what it took while it was empty. */
  readonly memoryMb: number;
  readonly project: Quota<FunctionPool>;
  readonly prewarm: PrewarmPool<FunctionPool>;

  /** Calls that wait, first come first served. */
  readonly queue = new LinkedList<Ticket>();
  /** Instances that serve and have a free slot, and those that serve nothing; the one to use next comes first. */
  readonly open = new LinkedList<Instance>();
  readonly idle = new LinkedList<Instance>();
  /** Instances that are ready, busy or frozen. */
  serving = 0;
  specialising = 0;
  pending = 0;
  /** Draining and not gone yet. */
  ending = 0;
  /** A release names the version: its provisioned instances are kept. */
  active = false;
  /** A release named it, and none does any more: its instances end when they serve nothing. */
  retired = false;
  /** When its last call ended, ms; until then, when it was first seen. */
  quietSince: number;

  readonly keepAlive: KeepAlive;
  readonly backoff: StartBackoff;
  /** The level of limits where it waits for room. */
  blockedOn: Quota<FunctionPool> | null = null;
  blockedSince = 0;
  /** Provisioned instances that its levels of limits count as never given up. */
  kept = 0;
  readonly blockedLink: Link<Claimant> = new Link<Claimant>(this);
  readonly pendingLink: Link<Starter> = new Link<Starter>(this);
  deadline = 0;
  heapIndex = -1;
  #serviceMs = -1;
  readonly #demand: StartDemand;

  constructor(
    version: FunctionVersion,
    project: Quota<FunctionPool>,
    prewarm: PrewarmPool<FunctionPool>,
    limits: SchedulerLimits,
    load: MachineLoad,
    now: number,
  ) {
    this.version = version;
    this.limits = version.limits;
    this.memoryMb = Math.max(
      version.limits.memoryMb + guestMemoryMb(version.runtime),
      limits.genericMemoryMb,
    );
    this.project = project;
    this.prewarm = prewarm;
    this.quietSince = now;
    this.#demand = new StartDemand(limits, load);
    this.keepAlive = new KeepAlive(limits);
    this.backoff = new StartBackoff(limits);
  }

  /** Starts in flight: those that wait for a guest and those that load the code. */
  get starts(): number {
    return this.pending + this.specialising;
  }

  get held(): number {
    return this.pending + this.specialising + this.serving;
  }

  get called(): boolean {
    return this.queue.length > 0;
  }

  /** Instances to be kept ready although nobody calls. */
  get provisioned(): number {
    return this.active ? Math.min(this.limits.provisioned, this.limits.maxInstances) : 0;
  }

  /** Nothing of it is left but what it learned. */
  get empty(): boolean {
    return this.held + this.ending + this.queue.length === 0;
  }

  /** Starts that should be in flight now: never more than the calls waiting (or the provisioned missing) can use. */
  startsWanted(now: number): number {
    if (this.backoff.closed(now) || this.refusal(now) !== null) return 0;
    const wanted = Math.max(this.#demand.starts(this, now), this.provisioned - this.serving);
    return this.backoff.probing ? Math.min(wanted, 1) : wanted;
  }

  /** When a call that is held back from a start will have waited too long, ms; Infinity: none is held back. */
  holdEndsAt(now: number): number {
    const stuck = this.blockedOn !== null || this.held + this.ending >= this.limits.maxInstances;
    return stuck ? Number.POSITIVE_INFINITY : this.#demand.holdEndsAt(this, now);
  }

  /** Waiting calls for which no start is under way. */
  get uncovered(): number {
    return this.queue.length - this.starts * this.limits.perInstance;
  }

  /** Why a call that needs a start is refused now; null: it may wait. */
  refusal(now: number): MayflyError | null {
    const own = this.backoff.refusal(now);
    return own === null && this.prewarm.idle.length === 0 ? this.prewarm.backoff.refusal(now) : own;
  }

  /** When starts may be tried again, ms; `now` when they may be already. */
  retryAt(now: number): number {
    if (this.backoff.closed(now)) return this.backoff.retryAt;
    return this.refusal(now) === null ? now : this.prewarm.backoff.retryAt;
  }

  /** The instance that takes the next call: one that serves already, then the last used; null: no slot is free. */
  pick(): Instance | null {
    const link = this.open.first ?? this.idle.first;
    return link === null ? null : link.item;
  }

  /** A call of it has ended before: its rhythm can be learned from. */
  get everCalled(): boolean {
    return this.#serviceMs >= 0;
  }

  settled(serviceMs: number): void {
    this.#demand.settled(serviceMs);
    this.#serviceMs =
      this.#serviceMs < 0 ? serviceMs : this.#serviceMs + (serviceMs - this.#serviceMs) * SERVICE_WEIGHT;
  }

  /** When a call refused now would find the queue served, ms: what waits before it, at the pace observed. */
  retryAfterMs(): number {
    const slots = Math.max(1, this.held) * this.limits.perInstance;
    const pace = this.#serviceMs < 0 ? SERVICE_UNKNOWN_MS : this.#serviceMs;
    const estimate = (pace * (this.queue.length + 1)) / slots;
    return Math.ceil(Math.min(RETRY_AFTER_MS_MAX, Math.max(RETRY_AFTER_MS_MIN, estimate)));
  }
}
