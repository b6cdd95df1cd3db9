import type { ErrorCode, MayflyError } from '../../../domain/errors.ts';
import type { FunctionLimits, FunctionVersion } from '../../../domain/function-version.ts';
import type { SchedulerEffects } from '../effects.ts';
import type { Instance } from '../instance.ts';
import { DEFAULT_SCHEDULER_LIMITS, type SchedulerLimits } from '../limits.ts';
import { Scheduler } from '../scheduler.ts';
import { Ticket } from '../ticket.ts';

/** A call of a test, and what became of it: `''` while it waits, `on ID`, or `CODE after RETRY`. */
export class StageCall extends Ticket {
  outcome = '';
}

/** A version named `name`; limits that a test does not care about are generous. */
export function versionNamed(
  name: string,
  limits: Partial<FunctionLimits> = {},
  project = 'p',
): FunctionVersion {
  return {
    key: `app/production/${name}`,
    project,
    app: 'app',
    environment: 'production',
    name,
    version: '1',
    artifact: '',
    handler: { file: 'f.mjs', export: 'default' },
    runtime: 'nodejs24',
    dialect: 'fetch',
    env: {},
    limits: {
      memoryMb: 128,
      timeoutMs: 30_000,
      initTimeoutMs: 10_000,
      network: 'full',
      perInstance: 1,
      maxInstances: 100,
      provisioned: 0,
      queueMax: 100,
      queueTimeoutMs: 10_000,
      keepAliveMs: null,
      ...limits,
    },
  };
}

/**
 * A scheduler whose world does nothing by itself: a test says what happens, and reads what was asked for. Nothing is
 * prewarmed unless asked for, so that instances are numbered in the order of calls.
 */
export class Stage implements SchedulerEffects {
  now = 0;
  readonly scheduler: Scheduler;
  readonly instances = new Map<number, Instance>();
  #asked: string[] = [];

  constructor(limits: Partial<SchedulerLimits> = {}) {
    this.scheduler = new Scheduler(this, {
      ...DEFAULT_SCHEDULER_LIMITS,
      prewarmMin: 0,
      prewarmMax: 0,
      ...limits,
    });
  }

  /** What was asked for since the last time, assignments and rejections left out: those stand in the calls. */
  get asked(): string {
    const asked = this.#asked.join(', ');
    this.#asked = [];
    return asked;
  }

  call(version: FunctionVersion): StageCall {
    const call = new StageCall();
    this.scheduler.submit(call, version, this.now);
    return call;
  }

  calls(version: FunctionVersion, count: number): StageCall[] {
    return Array.from({ length: count }, () => this.call(version));
  }

  /** A call that ends at once, on an instance made for it if need be. */
  warm(version: FunctionVersion): number {
    const call = this.call(version);
    for (const instance of this.instances.values()) {
      if (instance.state === 'booting') this.scheduler.booted(instance, this.now);
      if (instance.state === 'specialising') this.scheduler.ready(instance, this.now);
    }
    const { id } = call.instance!;
    this.release(call);
    return id;
  }

  release(call: StageCall): void {
    this.scheduler.release(call, this.now);
  }

  booted(...ids: number[]): void {
    for (const id of ids) this.scheduler.booted(this.#instance(id), this.now);
  }

  ready(...ids: number[]): void {
    for (const id of ids) this.scheduler.ready(this.#instance(id), this.now);
  }

  /** Booted, then ready. */
  up(...ids: number[]): void {
    for (const id of ids) {
      this.booted(id);
      this.ready(id);
    }
  }

  failed(id: number, error: MayflyError): void {
    this.scheduler.failed(this.#instance(id), error, this.now);
    this.gone(id);
  }

  gone(...ids: number[]): void {
    for (const id of ids) this.scheduler.gone(this.#instance(id), this.now);
  }

  state(id: number): string {
    return this.#instance(id).state;
  }

  /** Lets time pass, with a tick at every deadline on the way. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let at = this.scheduler.nextDeadline(); at <= end; at = this.scheduler.nextDeadline()) {
      this.now = Math.max(this.now, at);
      this.scheduler.tick(this.now);
    }
    this.now = end;
  }

  assign(call: StageCall, instance: Instance): void {
    call.outcome = `on ${instance.id}`;
  }

  reject(call: StageCall, code: ErrorCode, retryAfterMs: number): void {
    call.outcome = `${code} after ${retryAfterMs}`;
  }

  boot(instance: Instance): void {
    this.instances.set(instance.id, instance);
    this.#asked.push(`boot ${instance.id}`);
  }

  specialise(instance: Instance, version: FunctionVersion): void {
    this.#asked.push(`specialise ${instance.id} as ${version.name}`);
  }

  freeze(instance: Instance): void {
    this.#asked.push(`freeze ${instance.id}`);
  }

  thaw(instance: Instance): void {
    this.#asked.push(`thaw ${instance.id}`);
  }

  drain(instance: Instance): void {
    this.#asked.push(`drain ${instance.id}`);
  }

  kill(instance: Instance): void {
    this.#asked.push(`kill ${instance.id}`);
  }

  #instance(id: number): Instance {
    const instance = this.instances.get(id);
    if (instance === undefined) throw new Error(`Instance ${id} was never booted.`);
    return instance;
  }
}
