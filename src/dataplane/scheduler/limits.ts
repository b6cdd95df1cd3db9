/** Bounds and times of one node's scheduler. A function's own are in `FunctionLimits`. */
export interface SchedulerLimits {
  /** Sandboxes at a time on this node: empty, in use, idle and ending. */
  readonly instancesMax: number;
  /** Memory that all sandboxes together may be promised, MB. */
  readonly memoryMbMax: number;
  /** Instances at a time of one project. */
  readonly projectInstancesMax: number;
  /** What an empty guest is accounted for, MB. */
  readonly genericMemoryMb: number;
  /**
   * Guests of one kind that boot at a time. Booting is CPU work: more at once than a few per core finish no sooner together, and
   * the first finishes later.
   */
  readonly bootsParallelMax: number;
  /** Starts at once for a function of which no call has ended yet: its pace may make more of them needless. */
  readonly startsUnknownMax: number;
  /** A call is not worth a start when, at the function's own pace, a busy instance should take it within this, ms. */
  readonly startHoldMs: number;
  /** A call that has waited this long gets its start whatever the pace was: somebody has become slow, ms. */
  readonly startHoldMaxMs: number;
  /** The same while the machine's processors have more to run than they can: more instances would only slow all down. */
  readonly startHoldSaturatedMs: number;
  /** Empty guests kept booted per kind: at least, and at most when functions start often. */
  readonly prewarmMin: number;
  readonly prewarmMax: number;
  /** Refill begins when no start has happened for this long, ms: the call that took the guest runs undisturbed. */
  readonly prewarmQuietMs: number;
  /** Refill waits for starts in flight and for quiet no longer than this, ms: one slow init must not empty the pool. */
  readonly prewarmHoldMs: number;
  /** Refill waits no longer than this for a saturated machine to have time again, ms. */
  readonly prewarmSaturatedMs: number;
  /** A kind that nobody asked to keep and that no start took from for this long keeps no empty guest, ms. */
  readonly prewarmKindIdleMs: number;
  /**
   * An instance idle for this long is frozen, ms. Ten calls a second or more never freeze; a slower trickle pays one
   * thaw (about 50 µs) a call; code that runs on after its call gets at most this much unbilled time.
   */
  readonly idleFreezeMs: number;
  /** Bounds of a learned keep-alive, and what holds before anything was learned, ms. */
  readonly keepAliveMinMs: number;
  readonly keepAliveDefaultMs: number;
  readonly keepAliveMaxMs: number;
  /** An instance idle for this long may be ended to make room for any other function, ms. */
  readonly evictIdleMs: number;
  /** How long a function keeps its only instance busy while another waits with none, ms. A few times a cold start. */
  readonly fairTenureMs: number;
  /** First and longest pause after code that failed to load, ms; it doubles in between. */
  readonly initBackoffMinMs: number;
  readonly initBackoffMaxMs: number;
  /** Starts that the platform failed, tried again before calls are rejected. */
  readonly platformRetriesMax: number;
  /** First and longest pause after a start that the platform failed, ms; it doubles in between. */
  readonly platformBackoffMinMs: number;
  readonly platformBackoffMaxMs: number;
}

/** Good for a machine of two to four cores; a node sets the first three from what it has. */
export const DEFAULT_SCHEDULER_LIMITS: SchedulerLimits = Object.freeze({
  instancesMax: 1_000,
  memoryMbMax: 65_536,
  projectInstancesMax: 1_000,
  genericMemoryMb: 64,
  bootsParallelMax: 4,
  startsUnknownMax: 4,
  startHoldMs: 2,
  startHoldMaxMs: 20,
  startHoldSaturatedMs: 200,
  prewarmMin: 4,
  prewarmMax: 16,
  prewarmQuietMs: 10,
  prewarmHoldMs: 100,
  prewarmSaturatedMs: 1_000,
  prewarmKindIdleMs: 600_000,
  idleFreezeMs: 100,
  keepAliveMinMs: 10_000,
  keepAliveDefaultMs: 60_000,
  keepAliveMaxMs: 900_000,
  evictIdleMs: 1_000,
  fairTenureMs: 200,
  initBackoffMinMs: 1_000,
  initBackoffMaxMs: 30_000,
  platformRetriesMax: 3,
  platformBackoffMinMs: 50,
  platformBackoffMaxMs: 5_000,
});
