import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, LogQuery } from '../contract/control-api.ts';
import { MayflyError } from '../domain/errors.ts';
import { type ApiClient, apiPath } from './api-client.ts';

const RECONNECT_DELAY_MS = 500;

/**
 * The log as it grows, across restarts of the node: when the connection breaks it comes back from the time of the last line it
 * gave, leaving out what it gave already. Ends only by throwing: `signal.reason`, or what the node answers when it refuses.
 * @param onLost told once each time that the node goes away
 */
export async function* followLogs(
  client: ApiClient,
  query: LogQuery,
  signal: AbortSignal,
  onLost: (error: MayflyError) => void,
): AsyncGenerator<LogLine, void> {
  let since = query.since;
  let lost = false;
  /** Lines already given whose time is `since`. */
  let given = new Set<string>();
  for (;;) {
    try {
      for await (const line of client.lines<LogLine>(apiPath('logs'), { ...query, since, follow: true })) {
        lost = false;
        const key = JSON.stringify(line);
        if (line.time === since && given.has(key)) continue;
        if (since === undefined || line.time > since) {
          since = line.time;
          given = new Set();
        }
        if (line.time === since) given.add(key);
        yield line;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MayflyError) || !error.retryable) throw error;
      if (!lost) onLost(error);
      lost = true;
    }
    await sleep(RECONNECT_DELAY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    since ??= Date.now() - RECONNECT_DELAY_MS;
  }
}
