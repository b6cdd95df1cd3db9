import { childrenByParent, processTree, residentBytes } from './process-tree.ts';

/** How often the watchdog looks. A process can pass its bound by what it allocates in this time. */
const LOOK_EVERY_MS = 100;

export interface Watched {
  /** First process of the tree whose resident memory counts. */
  readonly pid: number;
  limitBytes: number;
  /** Frozen trees cannot grow and are not looked at. */
  paused: boolean;
  peakBytes: number;
  readonly onExceeded: () => void;
}

/** Bounds memory where no cgroup does: adds up the resident memory of each sandbox's processes, on Linux. */
export class MemoryWatchdog {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  watch(watched: Watched): void {
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const active = [...this.#watched].filter((watched) => !watched.paused);
    if (active.length === 0) return;
    const children = childrenByParent();
    for (const watched of active) {
      const bytes = usedBytes(watched.pid, children);
      watched.peakBytes = Math.max(watched.peakBytes, bytes);
      if (bytes > watched.limitBytes) watched.onExceeded();
    }
  }
}

export const usedBytes = (pid: number, children = childrenByParent()): number =>
  processTree(pid, children).reduce((sum, each) => sum + residentBytes(each), 0);
