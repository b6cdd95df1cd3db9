import type { LogLine, LogQuery } from '../../contract/control-api.ts';
import type { LogRecord } from '../../domain/invocation.ts';
import type { LogReader, LogScope } from '../../ports/log-reader.ts';
import type { ReadRange, RecordStore } from '../../ports/telemetry.ts';
import { type BacklogLimits, LogBacklog } from './log-backlog.ts';

const BACKLOG_LIMITS: BacklogLimits = { linesMax: 10_000, charactersMax: 16 * 1024 * 1024 };

/** Answers log queries from the store, and goes on with what comes in. */
export class StoredLogReader implements LogReader {
  readonly #store: RecordStore<LogRecord>;
  readonly #backlogLimits: BacklogLimits;

  constructor(store: RecordStore<LogRecord>, backlogLimits: BacklogLimits = BACKLOG_LIMITS) {
    this.#store = store;
    this.#backlogLimits = backlogLimits;
  }

  async *query(query: LogQuery, scope: LogScope): AsyncGenerator<LogLine> {
    const accept = filterOf(query, scope.apps);
    const range: ReadRange = {
      from: query.since ?? Number.NEGATIVE_INFINITY,
      to: query.until ?? Number.POSITIVE_INFINITY,
      ...(query.limit === undefined ? {} : { newest: query.limit }),
    };
    const { signal } = scope;
    const backlog = new LogBacklog(this.#backlogLimits);
    const isLive = (record: LogRecord): boolean =>
      record.time >= range.from && record.time < range.to && accept(record);
    const stop = query.follow
      ? this.#store.follow((record) => {
          if (isLive(record)) backlog.push(record);
        })
      : () => {};
    try {
      // Begun in the same tick as `follow`: no line is missed between stored and live, and none comes twice.
      for await (const record of this.#store.read(range, accept)) {
        if (signal.aborted) return;
        yield record;
      }
      while (query.follow && !signal.aborted) {
        const { lines, skipped } = backlog.take();
        if (skipped > 0) yield noteOf(skipped, lines[0]);
        for (const line of lines) {
          if (signal.aborted) return;
          yield line;
        }
        await backlog.ready(signal);
      }
    } finally {
      stop();
    }
  }
}

function filterOf(query: LogQuery, apps: readonly string[] | null): (record: LogRecord) => boolean {
  const visible = apps === null ? null : new Set(apps);
  return (record) =>
    (visible === null || visible.has(record.app)) &&
    (query.app === undefined || record.app === query.app) &&
    (query.environment === undefined || record.environment === query.environment) &&
    (query.function === undefined || record.function === query.function) &&
    (query.request === undefined || record.requestId === query.request) &&
    (query.level === undefined || record.level === query.level);
}

/** Stands where a slow reader missed lines; dated and named like the line after the gap. */
function noteOf(skipped: number, next: LogRecord | undefined): LogLine {
  return {
    time: next?.time ?? 0,
    level: 'warn',
    app: next?.app ?? '',
    environment: next?.environment ?? '',
    function: next?.function ?? '',
    version: next?.version ?? '',
    requestId: null,
    message: `${skipped} log lines skipped: this reader is slower than the log`,
    fields: { skipped },
  };
}
