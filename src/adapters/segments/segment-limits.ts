/** Bounds of one segment store. */
export interface SegmentLimits {
  /** A record waits no longer in memory before it is written, ms. */
  readonly flushIntervalMs: number;
  /** So many bytes waiting are written without waiting for the interval. */
  readonly flushBytes: number;
  /** Written bytes are forced to the device at most this late, ms; a power cut loses no more, a kill loses none. */
  readonly syncIntervalMs: number;
  /** After a failed write the next attempt waits, ms. */
  readonly retryMs: number;
  /** Records, and bytes of them (estimated), that may wait in memory; more are dropped. */
  readonly pendingRecordsMax: number;
  readonly pendingBytesMax: number;
  /** A segment is sealed at this size, or at this age of its first record's arrival, ms. */
  readonly segmentBytesMax: number;
  readonly segmentMsMax: number;
  /** All segments together; the oldest go first. */
  readonly bytesMax: number;
  /** A sealed segment goes when its newest record is older than this, ms. */
  readonly ageMsMax: number;
  /** Work on the event loop without a pause, ms. */
  readonly sliceMs: number;
  /** Age and rotation are looked at so often when nothing is appended, ms. */
  readonly maintenanceIntervalMs: number;
}

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

const COMMON = {
  flushIntervalMs: 100,
  flushBytes: MIB,
  syncIntervalMs: 1_000,
  retryMs: 1_000,
  pendingRecordsMax: 100_000,
  pendingBytesMax: 64 * MIB,
  segmentMsMax: 3_600_000,
  sliceMs: 1,
  maintenanceIntervalMs: 60_000,
};

/** 1 GiB and 14 days of log lines. */
export const LOG_SEGMENT_LIMITS: SegmentLimits = {
  ...COMMON,
  segmentBytesMax: 8 * MIB,
  bytesMax: 1024 * MIB,
  ageMsMax: 14 * DAY_MS,
};

/** 8 GiB (about 75 million calls) and 400 days of the ledger: a year can be checked against the one before. */
export const USAGE_SEGMENT_LIMITS: SegmentLimits = {
  ...COMMON,
  segmentBytesMax: 16 * MIB,
  bytesMax: 8 * 1024 * MIB,
  ageMsMax: 400 * DAY_MS,
};
