import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { newSpaceBytes } from './new-space.ts';

/** V8's space for new objects stops growing at this size or at the next doubling, bytes; by itself it grows to 64 MB. */
const NEW_SPACE_BYTES = 12 * 1024 * 1024;

interface Heap {
  newSpaceBytes(): number;
  /** The factor by which the space grows when a collection leaves much in it; 1: not at all. */
  growNewSpaceBy(factor: number): void;
}

const V8: Heap = {
  newSpaceBytes,
  growNewSpaceBy: (factor) => setFlagsFromString(`--semi-space-growth-factor=${factor}`),
};

/**
 * Keeps V8's space for new objects small under load. What a call allocates is garbage when the call has ended, so a larger
 * space saves nothing but the number of its collections, which take no longer each. Begin when everything is loaded: V8 takes
 * no code from caches that were made with other flags.
 */
export class NewSpaceBound {
  readonly #observer: PerformanceObserver;
  readonly #heap: Heap;
  #grows = true;

  constructor(bytes: number = NEW_SPACE_BYTES, heap: Heap = V8) {
    this.#heap = heap;
    // It grows at the end of a collection, and by one step.
    this.#observer = new PerformanceObserver(() => this.#look(bytes));
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#look(bytes);
  }

  stop(): void {
    this.#observer.disconnect();
    this.#grow(true);
  }

  #look(bytes: number): void {
    this.#grow(this.#heap.newSpaceBytes() < bytes);
  }

  #grow(grows: boolean): void {
    if (grows === this.#grows) return;
    this.#grows = grows;
    this.#heap.growNewSpaceBy(grows ? 2 : 1);
  }
}
