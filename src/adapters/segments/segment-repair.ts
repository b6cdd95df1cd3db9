import type { SegmentCodec } from './codec.ts';
import { includeTime, type Segment } from './segment.ts';
import type { SegmentDirectory } from './segment-directory.ts';
import { TimeSlice } from './time-slice.ts';

/**
 * A segment that was open when the process ended: cuts off a torn end, finds what is in it, and seals it.
 * One without a whole record is removed, and stays unsealed.
 */
export async function repairSegment<T>(
  segment: Segment,
  directory: SegmentDirectory,
  codec: SegmentCodec<T>,
  sliceMs: number,
): Promise<void> {
  const bytes = await directory.read(segment);
  const decoder = codec.decoder(bytes ?? Buffer.alloc(0));
  const slice = new TimeSlice(sliceMs);
  for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
    segment.records++;
    includeTime(segment, codec.timeOf(record));
    if (slice.due()) await slice.turn();
  }
  if (segment.records === 0) {
    await directory.remove(segment);
    return;
  }
  segment.bytes = decoder.wholeBytes;
  await directory.cut(segment);
  await directory.seal(segment);
}
