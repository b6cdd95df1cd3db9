/** Positions of the first and the last byte. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a Range header asks of something: its unit and the parts. */
type Ranges = Range[] & { type?: string };

/**
 * Reads a Range header against something of `size` bytes; with `combine`, parts that overlap or touch become one.
 * @returns -1 when no part can be given, -2 when it is no Range header
 */
export function readRange(header: string, size: number, combine: boolean): Ranges | -1 | -2 {
  const equals = header.indexOf('=');
  if (equals < 0) return -2;
  const ranges: Ranges = [];
  for (const part of header.slice(equals + 1).split(',')) {
    const range = readPart(part, size);
    if (range === null) return -2;
    if (range.start <= range.end && range.start >= 0) ranges.push(range);
  }
  if (ranges.length === 0) return -1;
  const given: Ranges = combine ? combined(ranges) : ranges;
  given.type = header.slice(0, equals);
  return given;
}

/** `0-5`, `50-`, `-7`; null when it is none of them. */
function readPart(part: string, size: number): Range | null {
  const [, first, last] = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(part) ?? [];
  if (first === undefined || last === undefined || first + last === '') return null;
  const end = last === '' ? size - 1 : Number.parseInt(last, 10);
  if (first === '') return { start: size - end, end: size - 1 };
  return { start: Number.parseInt(first, 10), end: Math.min(end, size - 1) };
}

/** In the order in which their first parts were asked for. */
function combined(ranges: readonly Range[]): Range[] {
  const ordered = ranges
    .map((range, index) => ({ ...range, index }))
    .sort((left, right) => left.start - right.start);
  const kept: { start: number; end: number; index: number }[] = [];
  for (const range of ordered) {
    const last = kept.at(-1);
    if (last === undefined || range.start > last.end + 1) {
      kept.push({ ...range });
    } else if (range.end > last.end) {
      last.end = range.end;
      last.index = Math.min(last.index, range.index);
    }
  }
  return kept.sort((left, right) => left.index - right.index).map(({ start, end }) => ({ start, end }));
}
