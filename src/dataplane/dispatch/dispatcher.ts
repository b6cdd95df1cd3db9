import type { FailureMessage, LogMessage } from '../../contract/guest-messages.ts';
import { type ErrorCode, MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { ArtifactStore } from '../../ports/artifacts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { InstanceCredentials } from '../../ports/instance-credentials.ts';
import type { MachineLoad } from '../../ports/machine-load.ts';
import type { SandboxDriver } from '../../ports/sandbox.ts';
import type { TelemetrySink } from '../../ports/telemetry.ts';
import { CompileCaches } from '../sandbox/compile-caches.ts';
import type { GatewayPlace } from '../sandbox/own-address.ts';
import type { SchedulerEffects } from '../scheduler/effects.ts';
import type { Instance } from '../scheduler/instance.ts';
import type { SchedulerLimits } from '../scheduler/limits.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { Call, type CallHost, type CallMessage, type CallSink } from './call.ts';
import { type InstanceDependencies, InstanceProcess, type InstanceReports } from './instance-process.ts';
import type { VersionChange } from './live-environment.ts';
import type { LiveRelease } from './live-release.ts';
import { LoadWatch } from './load-watch.ts';
import { rejection } from './rejection.ts';
import { SchedulerTimer } from './scheduler-timer.ts';
import { usageOf } from './usage.ts';

export interface DispatcherDependencies {
  readonly driver: SandboxDriver;
  readonly artifacts: ArtifactStore;
  readonly telemetry: TelemetrySink;
  readonly clock: Clock;
  readonly load: MachineLoad;
  /** Settles when the gateway listens; no function is loaded before. */
  readonly gateway: Promise<GatewayPlace>;
  /** Absent: functions get none. */
  readonly credentials?: InstanceCredentials;
  /** Told what the operator must know: a guest that failed before it had a function, a cache that could not be kept. */
  readonly onDefect: (error: MayflyError) => void;
}

type Host = Instance<InstanceProcess>;

/** While closing: how long idle instances may take for their shutdown hooks, ms. */
const FAREWELL_MS_MAX = 1_000;

/**
 * Runs calls: asks the scheduler what to do, does it to real processes, tells the scheduler what came of it, and the
 * ledger what it cost. Holds no decision of its own.
 */
export class Dispatcher implements SchedulerEffects, InstanceReports, CallHost {
  readonly #dependencies: DispatcherDependencies & InstanceDependencies;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #timer: SchedulerTimer;
  readonly #load: LoadWatch;
  #inFlight = 0;
  #served = 0;
  /** Everything that was booted and has not gone. */
  readonly #guests = new Set<InstanceProcess>();
  /** While closing: told when a call or an instance has ended. */
  #onEnd: (() => void) | null = null;

  constructor(dependencies: DispatcherDependencies, limits: SchedulerLimits) {
    const { artifacts, onDefect } = dependencies;
    this.#dependencies = { ...dependencies, compileCaches: new CompileCaches(artifacts, onDefect) };
    this.#clock = dependencies.clock;
    this.#load = new LoadWatch(dependencies.load);
    this.#scheduler = new Scheduler(this, limits);
    this.#timer = new SchedulerTimer(this.#scheduler, () => this.#now());
  }

  // --- for the gateway and the invoker -------------------------------------------------------------------------

  make(
    version: FunctionVersion,
    release: LiveRelease,
    trigger: string,
    message: CallMessage,
    body: Buffer | null,
    bodyEnded: boolean,
    sink: CallSink,
  ): Call {
    return new Call(this, version, release, trigger, message, body, bodyEnded, this.#clock.now(), sink);
  }

  submit(call: Call): void {
    if (call.completed) return;
    this.#inFlight++;
    call.release.enter();
    if (call.detached) {
      this.complete(call);
      return;
    }
    this.#scheduler.submit(call, call.function, this.#now());
    this.#timer.arm();
  }

  // --- for compose ----------------------------------------------------------------------------------------------

  /** An environment serves other releases than before: some versions come, others end when their calls have. */
  swapped({ serve, linger, retire }: VersionChange): void {
    const now = this.#clock.now();
    for (const version of serve) this.#scheduler.provision(version, now);
    for (const { key } of linger) this.#scheduler.linger(key, now);
    for (const { key } of retire) this.#scheduler.retire(key, now);
    this.#timer.arm();
  }

  /** Instances of a version that can take a call, and why none can be started, as far as is known. */
  warmth(versionKey: string): { readonly ready: number; readonly error: MayflyError | null } {
    return this.#scheduler.warmth(versionKey, this.#clock.now());
  }

  /** Keeps empty guests of this kind ready from now on. */
  prewarm(runtime: string, network: 'full' | 'none'): void {
    this.#scheduler.prewarm({ runtime, network }, this.#clock.now());
    this.#timer.arm();
  }

  /**
   * Waits until the calls under way have ended, at most `graceMs`; ends those that have not, with SHUTTING_DOWN; then
   * ends every instance, and lets those that are idle say goodbye.
   */
  async close(graceMs: number): Promise<void> {
    await this.#until(() => this.#inFlight === 0, graceMs);
    const error = new MayflyError('SHUTTING_DOWN', 'The node stopped before the call had ended.');
    for (const guest of this.#guests) guest.giveUp(error);
    this.#scheduler.drainAll(this.#now());
    await this.#until(() => this.#guests.size === 0, FAREWELL_MS_MAX);
    this.#timer.close();
    await this.#dependencies.driver.close();
  }

  /** Resolves when `holds` does, after a call or an instance has ended, or after `graceMs`. */
  #until(holds: () => boolean, graceMs: number): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onEnd = () => {
        if (!holds()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  counts(): {
    inFlight: number;
    waiting: number;
    served: number;
    instances: Readonly<Record<string, number>>;
  } {
    const { waiting, instances } = this.#scheduler.stats();
    return { inFlight: this.#inFlight, waiting, served: this.#served, instances };
  }

  // --- effects: the scheduler decided ---------------------------------------------------------------------------

  assign(call: Call, instance: Host): void {
    if (instance.served === 1 && instance.readyAt >= call.arrivedAt) {
      call.cold = true;
      call.initMs = instance.readyAt - instance.specialisedAt;
    }
    instance.guest!.run(call);
  }

  reject(call: Call, code: ErrorCode, retryAfterMs: number, cause: MayflyError | null): void {
    call.failNow(rejection(call.function, code, retryAfterMs, cause));
    this.complete(call);
  }

  boot(instance: Host): void {
    instance.guest = new InstanceProcess(instance, this.#dependencies, this);
    this.#guests.add(instance.guest);
    void instance.guest.boot();
  }

  specialise(instance: Host, version: FunctionVersion): void {
    void instance.guest!.specialise(version);
  }

  freeze(instance: Host): void {
    instance.guest!.freeze();
  }

  thaw(instance: Host): void {
    instance.guest!.thaw();
  }

  drain(instance: Host): void {
    instance.guest!.drain();
  }

  kill(instance: Host): void {
    instance.guest!.kill();
  }

  // --- reports: what came of it ---------------------------------------------------------------------------------

  booted({ instance }: InstanceProcess): void {
    this.#scheduler.booted(instance, this.#now());
    this.#timer.arm();
  }

  hurries({ instance }: InstanceProcess): boolean {
    return this.#scheduler.hurries(instance);
  }

  ready({ instance }: InstanceProcess): void {
    this.#scheduler.ready(instance, this.#now());
    this.#timer.arm();
  }

  failed({ instance }: InstanceProcess, error: MayflyError): void {
    if (instance.version === null) this.#dependencies.onDefect(error);
    this.#scheduler.failed(instance, error, this.#now());
    this.#timer.arm();
  }

  condemned({ instance }: InstanceProcess): void {
    this.#scheduler.condemn(instance, this.#now());
    this.#timer.arm();
  }

  gone(guest: InstanceProcess): void {
    this.#guests.delete(guest);
    this.#scheduler.gone(guest.instance, this.#now());
    this.#timer.arm();
    this.#onEnd?.();
  }

  log({ instance }: InstanceProcess, messages: readonly LogMessage[]): void {
    const version = instance.version!;
    const now = this.#clock.wall();
    // A line without a request, while exactly one call runs, can only be that call's.
    const { calls } = instance.guest!;
    const only = calls.length === 1 ? calls.first!.item.message.id : null;
    for (const { time, level, requestId, message, fields } of messages) {
      this.#dependencies.telemetry.log({
        // The guest's own word: a time to come would outlive the log's retention.
        time: Math.min(time, now),
        level,
        app: version.app,
        environment: version.environment,
        function: version.name,
        version: version.version,
        requestId: requestId ?? only,
        message,
        fields: fields ?? null,
      });
    }
  }

  // --- calls ----------------------------------------------------------------------------------------------------

  cancelWaiting(call: Call): void {
    // Given up before it was submitted: `submit` ends it.
    if (call.state === 'new') return;
    this.#scheduler.cancel(call, this.#now());
    this.#timer.arm();
    this.complete(call);
  }

  poisoned(call: Call): void {
    this.condemned((call.instance as Host).guest!);
  }

  report(call: Call, failure: FailureMessage): void {
    const message = failure.stack === '' ? `${failure.name}: ${failure.message}` : failure.stack;
    const line = { time: this.#clock.wall(), level: 'error', requestId: call.message.id, message } as const;
    this.log((call.instance as Host).guest!, [line]);
  }

  /** The time, ms; the scheduler learns on the way what the machine has to do. */
  #now(): number {
    const now = this.#clock.now();
    this.#scheduler.saturated(this.#load.saturated(now));
    return now;
  }

  /** The most that the call's instance has used so far; null: it has gone. */
  peakMemoryMb({ instance }: Call): number | null {
    const peakMb = (instance as Host | null)?.guest?.peakMemoryMb() ?? 0;
    return peakMb > 0 ? peakMb : null;
  }

  complete(call: Call): void {
    if (call.completed) return;
    call.completed = true;
    this.#inFlight--;
    this.#served++;
    const now = this.#now();
    const host = call.instance as Host | null;
    if (host !== null) {
      call.durationMs = now - call.assignedAt;
      call.billedMs = Math.max(1, Math.ceil(call.durationMs + call.initMs));
      host.guest!.left(call);
    }
    this.#dependencies.telemetry.usage(usageOf(call, now, this.#clock.wall()));
    if (host !== null) {
      this.#scheduler.release(call, now);
      this.#timer.arm();
    }
    call.release.leave();
    call.sink.settled();
    this.#onEnd?.();
  }
}
