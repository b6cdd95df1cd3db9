import assert from 'node:assert/strict';
import test from 'node:test';
import type { SchedulerEffects } from './effects.ts';
import { Instance } from './instance.ts';
import { Outbox } from './outbox.ts';
import { Ticket } from './ticket.ts';

const instance = new Instance(1, { runtime: 'nodejs24', network: 'full' }, 64);

function recorder(on: (name: string) => void): SchedulerEffects {
  return {
    assign: () => on('assign'),
    reject: (_ticket, code, retryAfterMs) => on(`reject ${code} ${retryAfterMs}`),
    boot: () => on('boot'),
    specialise: () => on('specialise'),
    freeze: () => on('freeze'),
    thaw: () => on('thaw'),
    drain: () => on('drain'),
    kill: () => on('kill'),
  };
}

test('effects happen at the flush, in order', () => {
  const seen: string[] = [];
  const out = new Outbox(recorder((name) => seen.push(name)));
  out.boot(instance);
  out.thaw(instance);
  out.assign(new Ticket(), instance);
  out.reject(new Ticket(), 'QUEUE_FULL', 7, null);
  assert.deepEqual(seen, []);
  out.flush();
  out.flush();
  assert.deepEqual(seen, ['boot', 'thaw', 'assign', 'reject QUEUE_FULL 7']);
});

test('an effect that causes others does so after those decided before', () => {
  const seen: string[] = [];
  const out: Outbox = new Outbox(
    recorder((name) => {
      seen.push(name);
      if (name !== 'kill') return;
      out.boot(instance);
      out.flush();
      seen.push('kill ends');
    }),
  );
  out.kill(instance);
  out.freeze(instance);
  out.flush();
  assert.deepEqual(seen, ['kill', 'kill ends', 'freeze', 'boot']);
});

test('an effect that throws does not lose the others', () => {
  const seen: string[] = [];
  const out = new Outbox(
    recorder((name) => {
      seen.push(name);
      if (name === 'drain') throw new Error('broken driver');
    }),
  );
  out.drain(instance);
  out.kill(instance);
  assert.throws(() => out.flush(), /broken driver/);
  out.boot(instance);
  out.flush();
  assert.deepEqual(seen, ['drain', 'kill', 'boot']);
});
