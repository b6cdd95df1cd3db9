import { type Link, LinkedList } from '../../kit/linked-list.ts';
import type { GuestKind, Instance } from './instance.ts';
import type { SchedulerLimits } from './limits.ts';
import { StartBackoff } from './start-backoff.ts';

/** A function that waits for an empty guest. */
export interface Starter {
  /** Starts of it that have no guest yet. */
  pending: number;
  /** A call waits for it, not only its provisioned concurrency. */
  readonly called: boolean;
  readonly pendingLink: Link<Starter>;
}

/** The rate of takes is averaged over about this time, ms. */
const TAKE_RATE_WINDOW_MS = 5_000;

/** The empty guests of one kind: those that wait, those that boot, and the starts that wait for one. */
export class PrewarmPool<S extends Starter> {
  readonly kind: GuestKind;
  /** Booted and waiting for a function; the last one in is the first one out. */
  readonly idle = new LinkedList<Instance>();
  booting = 0;
  /** Guests that were given a function before they had booted, and still boot. */
  hurried = 0;
  /** Starts that wait for a guest, over all functions. */
  pending = 0;
  /** Room that the node holds for guests that boot or will be booted: the greater of the two numbers above. */
  seats = 0;
  /** Kept at its minimum even if nothing ever starts. */
  pinned = false;
  readonly backoff: StartBackoff;
  /** Since when there are fewer guests than wanted, ms; Infinity: there are enough. */
  shortSince = Number.POSITIVE_INFINITY;
  deadline = 0;
  heapIndex = -1;

  readonly #starters = new LinkedList<Starter>();
  readonly #limits: SchedulerLimits;
  #takesPerMs = 0;
  #takenAt = Number.NEGATIVE_INFINITY;
  #usedAt = Number.NEGATIVE_INFINITY;

  constructor(kind: GuestKind, limits: SchedulerLimits) {
    this.kind = kind;
    this.#limits = limits;
    this.backoff = new StartBackoff(limits);
  }

  /** A start waits for the next guest. */
  expect(starter: S): void {
    starter.pending++;
    this.pending++;
    if (starter.pending === 1) this.#starters.push(starter.pendingLink);
  }

  /** It no longer does. */
  forget(starter: S): void {
    starter.pending--;
    this.pending--;
    if (starter.pending === 0) this.#starters.remove(starter.pendingLink);
  }

  /** Whose turn it is to get a guest: functions with a waiting call first, each in turn. Its start is still to be taken off. */
  next(): S | null {
    let link = this.#starters.first;
    while (link !== null && !link.item.called) link = link.next;
    link ??= this.#starters.first;
    if (link === null) return null;
    this.#starters.remove(link);
    this.#starters.push(link);
    return link.item as S;
  }

  *starters(): IterableIterator<S> {
    for (let link = this.#starters.first; link !== null; link = link.next) yield link.item as S;
  }

  /** A function of this kind was deployed or called. */
  used(now: number): void {
    this.#usedAt = now;
  }

  /** A start took, or wanted to take, a guest. */
  taken(now: number): void {
    this.#usedAt = now;
    this.#takesPerMs = this.#rate(now) + 1 / TAKE_RATE_WINDOW_MS;
    this.#takenAt = now;
  }

  /** Guests to keep ready now: as many as are taken in a second. */
  target(now: number): number {
    const { prewarmMin, prewarmMax } = this.#limits;
    if (!this.pinned && now >= this.idleAt) return 0;
    return Math.max(prewarmMin, Math.min(prewarmMax, Math.round(this.#rate(now) * 1_000)));
  }

  /** When a kind that nobody pinned and nothing uses loses its guests, ms. */
  get idleAt(): number {
    return this.pinned ? Number.POSITIVE_INFINITY : this.#usedAt + this.#limits.prewarmKindIdleMs;
  }

  /** When there may be too many guests although none was booted or taken, ms. */
  reviewAt(now: number): number {
    return this.target(now) > this.#limits.prewarmMin ? now + TAKE_RATE_WINDOW_MS : this.idleAt;
  }

  #rate(now: number): number {
    return this.#takesPerMs === 0
      ? 0
      : this.#takesPerMs * Math.exp((this.#takenAt - now) / TAKE_RATE_WINDOW_MS);
  }
}
