import { type Link, LinkedList } from '../../kit/linked-list.ts';
import type { Instance } from './instance.ts';

/** A function as a level of limits sees it. */
export interface Claimant {
  /** Memory of one instance of it, MB. */
  readonly memoryMb: number;
  /** Instances and starts it holds, those that are ending not counted. */
  readonly held: number;
  /** A call waits for it, not only its provisioned concurrency. */
  readonly called: boolean;
  /** Place among those that wait for room, and since when, ms. */
  readonly blockedLink: Link<Claimant>;
  blockedSince: number;
}

/** The first in line holds everybody else back for one part in so many of the time it waits. */
const HOLD_ONE_IN = 5;

/**
 * One level of limits (a project, or the node): what is taken, what could be taken back, and who waits for room.
 *
 * Room that frees goes first to functions that have no instance at all, then to those that want another, each in turn (a
 * function that got one and wants more goes to the end of the second line), then to provisioned concurrency.
 *
 * The first in line may need more memory than the next one. While its room is on the way it is kept for it. Otherwise
 * it is kept for it by turns, each twice as long as the one before: sooner or later long enough to gather what it needs, and
 * never more than a fifth of the time, so that one large function whose room long calls occupy does not stop everybody.
 */
export class Quota<C extends Claimant> {
  readonly instancesMax: number;
  readonly memoryMbMax: number;
  /** Taken: promised, in use and ending. */
  instances = 0;
  memoryMb = 0;
  /** The part of it that will be free soon: instances told to end that serve nothing. */
  leaving = 0;
  leavingMb = 0;
  /** The part that is never given up: provisioned instances. */
  kept = 0;
  keptMb = 0;
  /** When an instance that still had calls was last told to make room, ms. */
  yieldedAt = Number.NEGATIVE_INFINITY;
  /** Instances that serve nothing, the longest idle first. */
  readonly idle = new LinkedList<Instance>();
  readonly #starving = new LinkedList<Claimant>();
  readonly #hungry = new LinkedList<Claimant>();
  readonly #provisioning = new LinkedList<Claimant>();
  #blockedMb = 0;
  readonly #holdMs: number;

  constructor(instancesMax: number, memoryMbMax: number, holdMs: number) {
    this.#holdMs = holdMs;
    this.instancesMax = instancesMax;
    this.memoryMbMax = memoryMbMax;
  }

  take(instances: number, memoryMb: number): void {
    this.instances += instances;
    this.memoryMb += memoryMb;
  }

  fits(instances: number, memoryMb: number): boolean {
    return this.instances + instances <= this.instancesMax && this.memoryMb + memoryMb <= this.memoryMbMax;
  }

  leave(sign: 1 | -1, memoryMb: number): void {
    this.leaving += sign;
    this.leavingMb += sign * memoryMb;
  }

  keep(instances: number, memoryMb: number): void {
    this.kept += instances;
    this.keptMb += memoryMb;
  }

  /** There could be room for one more instance, if all that may be given up were. */
  couldFit(memoryMb: number): boolean {
    return this.kept < this.instancesMax && this.keptMb + memoryMb <= this.memoryMbMax;
  }

  /** Some function waits here for room. */
  get contended(): boolean {
    return this.head !== null;
  }

  /** Who gets the next room. */
  get head(): C | null {
    const link = this.#starving.first ?? this.#hungry.first ?? this.#provisioning.first;
    return link === null ? null : (link.item as C);
  }

  /** Those that wait, in turn. While it is walked, only the one given out last may move. */
  *inLine(): IterableIterator<C> {
    for (const line of [this.#starving, this.#hungry, this.#provisioning]) {
      for (let link = line.first; link !== null; ) {
        const { next } = link;
        yield link.item as C;
        link = next;
      }
    }
  }

  /** Free room is kept for the first in line, even if it does not suffice yet. */
  holds(now: number): boolean {
    const { head } = this;
    if (head === null) return false;
    if (this.leaving > 0 && this.#sufficesFor(head, 0)) return true;
    const waited = now - head.blockedSince;
    const cycleMs = HOLD_ONE_IN * this.#holdMs;
    const doublings = Math.floor(Math.log2(waited / cycleMs + 1));
    return waited - cycleMs * (2 ** doublings - 1) < this.#holdMs * 2 ** doublings;
  }

  /** To end something of this size for `claimant` is of use: others would not just take the room. */
  worthFreeing(memoryMb: number, claimant: C, now: number): boolean {
    return this.#sufficesFor(claimant, memoryMb) || (claimant === this.head && this.holds(now));
  }

  #sufficesFor(claimant: Claimant, freedMb: number): boolean {
    return this.memoryMb - this.leavingMb - freedMb + claimant.memoryMb <= this.memoryMbMax;
  }

  /** What is free and what is leaving will not do for those that wait, one instance each. */
  get short(): boolean {
    const blocked = this.#starving.length + this.#hungry.length + this.#provisioning.length;
    return (
      blocked > this.instancesMax - this.instances + this.leaving ||
      this.#blockedMb > this.memoryMbMax - this.memoryMb + this.leavingMb
    );
  }

  /** Waits here. Keeps its place when it stands in the right line already. */
  block(claimant: C, now: number): void {
    const line = !claimant.called ? this.#provisioning : claimant.held === 0 ? this.#starving : this.#hungry;
    const link = claimant.blockedLink;
    if (link.list === line) return;
    this.unblock(claimant);
    line.push(link);
    claimant.blockedSince = now;
    this.#blockedMb += claimant.memoryMb;
  }

  unblock(claimant: C): void {
    const link = claimant.blockedLink;
    const stood = this.#starving.remove(link) || this.#hungry.remove(link) || this.#provisioning.remove(link);
    if (stood) this.#blockedMb -= claimant.memoryMb;
  }
}
