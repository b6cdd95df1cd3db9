/**
 * One file of a segment store, and what is known of it without reading it.
 *
 * ```
 *   open ──► sealed ──► removed
 * ```
 * `000000000012.ndjson` is open: the last one, still growing. Sealed, it is renamed once to
 * `000000000012-FROM-TO-RECORDS.ndjson`, and never changes again: a list of names is the whole index of a store.
 */
export interface Segment {
  /** Position in the order of arrival; never reused. */
  readonly number: number;
  /** File name; changes when it is sealed. */
  name: string;
  sealed: boolean;
  /** Whole frames in the file. */
  bytes: number;
  records: number;
  /** Earliest and latest time of a record, whole ms since the epoch, rounded outwards; `from > to` when empty. */
  from: number;
  to: number;
}

const NUMBER_DIGITS = 12;
/** Latest time that a date can have (ECMAScript), ms. Times outside 0 … this are kept as the nearest of the two. */
const TIME_MAX = 8_640_000_000_000_000;

export function openSegment(number: number, extension: string): Segment {
  const name = `${String(number).padStart(NUMBER_DIGITS, '0')}.${extension}`;
  return { number, name, sealed: false, bytes: 0, records: 0, from: TIME_MAX, to: 0 };
}

export function sealedName(segment: Segment): string {
  const [number, extension] = segment.name.split('.');
  return `${number}-${segment.from}-${segment.to}-${segment.records}.${extension}`;
}

/** A file name of the store's folder → the segment it names, or null for any other file. `bytes` is left 0. */
export function parseSegmentName(name: string, extension: string): Segment | null {
  const match = /^(\d{12})(?:-(\d{1,16})-(\d{1,16})-(\d{1,15}))?\.([a-z]+)$/.exec(name);
  if (match === null || match[5] !== extension) return null;
  const number = Number(match[1]);
  if (match[2] === undefined) return openSegment(number, extension);
  return {
    number,
    name,
    sealed: true,
    bytes: 0,
    from: Number(match[2]),
    to: Number(match[3]),
    records: Number(match[4]),
  };
}

/** Widens the time index by one record. */
export function includeTime(segment: Segment, time: number): void {
  const known = clampTime(time);
  if (known < segment.from) segment.from = Math.floor(known);
  if (known > segment.to) segment.to = Math.ceil(known);
}

/** Whether a record of the segment may lie in `from <= time < to`. */
export function mayHold(segment: Segment, from: number, to: number): boolean {
  return segment.records > 0 && segment.to >= clampTime(from) && segment.from <= clampTime(to);
}

/** Whether every record of the segment surely lies in `from <= time < to`. */
export function isWithin(segment: Segment, from: number, to: number): boolean {
  const exact = segment.from > 0 && segment.to < TIME_MAX;
  return exact && from <= segment.from && segment.to < to;
}

function clampTime(time: number): number {
  return time > 0 ? Math.min(time, TIME_MAX) : 0;
}
