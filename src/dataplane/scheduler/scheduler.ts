import { guestOf } from '../../contract/runtimes.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { SchedulerEffects } from './effects.ts';
import { Fleet } from './fleet.ts';
import type { FunctionPool } from './function-pool.ts';
import { Idling } from './idling.ts';
import type { GuestKind, Instance } from './instance.ts';
import type { SchedulerLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import { Room } from './room.ts';
import { Starts } from './starts.ts';
import { type SchedulerStats, statsOf } from './stats.ts';
import type { Ticket } from './ticket.ts';
import { Waiting } from './waiting.ts';

/**
 * Decides which instance serves which call, and which instances there are. Pure: time comes in as `now` (monotonic ms,
 * never going back), effects go out through `SchedulerEffects`, and nothing else matters.
 *
 * The life of a call, with its exits:
 * ```
 * submit ─► a slot is free ───────────────────────────────► assign ─► release
 *    │                                                         ▲
 *    ├─► code or machine known to fail ─► reject (that error)  │ an instance comes back (release),
 *    ├─► queue full ─► reject QUEUE_FULL                       │ or one becomes ready, whichever is first
 *    └─► waits, and an instance is started for it ─────────────┤
 *                                                              ├─► cancel
 *                                                              ├─► its start failed ─► reject (that error)
 *                                                              └─► too long with no start under way ─► reject QUEUE_TIMEOUT
 * ```
 * The driver calls `tick` when the clock reaches `nextDeadline()`, which may have moved after any call made here.
 * Reports about an instance that has gone, and a second end of a ticket, are ignored: they cross on the way.
 */
export class Scheduler {
  readonly #out: Outbox;
  readonly #fleet: Fleet;
  readonly #starts: Starts;
  readonly #waiting: Waiting;
  readonly #room: Room;
  readonly #idling: Idling;

  constructor(effects: SchedulerEffects, limits: SchedulerLimits) {
    this.#out = new Outbox(effects);
    this.#fleet = new Fleet(limits, this.#out);
    this.#room = new Room(this.#fleet);
    this.#starts = new Starts(this.#fleet, this.#room);
    this.#waiting = new Waiting(this.#fleet, this.#room, this.#starts, this.#out);
    this.#idling = new Idling(this.#fleet);
  }

  /** A call wants a slot. Exactly one of `assign`, `reject` and `cancel` follows. */
  submit(ticket: Ticket, version: FunctionVersion, now: number): void {
    if (ticket.state !== 'new') throw new Error('A ticket is submitted once.');
    ticket.version = version;
    ticket.submittedAt = now;
    const pool = this.#fleet.registry.pools.get(version.key) ?? this.#fleet.registry.poolFor(version, now);
    const instance = pool.pick();
    if (instance !== null) {
      this.#waiting.hand(ticket, instance, pool, now);
    } else {
      this.#waiting.enter(ticket, pool, now);
    }
    this.#out.flush();
  }

  /** The call was given up while it waited. When it has been assigned, end it and `release` it instead. */
  cancel(ticket: Ticket, now: number): void {
    if (ticket.state !== 'waiting') return;
    const pool = this.#fleet.registry.pools.get(ticket.version!.key)!;
    this.#waiting.leave(ticket, pool, now);
    this.#out.flush();
  }

  /** An assigned call has settled: its slot is free. */
  release(ticket: Ticket, now: number): void {
    if (ticket.state !== 'assigned') return;
    ticket.state = 'settled';
    const instance = ticket.instance!;
    if (instance.state === 'gone') return;
    const fleet = this.#fleet;
    const pool = fleet.registry.poolOf(instance)!;
    pool.settled(now - ticket.assignedAt);
    fleet.vacate(instance, pool, now);
    if (instance.state !== 'draining') this.#reuse(instance, pool, now);
    this.#out.flush();
  }

  /** A guest that `boot` asked for has loaded. Of one that was hurried it is said again, when it has. */
  booted(instance: Instance, now: number): void {
    if (instance.state === 'booting') {
      this.#starts.booted(instance, now);
    } else if (instance.hurried) {
      this.#fleet.calm(instance);
      this.#starts.settle(now);
    }
    this.#out.flush();
  }

  /** The guest's process is there. True: a call waits for it, so report it `booted` now, before it has warmed up. */
  hurries(instance: Instance): boolean {
    if (instance.state !== 'booting' || this.#fleet.registry.prewarmOf(instance).pending === 0) return false;
    this.#fleet.hurry(instance);
    return true;
  }

  /** An instance that `specialise` asked for has loaded its handler. */
  ready(instance: Instance, now: number): void {
    if (instance.state !== 'specialising') return;
    const fleet = this.#fleet;
    const pool = fleet.registry.poolOf(instance)!;
    pool.backoff.succeeded();
    fleet.ready(instance, pool, now);
    fleet.startedAt = now;
    this.#reuse(instance, pool, now);
    this.#starts.plan(pool, now);
    this.#waiting.watch(pool, now);
    this.#starts.settle(now);
    this.#out.flush();
  }

  /**
   * A boot or a specialisation failed. An error that is the function's (`blame`) ends the calls that only this start could
   * have served; one of the platform is tried again a few times first. The instance is killed.
   */
  failed(instance: Instance, error: MayflyError, now: number): void {
    if (instance.state === 'gone') return;
    this.#startFailed(instance, error, now);
    this.#fleet.kill(instance);
    this.#changed(instance, now);
    this.#out.flush();
  }

  /** It must take no further call (a call timed out, it broke the protocol, it said it ends): it is killed. */
  condemn(instance: Instance, now: number): void {
    if (instance.state === 'gone') return;
    this.#fleet.kill(instance);
    this.#changed(instance, now);
    this.#out.flush();
  }

  /** Its process has exited. Its calls are the driver's to fail; releasing their tickets is allowed and does nothing. */
  gone(instance: Instance, now: number): void {
    if (instance.state === 'gone') return;
    if (instance.state === 'booting' || instance.state === 'specialising') {
      const error = new MayflyError('SANDBOX_FAILED', 'The instance ended before it was ready.');
      this.#startFailed(instance, error, now);
    }
    this.#fleet.gone(instance);
    this.#changed(instance, now);
    this.#out.flush();
  }

  /** A version is active: keeps its provisioned instances, if any, from now on. Idempotent; undoes `retire`. */
  provision(version: FunctionVersion, now: number): void {
    const fleet = this.#fleet;
    const prewarm = fleet.registry.prewarmFor({
      runtime: guestOf(version),
      network: version.limits.network,
    });
    prewarm.used(now);
    const known = fleet.registry.pools.get(version.key);
    if (known !== undefined || version.limits.provisioned > 0) {
      const pool = known ?? fleet.registry.poolFor(version, now);
      fleet.activate(pool, true);
      this.#starts.plan(pool, now);
      this.#waiting.watch(pool, now);
    }
    this.#starts.refill(prewarm, now);
    this.#out.flush();
  }

  /**
   * Only calls under way still need the version: its instances serve them, but none is kept ready for calls to come.
   * `provision` undoes it, `retire` completes it.
   */
  linger(versionKey: string, now: number): void {
    const pool = this.#fleet.registry.pools.get(versionKey);
    if (pool === undefined) return;
    this.#fleet.linger(pool);
    // Provisioned instances have no deadline for their rest.
    for (let link = pool.idle.first; link !== null; link = link.next) {
      this.#fleet.idleDeadlines.wakeBy(link.item, now);
    }
    this.#starts.plan(pool, now);
    this.#waiting.watch(pool, now);
    this.#out.flush();
  }

  /** Instances of the version that are ready, busy or frozen, and the error that keeps it from starting others. */
  warmth(versionKey: string, now: number): { readonly ready: number; readonly error: MayflyError | null } {
    const pool = this.#fleet.registry.pools.get(versionKey);
    return pool === undefined ? { ready: 0, error: null } : { ready: pool.serving, error: pool.refusal(now) };
  }

  /**
   * No release names the version any more. Idle instances are drained now, busy ones after their call. Calls that entered
   * by it, waiting or yet to be submitted, are still served.
   */
  retire(versionKey: string, now: number): void {
    const pool = this.#fleet.registry.pools.get(versionKey);
    if (pool === undefined) return;
    this.#fleet.activate(pool, false);
    for (let link = pool.idle.first; link !== null; link = pool.idle.first) this.#fleet.drain(link.item);
    this.#starts.plan(pool, now);
    this.#waiting.watch(pool, now);
    this.#out.flush();
  }

  /** Keeps empty guests of this kind ready from now on, whether functions use it or not. */
  prewarm(kind: GuestKind, now: number): void {
    const prewarm = this.#fleet.registry.prewarmFor(kind);
    prewarm.pinned = true;
    this.#starts.refill(prewarm, now);
    this.#out.flush();
  }

  /** Whether the machine's processors have more to run than they can; asked for whenever it may have changed. */
  saturated(saturated: boolean): void {
    this.#fleet.registry.load.saturated = saturated;
  }

  /** When `tick` is to be called next, ms; Infinity: not before something else happens. May be early, is never late. */
  nextDeadline(): number {
    const fleet = this.#fleet;
    return Math.min(fleet.idleDeadlines.next(), fleet.poolDeadlines.next(), fleet.prewarmDeadlines.next());
  }

  /** Does what is due: freezes and reaps idle instances, ends waits that took too long, retries, refills. */
  tick(now: number): void {
    const fleet = this.#fleet;
    for (
      let pool = fleet.poolDeadlines.takeDue(now);
      pool !== null;
      pool = fleet.poolDeadlines.takeDue(now)
    ) {
      this.#waiting.review(pool, now);
    }
    for (
      let item = fleet.idleDeadlines.takeDue(now);
      item !== null;
      item = fleet.idleDeadlines.takeDue(now)
    ) {
      this.#idling.review(item, fleet.registry.poolOf(item)!, now);
    }
    for (
      let due = fleet.prewarmDeadlines.takeDue(now);
      due !== null;
      due = fleet.prewarmDeadlines.takeDue(now)
    ) {
      this.#starts.boot(due, now);
      this.#starts.refill(due, now);
    }
    this.#out.flush();
  }

  /** The node shuts down: waiting calls are rejected, running ones finish, everything else ends now. Final. */
  drainAll(now: number): void {
    const fleet = this.#fleet;
    fleet.closing = true;
    for (const pool of fleet.registry.pools.values()) {
      this.#waiting.rejectAll(pool);
      this.#starts.plan(pool, now);
    }
    for (const instance of fleet.instances) {
      if (instance.state === 'draining') continue;
      if (instance.version === null || instance.state === 'specialising') fleet.kill(instance);
      else fleet.drain(instance);
    }
    this.#out.flush();
  }

  stats(): SchedulerStats {
    return statsOf(this.#fleet);
  }

  /** A slot of this instance is free: the next call, another function's turn, or rest. */
  #reuse(instance: Instance, pool: FunctionPool, now: number): void {
    const fleet = this.#fleet;
    if (pool.queue.length > 0) {
      if (this.#room.yields(instance, pool, now)) fleet.drain(instance);
      else this.#waiting.serve(pool, now);
    }
    if (instance.inUse > 0 || instance.state === 'draining') return;
    pool.quietSince = now;
    if (pool.retired) {
      fleet.drain(instance);
      return;
    }
    this.#idling.rest(instance, pool);
    if (pool.project.contended) this.#starts.serve(pool.project, now);
    if (fleet.node.contended) this.#starts.serve(fleet.node, now);
  }

  #startFailed(instance: Instance, error: MayflyError, now: number): void {
    if (instance.state === 'booting') this.#fleet.registry.prewarmOf(instance).backoff.failed(error, now);
    if (instance.state === 'specialising') this.#fleet.registry.poolOf(instance)!.backoff.failed(error, now);
  }

  /** An instance is or will soon be no more: its function may need another, and others may have its room. */
  #changed(instance: Instance, now: number): void {
    const pool = this.#fleet.registry.poolOf(instance);
    if (pool !== null) {
      this.#starts.plan(pool, now);
      this.#waiting.refuse(pool, now);
      this.#waiting.watch(pool, now);
      this.#starts.serve(pool.project, now);
    } else {
      for (const starter of [...this.#fleet.registry.prewarmOf(instance).starters()])
        this.#waiting.refuse(starter, now);
    }
    this.#starts.settle(now);
  }
}
