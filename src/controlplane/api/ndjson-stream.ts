import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/**
 * Sends each item as a line of JSON (https://github.com/ndjson/ndjson-spec), waiting while the client does not take
 * more. A client that takes nothing for `stalledMs` is cut off. Resolves when all was sent, or nobody listens.
 */
export async function sendNdjson(
  response: ServerResponse,
  items: AsyncIterable<unknown>,
  stalledMs: number,
): Promise<void> {
  const gone = closed(response);
  try {
    for await (const item of items) {
      if (response.destroyed) return;
      if (response.write(`${JSON.stringify(item)}\n`)) continue;
      await once(response, 'drain', {
        signal: AbortSignal.any([AbortSignal.timeout(stalledMs), gone]),
      });
    }
    response.end();
  } catch {
    // Headers are out: a cut connection is the only way left to say that lines are missing.
    response.destroy();
  }
}

function closed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  else response.once('close', () => controller.abort());
  return controller.signal;
}
