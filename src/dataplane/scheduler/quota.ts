import { type Link, LinkedList } from '../../kit/linked-list.ts';
import type { Instance } from './instance.ts';

/** A function as a level of limits sees it. */
export interface Claimant {
  /** Memory of one instance of it, MB. */
  readonly memoryMb: number;
  /** Instances and starts it holds, those that are ending not counted. */
  readonly held: number;
  /** Place among those that wait for room. */
  readonly blockedLink: Link<Claimant>;
}

/**
 * One level of limits (a project, or the node): what is taken, what could be taken back, and who waits for room.
 *
 * Room that frees goes first to functions that have no instance at all, then to those that want another, each in turn
 * (a function that got one and wants more goes to the end of the second line).
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
  /** When an instance that still had calls was last told to make room, ms. */
  yieldedAt = Number.NEGATIVE_INFINITY;
  /** Instances that serve nothing, the longest idle first. */
  readonly idle = new LinkedList<Instance>();
  readonly #starving = new LinkedList<Claimant>();
  readonly #hungry = new LinkedList<Claimant>();
  #blockedMb = 0;

  constructor(instancesMax: number, memoryMbMax: number) {
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

  /** Some function waits here for room. */
  get contended(): boolean {
    return this.#starving.first !== null || this.#hungry.first !== null;
  }

  /** Who gets the next room. */
  get head(): C | null {
    const link = this.#starving.first ?? this.#hungry.first;
    return link === null ? null : (link.item as C);
  }

  /** What is free and what is leaving will not do for those that wait, one instance each. */
  get short(): boolean {
    const blocked = this.#starving.length + this.#hungry.length;
    return (
      blocked > this.instancesMax - this.instances + this.leaving ||
      this.#blockedMb > this.memoryMbMax - this.memoryMb + this.leavingMb
    );
  }

  /** Waits here; true: it did not before. Keeps its place when it stands in the right line already. */
  block(claimant: C): boolean {
    const line = claimant.held === 0 ? this.#starving : this.#hungry;
    const link = claimant.blockedLink;
    if (link.list === line) return false;
    this.unblock(claimant);
    line.push(link);
    this.#blockedMb += claimant.memoryMb;
    return true;
  }

  unblock(claimant: C): void {
    const link = claimant.blockedLink;
    if (this.#starving.remove(link) || this.#hungry.remove(link)) this.#blockedMb -= claimant.memoryMb;
  }
}
