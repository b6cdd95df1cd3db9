import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CpuMeter } from './cpu-meter.ts';

const used = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

function burn(rounds: number): number {
  let sum = 0;
  for (let i = 0; i < rounds * 1_000; i++) sum += Math.sqrt(i);
  return sum;
}

test('calls that overlap are told, together, what the process used', () => {
  // Each call: how much is computed before it begins, and how many calls later it ends.
  const calls = fc.array(fc.tuple(fc.nat(20), fc.nat(8)), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(calls, (plan) => {
      const meter = new CpuMeter();
      const outerStart = used();
      meter.reset();
      const innerStart = used();
      const ends: number[][] = plan.map(() => []);
      let told = 0;
      const stop = (start: number): void => {
        const cpuUs = meter.stop(start);
        assert.ok(cpuUs >= 0, `${cpuUs} µs`);
        told += cpuUs;
      };
      for (const [at, [rounds, later]] of plan.entries()) {
        burn(rounds);
        ends[Math.min(at + later, plan.length - 1)]!.push(meter.start());
        if (at < plan.length - 1) for (const start of ends[at]!) stop(start);
      }
      const last = ends.at(-1)!;
      burn(5);
      for (const start of last.slice(1)) stop(start);
      const innerEnd = used();
      stop(last[0]!);
      const outerEnd = used();
      // Each is told whole microseconds.
      assert.ok(told >= innerEnd - innerStart - plan.length, `${told} of ${innerEnd - innerStart} µs`);
      assert.ok(told <= outerEnd - outerStart + plan.length, `${told} of ${outerEnd - outerStart} µs`);
    }),
    { numRuns: 30 },
  );
});
