import type { LogRecord, UsageRecord } from '../../domain/invocation.ts';
import type { RecordStore, TelemetrySink } from '../../ports/telemetry.ts';

/**
 * The sink that the data plane sees: usage records go to the ledger, log lines through the log service.
 * The ledger is the access log too: one record a call, so that the two can never disagree.
 */
export class TelemetryRecorder implements TelemetrySink {
  readonly #ledger: RecordStore<UsageRecord>;
  readonly #logs: Pick<TelemetrySink, 'log'>;
  readonly #health: TelemetrySink;

  /** `health` sees every record too, log lines that the log service drops included: a flood must not hide a metric. */
  constructor(ledger: RecordStore<UsageRecord>, logs: Pick<TelemetrySink, 'log'>, health: TelemetrySink) {
    this.#ledger = ledger;
    this.#logs = logs;
    this.#health = health;
  }

  usage(record: UsageRecord): void {
    this.#ledger.append(record);
    this.#health.usage(record);
  }

  log(record: LogRecord): void {
    this.#logs.log(record);
    this.#health.log(record);
  }
}
