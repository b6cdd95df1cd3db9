import { processTree, residentBytes } from './process-tree.ts';

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
    for (const watched of [...this.#watched]) {
      if (watched.paused) continue;
      const bytes = usedBytes(watched.pid);
      watched.peakBytes = Math.max(watched.peakBytes, bytes);
      if (bytes > watched.limitBytes) watched.onExceeded();
    }
  }
}

export const usedBytes = (pid: number): number =>
  processTree(pid).reduce((sum, each) => sum + residentBytes(each), 0);
