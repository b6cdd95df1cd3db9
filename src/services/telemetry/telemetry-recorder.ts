import type { LogRecord, UsageRecord } from '../../domain/invocation.ts';
import type { RecordStore, TelemetrySink } from '../../ports/telemetry.ts';

/**
 * The sink that the data plane sees: usage records go to the ledger, log lines through the log service.
 * The ledger is the access log too: one record a call, so that the two can never disagree.
 */
export class TelemetryRecorder implements TelemetrySink {
  readonly #ledger: RecordStore<UsageRecord>;
  readonly #logs: Pick<TelemetrySink, 'log'>;

  constructor(ledger: RecordStore<UsageRecord>, logs: Pick<TelemetrySink, 'log'>) {
    this.#ledger = ledger;
    this.#logs = logs;
  }

  usage(record: UsageRecord): void {
    this.#ledger.append(record);
  }

  log(record: LogRecord): void {
    this.#logs.log(record);
  }
}
