import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { getRequest, HttpConnection } from './http-connection.ts';
import { quantile } from './statistics.ts';

/** What a closed loop found: every connection sends its next request when the answer to the last is there. */
export interface ClosedLoop {
  readonly perSecond: number;
  readonly requests: number;
  /** Answers that were not 2xx, and broken connections. */
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What an open loop found: requests leave on time, whether earlier ones were answered or not. */
export interface OpenLoop {
  readonly sent: number;
  readonly perSecond: number;
  readonly errors: number;
  /** From the moment a request was due, not from when a connection was free for it (coordinated omission). */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Path of `wrk`. @throws Error that says how to get it */
function wrkPath(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'wrk');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(
    'This scenario needs the load generator "wrk": apt-get install wrk (Debian, Ubuntu), brew install wrk.',
  );
}

const MS_OF: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 };

/** A closed loop of `connections` by wrk, on one thread: the other core is the server's. */
export async function closedLoop(
  url: string,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<ClosedLoop> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s', url];
  const { stdout } = await promisify(execFile)(wrkPath(), args);
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0);
  const latency = (share: string): number => {
    const [, value, unit] = new RegExp(`\\s${share}%\\s+([\\d.]+)(us|ms|s|m)\\s`).exec(stdout) ?? [];
    return Number(value) * (MS_OF[unit ?? ''] ?? Number.NaN);
  };
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout);
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    errors:
      number(/Non-2xx or 3xx responses: (\d+)/) +
      (socketErrors?.slice(1).reduce((sum, text) => sum + Number(text), 0) ?? 0),
    p50Ms: latency('50'),
    p99Ms: latency('99'),
  };
}

/** Times of `count` requests one after the other on one connection, ms. @throws Error at an answer that is not 200 */
export async function oneByOne(url: string, count: number): Promise<Float64Array> {
  const connection = await HttpConnection.open(url);
  const request = getRequest(url);
  const times = new Float64Array(count);
  try {
    for (let i = 0; i < count; i++) {
      const started = performance.now();
      const status = await connection.exchange(request);
      times[i] = performance.now() - started;
      if (status !== 200) throw new Error(`${url} answered ${status}.`);
    }
  } finally {
    connection.close();
  }
  return times;
}

/**
 * Times of the requests of one client for each address, each in a closed loop, for as long as `work` takes, ms.
 * @throws Error at an answer that is not 200
 */
export async function whileBusy(urls: readonly string[], work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let over = false;
  const client = async (url: string): Promise<void> => {
    const connection = await HttpConnection.open(url);
    const request = getRequest(url);
    try {
      while (!over) {
        const started = performance.now();
        const status = await connection.exchange(request);
        times.push(performance.now() - started);
        if (status !== 200) throw new Error(`${url} answered ${status}.`);
      }
    } finally {
      connection.close();
    }
  };
  const worked = work().finally(() => {
    over = true;
  });
  await Promise.all([worked, ...urls.map(client)]);
  return times;
}

/**
 * Sends `perSecond` requests a second for `seconds`, evenly spread, over `connections` keep-alive connections. A request
 * that finds none free waits, and its wait counts. The client's clock ticks every ms, which adds up to 1 ms.
 */
export async function openLoop(
  url: string,
  load: { readonly perSecond: number; readonly seconds: number; readonly connections: number },
): Promise<OpenLoop> {
  const request = getRequest(url);
  const free = await Promise.all(Array.from({ length: load.connections }, () => HttpConnection.open(url)));
  const everyone = [...free];
  const total = Math.round(load.perSecond * load.seconds);
  const times = new Float64Array(total);
  let errors = 0;
  let sent = 0;
  let done = 0;
  let openable = load.connections;
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const started = performance.now() + 10;
  const dueAt = (index: number): number => started + (index * 1_000) / load.perSecond;

  const sendDue = (): void => {
    const now = performance.now();
    while (sent < total && free.length > 0 && dueAt(sent) <= now) send(sent++, free.pop()!);
  };
  const send = (index: number, connection: HttpConnection): void => {
    const ended = (failed: boolean): void => {
      times[index] = performance.now() - dueAt(index);
      if (failed) errors++;
      if (++done === total) finish();
    };
    connection.exchange(request).then(
      (status) => {
        ended(status !== 200);
        free.push(connection);
        sendDue();
      },
      () => {
        ended(true);
        void reopen();
      },
    );
  };
  const reopen = async (): Promise<void> => {
    if (done === total) return;
    try {
      const connection = await HttpConnection.open(url);
      everyone.push(connection);
      free.push(connection);
      if (done === total) connection.close();
    } catch {
      // The server takes no connections: what nobody can send any more has failed.
      if (--openable > 0) return;
      while (sent < total) {
        times[sent] = performance.now() - dueAt(sent);
        sent++;
        errors++;
        done++;
      }
      if (done === total) finish();
    }
  };

  const ticker = setInterval(sendDue, 1);
  await finished;
  clearInterval(ticker);
  const tookMs = performance.now() - started;
  for (const connection of everyone) connection.close();
  return {
    sent: total,
    perSecond: (total * 1_000) / tookMs,
    errors,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    maxMs: quantile(times, 1),
  };
}
