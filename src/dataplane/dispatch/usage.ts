import type { UsageRecord } from '../../domain/invocation.ts';
import type { Call } from './call.ts';

/** The ledger's line for a call that has settled at `now` (monotonic ms; `wall` is the epoch time of now). */
export function usageOf(call: Call, now: number, wall: number): UsageRecord {
  const version = call.function;
  const waited = (call.assignedAt === 0 ? now : call.assignedAt) - call.arrivedAt;
  return {
    requestId: call.message.id,
    at: Math.round(wall - (now - call.arrivedAt)),
    versionKey: version.key,
    project: version.project,
    app: version.app,
    environment: version.environment,
    function: version.name,
    version: version.version,
    release: call.release.snapshot.release,
    trigger: call.trigger,
    queuedMs: Math.max(0, waited - call.initMs),
    initMs: call.initMs,
    durationMs: call.durationMs,
    billedMs: call.billedMs,
    memoryMb: version.limits.memoryMb,
    cpuUs: call.cpuUs,
    cold: call.cold,
    outcome: call.outcome,
    status: call.status,
    bytesIn: call.bytesIn,
    bytesOut: call.bytesOut,
  };
}
