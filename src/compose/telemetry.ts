import { systemClock } from '../adapters/clock/system-clock.ts';
import type { DataFolder } from '../adapters/data-folder/data-folder.ts';
import { logCodec } from '../adapters/segments/log-codec.ts';
import { SegmentDirectory } from '../adapters/segments/segment-directory.ts';
import { LOG_SEGMENT_LIMITS, USAGE_SEGMENT_LIMITS } from '../adapters/segments/segment-limits.ts';
import { SegmentStore } from '../adapters/segments/segment-store.ts';
import { usageCodec } from '../adapters/segments/usage-codec.ts';
import type { Config } from '../config.ts';
import type { LogRecord, UsageRecord } from '../domain/invocation.ts';
import { LogSink } from '../services/logs/log-sink.ts';
import { WatchedReleases } from '../services/release-health/watched-releases.ts';
import { TelemetryRecorder } from '../services/telemetry/telemetry-recorder.ts';
import { type UsageSums, usageRollup } from '../services/usage/usage-rollup.ts';
import type { OnClose } from './closers.ts';
import { reportDefect } from './defects.ts';

/** What was recorded, and what records. */
interface Telemetry {
  readonly ledger: SegmentStore<UsageRecord, UsageSums>;
  readonly logs: SegmentStore<LogRecord>;
  readonly recorder: TelemetryRecorder;
  readonly health: WatchedReleases;
}

/** Opens ledger and log in the data folder. */
export async function openTelemetry(config: Config, data: DataFolder, onClose: OnClose): Promise<Telemetry> {
  const clock = systemClock;
  const ledger = await SegmentStore.open({
    directory: new SegmentDirectory(data.folder('usage', 0o700)),
    codec: usageCodec,
    limits: { ...USAGE_SEGMENT_LIMITS, bytesMax: config.usageBytesMax, ageMsMax: config.usageAgeMsMax },
    clock,
    rollup: usageRollup,
    onFailure: reportDefect,
  });
  onClose(ledger, (part) => part.close());
  const logs = await SegmentStore.open<LogRecord>({
    directory: new SegmentDirectory(data.folder('logs', 0o700)),
    codec: logCodec,
    limits: { ...LOG_SEGMENT_LIMITS, bytesMax: config.logBytesMax, ageMsMax: config.logAgeMsMax },
    clock,
    onFailure: reportDefect,
  });
  onClose(logs, (part) => part.close());
  const sink = onClose(new LogSink(logs, clock), (part) => part.close());
  const health = new WatchedReleases(clock);
  return { ledger, logs, recorder: new TelemetryRecorder(ledger, sink, health), health };
}
