import { type ErrorCode, MayflyError } from '../../domain/errors.ts';
import type { Link } from '../../kit/linked-list.ts';
import type { Fleet } from './fleet.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Instance } from './instance.ts';
import type { Outbox } from './outbox.ts';
import type { Room } from './room.ts';
import type { Starts } from './starts.ts';
import type { Ticket } from './ticket.ts';

/** What a function's rhythm taught is kept this many times the longest keep-alive after it was last seen. */
const FORGET_KEEP_ALIVES = 2;

/** Calls that wait: how they come in, how they get an instance, and why they are turned away. */
export class Waiting {
  readonly #fleet: Fleet;
  readonly #room: Room;
  readonly #starts: Starts;
  readonly #out: Outbox;

  constructor(fleet: Fleet, room: Room, starts: Starts, out: Outbox) {
    this.#fleet = fleet;
    this.#room = room;
    this.#starts = starts;
    this.#out = out;
  }

  /** No slot is free: the call waits and a start is made for it, unless it must be refused. */
  enter(ticket: Ticket, pool: FunctionPool, now: number): void {
    const fleet = this.#fleet;
    if (this.#isTurnedAway(ticket, pool, now)) {
      this.watch(pool, now);
      return;
    }
    if (pool.empty && pool.everCalled) pool.keepAlive.record(now - pool.quietSince);
    const leaving = fleet.node.leaving + pool.project.leaving;
    ticket.state = 'waiting';
    pool.queue.push(ticket.link);
    this.#starts.plan(pool, now);
    // A call for which an idle instance was just ended does not count: its room is on the way.
    const roomComes = fleet.node.leaving + pool.project.leaving > leaving;
    if (pool.uncovered > pool.limits.queueMax && !roomComes) {
      pool.queue.remove(ticket.link);
      this.#reject(ticket, pool, null, 'QUEUE_FULL', pool.retryAfterMs());
      this.#starts.plan(pool, now);
    }
    this.watch(pool, now);
    this.#starts.refill(pool.prewarm, now);
  }

  /** Rejects at once a call that no waiting could help. */
  #isTurnedAway(ticket: Ticket, pool: FunctionPool, now: number): boolean {
    if (this.#fleet.closing) {
      this.#reject(ticket, pool, null, 'SHUTTING_DOWN', 0);
      return true;
    }
    const error = this.#refusal(pool, now);
    // Starts that were under way when another failed may still succeed: as many as they can serve may wait for them.
    if (error === null || pool.queue.length < pool.specialising * pool.limits.perInstance) return false;
    this.#reject(ticket, pool, error, error.code, pool.retryAt(now) - now);
    return true;
  }

  leave(ticket: Ticket, pool: FunctionPool, now: number): void {
    pool.queue.remove(ticket.link);
    ticket.state = 'settled';
    this.#starts.plan(pool, now);
    this.watch(pool, now);
    this.#starts.refill(pool.prewarm, now);
  }

  /** Gives the call to an instance with a free slot. */
  hand(ticket: Ticket, instance: Instance, pool: FunctionPool, now: number): void {
    if (instance.inUse === 0 && instance.served > 0) pool.keepAlive.record(now - instance.idleSince);
    this.#fleet.occupy(instance, pool);
    ticket.state = 'assigned';
    ticket.assignedAt = now;
    ticket.instance = instance;
    this.#out.assign(ticket, instance);
  }

  /** Slots are free: the oldest calls take them. */
  serve(pool: FunctionPool, now: number): void {
    for (;;) {
      const first = pool.queue.first;
      const instance = first === null ? null : pool.pick();
      if (first === null || instance === null) break;
      pool.queue.remove(first);
      this.hand(first.item, instance, pool, now);
    }
    if (pool.pending === 0 && pool.blockedOn === null) return;
    this.#starts.plan(pool, now);
    // The plan may have dropped starts: their calls wait for busy instances now, and not for ever.
    this.watch(pool, now);
  }

  /** While starts are refused, calls that only a start could serve are turned away with the error that refuses them. */
  refuse(pool: FunctionPool, now: number): void {
    const error = this.#refusal(pool, now);
    if (error === null) return;
    const covered = pool.specialising * pool.limits.perInstance;
    const retryAfterMs = pool.retryAt(now) - now;
    while (pool.queue.length > covered) {
      this.#reject(pool.queue.first!.item, pool, error, error.code, retryAfterMs);
    }
    this.#starts.plan(pool, now);
    this.watch(pool, now);
  }

  rejectAll(pool: FunctionPool): void {
    while (pool.queue.first !== null) this.#reject(pool.queue.first.item, pool, null, 'SHUTTING_DOWN', 0);
  }

  /** Its deadline has come, early perhaps: whatever is due for this function. */
  review(pool: FunctionPool, now: number): void {
    if (pool.empty && (pool.retired || now >= this.#forgetAt(pool)) && pool.provisioned === 0) {
      this.#fleet.registry.forget(pool);
      return;
    }
    this.#starts.plan(pool, now);
    for (let link = this.#firstUncovered(pool); link !== null; link = this.#firstUncovered(pool)) {
      if (this.#timeoutAt(link.item, pool) > now) break;
      pool.queue.remove(link);
      this.#reject(link.item, pool, null, 'QUEUE_TIMEOUT', pool.retryAfterMs());
      this.#starts.plan(pool, now);
    }
    this.refuse(pool, now);
    this.watch(pool, now);
  }

  /** Sees to it that `review` comes when something is due for this function. */
  watch(pool: FunctionPool, now: number): void {
    const deadlines = this.#fleet.poolDeadlines;
    if (pool.empty && pool.provisioned === 0) {
      deadlines.wakeBy(pool, pool.retired ? now : Math.max(now, this.#forgetAt(pool)));
      return;
    }
    const uncovered = pool.uncovered > 0;
    if (uncovered) {
      // The oldest call is a good guess and found at once; the right one may be far back in the line.
      let at = this.#timeoutAt(pool.queue.first!.item, pool);
      if (at <= now) at = this.#timeoutAt(this.#firstUncovered(pool)!.item, pool);
      deadlines.wakeBy(pool, Math.max(now, Math.min(at, pool.holdEndsAt(now))));
    }
    if (uncovered || pool.starts < pool.provisioned - pool.serving) {
      const retryAt = pool.retryAt(now);
      if (retryAt > now) deadlines.wakeBy(pool, retryAt);
    }
  }

  /** Why calls that only a start could serve have no hope now; null: they have. */
  #refusal(pool: FunctionPool, now: number): MayflyError | null {
    if (pool.held === 0 && !this.#room.possible(pool)) {
      const text = `No room for an instance of ${pool.memoryMb} MB beside the provisioned instances.`;
      return new MayflyError('SANDBOX_FAILED', text);
    }
    return pool.serving > 0 ? null : pool.refusal(now);
  }

  #reject(
    ticket: Ticket,
    pool: FunctionPool,
    cause: MayflyError | null,
    code: ErrorCode,
    retryAfterMs: number,
  ): void {
    pool.queue.remove(ticket.link);
    ticket.state = 'settled';
    this.#out.reject(ticket, code, retryAfterMs, cause);
  }

  #forgetAt(pool: FunctionPool): number {
    return pool.quietSince + FORGET_KEEP_ALIVES * this.#fleet.limits.keepAliveMaxMs;
  }

  /** The oldest waiting call that no start in flight will serve: the time it may wait runs. */
  #firstUncovered(pool: FunctionPool): Link<Ticket> | null {
    if (pool.uncovered <= 0) return null;
    let link = pool.queue.first;
    for (let covered = pool.starts * pool.limits.perInstance; covered > 0 && link !== null; covered--)
      link = link.next;
    return link;
  }

  #timeoutAt(ticket: Ticket, pool: FunctionPool): number {
    return ticket.submittedAt + pool.limits.queueTimeoutMs;
  }
}
