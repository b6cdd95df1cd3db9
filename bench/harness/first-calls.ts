import { getRequest, HttpConnection } from './http-connection.ts';
import type { BenchNode } from './node.ts';

/**
 * Times of the first call of each URL, one after the other, ms; each begins when the node is at rest again and keeps
 * `prewarmed` empty guests. The connection is there already: what is timed is the call.
 */
export async function firstCalls(
  node: BenchNode,
  urls: readonly string[],
  prewarmed: number,
): Promise<number[]> {
  const connection = await HttpConnection.open(node.gatewayUrl);
  const times: number[] = [];
  try {
    for (const url of urls) {
      await node.quiet(prewarmed);
      const request = getRequest(url);
      const started = performance.now();
      const status = await connection.exchange(request);
      times.push(performance.now() - started);
      if (status !== 200) throw new Error(`${url} answered ${status}.`);
    }
  } finally {
    connection.close();
  }
  return times;
}
