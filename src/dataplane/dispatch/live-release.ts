import type { AppSnapshot } from '../../domain/snapshot.ts';

/** Told of a release that its environment names no more. */
export interface ReleaseKeeper {
  /** A call entered it again: its caller chose it while it was still named. */
  entered(release: LiveRelease): void;
  /** Its last call has ended. */
  left(release: LiveRelease): void;
}

/** A release as it is served, and how many calls belong to it now. */
export class LiveRelease {
  readonly snapshot: AppSnapshot;
  /** A track or a candidate of its environment. */
  current = false;
  #calls = 0;
  readonly #keeper: ReleaseKeeper;

  constructor(snapshot: AppSnapshot, keeper: ReleaseKeeper) {
    this.snapshot = snapshot;
    this.#keeper = keeper;
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls;
  }

  enter(): void {
    if (this.#calls++ === 0 && !this.current) this.#keeper.entered(this);
  }

  leave(): void {
    if (--this.#calls === 0 && !this.current) this.#keeper.left(this);
  }
}
