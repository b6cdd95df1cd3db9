import type { EventResult } from '../../../ports/invoker.ts';
import type { LogReader } from '../../../ports/log-reader.ts';

/** As much as Lambda answers. */
const TAIL_BYTES = 4_096;
const LINES_MAX = 1_000;

interface TailedCall {
  readonly app: string;
  readonly environment: string;
  readonly version: string;
  readonly memoryMb: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly result: Pick<EventResult, 'requestId' | 'durationMs' | 'initMs' | 'billedMs' | 'peakMemoryMb'>;
}

/** The end of what a call logged, with Lambda's own lines around it, base64. */
export async function logTailOf(
  logs: LogReader,
  { app, environment, version, memoryMb, startedAt, result }: TailedCall,
  signal: AbortSignal,
): Promise<string> {
  const { requestId } = result;
  const query = { app, environment, request: requestId, since: startedAt, limit: LINES_MAX };
  const lines = [`START RequestId: ${requestId} Version: ${version}`];
  for await (const { time, level, message } of logs.query(query, { apps: null, signal }))
    lines.push(`${new Date(time).toISOString()}\t${requestId}\t${level.toUpperCase()}\t${message}`);
  lines.push(`END RequestId: ${requestId}`, reportOf(result, memoryMb));
  const text = Buffer.from(`${lines.join('\n')}\n`);
  return text.subarray(Math.max(0, text.length - TAIL_BYTES)).toString('base64');
}

/** `Init Duration` stands for a cold start only; what memory an instance that has gone used is not known. */
function reportOf(
  { requestId, durationMs, billedMs, initMs, peakMemoryMb }: TailedCall['result'],
  memoryMb: number,
): string {
  const rows = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${billedMs} ms`,
    `Memory Size: ${memoryMb} MB`,
    ...(peakMemoryMb === null ? [] : [`Max Memory Used: ${Math.ceil(peakMemoryMb)} MB`]),
    ...(initMs > 0 ? [`Init Duration: ${initMs.toFixed(2)} ms`] : []),
  ];
  return `${rows.join('\t')}\t`;
}
