/**
 * What the scheduler costs a warm call: `node src/dataplane/scheduler/scheduler.bench.ts`.
 *
 * One cycle is a new ticket, submit → assign → release, and the look at the next deadline that the driver takes after each.
 * It does not measure what a driver does with the effects.
 */
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { SchedulerEffects } from './effects.ts';
import type { Instance } from './instance.ts';
import { DEFAULT_SCHEDULER_LIMITS } from './limits.ts';
import { Scheduler } from './scheduler.ts';
import { Ticket } from './ticket.ts';

const CYCLES = 500_000;
const ROUNDS = 5;

function versionOf(index: number, perInstance: number): FunctionVersion {
  return {
    key: `app/production/f${index}@0123456789abcdef`,
    project: 'default',
    app: 'app',
    environment: 'production',
    name: `f${index}`,
    version: '0123456789abcdef',
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
      perInstance,
      maxInstances: 100,
      provisioned: 0,
      queueMax: 1_000,
      queueTimeoutMs: 30_000,
      keepAliveMs: null,
    },
  };
}

/** Median CPU µs a cycle (garbage collection included), with `concurrent` calls in flight over `functions` functions; time passes as at 15,000 calls/s. */
function measure(functions: number, perInstance: number, concurrent: number): number {
  let now = 0;
  const effects: SchedulerEffects = {
    assign() {},
    reject: (_ticket, code) => {
      throw new Error(`rejected: ${code}`);
    },
    boot: (instance) => scheduler.booted(instance, now),
    specialise: (instance) => scheduler.ready(instance, now),
    freeze() {},
    thaw() {},
    drain: (instance: Instance) => scheduler.gone(instance, now),
    kill: (instance: Instance) => scheduler.gone(instance, now),
  };
  const roomy = { instancesMax: 20_000, projectInstancesMax: 20_000, memoryMbMax: 10_000_000 };
  const scheduler = new Scheduler(effects, { ...DEFAULT_SCHEDULER_LIMITS, ...roomy });
  const versions = Array.from({ length: functions }, (_, index) => versionOf(index, perInstance));
  const flying: Ticket[] = [];
  const submit = (index: number): Ticket => {
    const ticket = new Ticket();
    scheduler.submit(ticket, versions[index % functions]!, now);
    return ticket;
  };
  for (const ticket of versions.map((_, index) => submit(index))) scheduler.release(ticket, now);
  for (let index = 0; index < concurrent; index++) flying.push(submit(index));
  const rounds: number[] = [];
  let at = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      now += 1 / 15;
      scheduler.release(flying[at]!, now);
      flying[at] = submit(cycle);
      at = at + 1 === concurrent ? 0 : at + 1;
      if (scheduler.nextDeadline() <= now) scheduler.tick(now);
    }
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / CYCLES);
  }
  return rounds.sort((left, right) => left - right)[ROUNDS >> 1]!;
}

for (const [functions, perInstance, concurrent] of [
  [1, 1, 1],
  [1, 1, 64],
  [1, 100, 64],
  [100, 1, 64],
  [5_000, 1, 64],
] as const) {
  const us = measure(functions, perInstance, concurrent);
  console.log(
    `${String(functions).padStart(5)} functions, ${String(perInstance).padStart(3)} calls an instance, ${String(concurrent).padStart(2)} in flight: ${us.toFixed(2)} µs a warm cycle`,
  );
}
