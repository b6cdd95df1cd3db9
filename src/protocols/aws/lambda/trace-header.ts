const ROOT = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i;
const PARENT = /(?:^|;)\s*Parent=([0-9a-f]{16})/i;
const SAMPLED = /(?:^|;)\s*Sampled=1/i;

/** An `X-Amzn-Trace-Id` as W3C `traceparent`, so that a trace goes on; null: it names no trace and its part. */
export function traceparentOf(header: string | undefined): string | null {
  const root = ROOT.exec(header ?? '');
  const parent = PARENT.exec(header ?? '');
  if (root === null || parent === null) return null;
  const text = `00-${root[1]}${root[2]}-${parent[1]}-${SAMPLED.test(header!) ? '01' : '00'}`;
  return text.toLowerCase();
}
