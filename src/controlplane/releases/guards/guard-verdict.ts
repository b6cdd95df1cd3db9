/** What the guards of a canary say about it, at one moment. */
export interface GuardVerdict {
  /**
   * - `fine`: enough calls were seen, and nothing speaks against the canary
   * - `waiting`: too few calls to say anything
   * - `bad`: it is worse than the stable release by more than is tolerated
   */
  readonly kind: 'fine' | 'waiting' | 'bad';
  /** A sentence for the history and for whoever looks: which guard, which figures. */
  readonly reason: string;
  readonly figures: readonly GuardFigures[];
}

/** What one guard compared. */
export interface GuardFigures {
  /** `errors`, `p99`, `coldStarts`, or `metric.NAME`. */
  readonly guard: string;
  /** A share of the calls (`errors`, `coldStarts`, `p99`: those slower than tolerated), or a mean a call (`metric.NAME`). */
  readonly stable: number;
  readonly canary: number;
  /** How much more the canary may have. */
  readonly tolerated: number;
  /** Chance of figures at least this bad, were the canary just tolerable. */
  readonly pValue: number;
  /** What the guard may spend of the false-alarm chance at this look; it speaks up when `pValue` is not above it. */
  readonly threshold: number;
}
