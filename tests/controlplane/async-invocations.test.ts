import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { AsyncCounts } from '../../src/ports/async-invocation-store.ts';
import { call, callJson, deploy, problemOf } from './control-client.ts';
import { deployOf } from './control-fixtures.ts';
import { type ControlNode, echo, startControlNode } from './control-node.ts';

const BASE = '/v1/apps/shop/environments/production';
const PATH = `${BASE}/functions/list/invocations?async=true`;
const DEADLINE_MS = 30_000;

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `It did not come true that ${what}.`);
    await delay(5);
  }
}

function balanced({ enqueued, inFlight, done, dead }: AsyncCounts): boolean {
  return enqueued === inFlight + done + dead;
}

describe('an asynchronous invocation', () => {
  let node: ControlNode;
  before(async () => {
    node = await startControlNode({ limits: { asyncBytesMax: 1_000 } });
    await deploy(node.url, deployOf('shop', { list: 'x' }));
  });
  after(() => node.close());
  beforeEach(() => {
    node.answer.result = null;
  });
  const enqueue = async (body: string): Promise<string> => {
    const answer = await call(node.url, 'POST', PATH, { body, headers: { 'content-type': 'text/plain' } });
    assert.equal(answer.status, 202, answer.text);
    const { requestId } = JSON.parse(answer.text) as { requestId: string };
    assert.equal(answer.headers['x-mayfly-request-id'], requestId);
    return requestId;
  };

  it('is answered at once and made afterwards, as it was sent', async () => {
    const gate = Promise.withResolvers<void>();
    node.answer.result = async (made) => {
      await gate.promise;
      return echo(made);
    };
    const before = node.asyncInvoker.counts();
    const requestId = await enqueue('later');
    await until('the call is made', () => node.calls.some((made) => made.requestId === requestId));
    assert.equal(node.asyncInvoker.counts().inFlight, before.inFlight + 1);
    gate.resolve();
    await until('it is done', () => node.asyncInvoker.counts().done === before.done + 1);
    const made = node.calls.find((candidate) => candidate.requestId === requestId)!;
    assert.equal(made.body.toString(), 'later');
    assert.equal(made.trigger, 'async');
    assert.equal(made.event.id, requestId);
    assert.equal(made.event.datacontenttype, 'text/plain');
    assert.equal(made.signal?.aborted, false);
    assert.ok(balanced(node.asyncInvoker.counts()));
  });

  it('that fails is made again, and done when it succeeds', async () => {
    let failures = 2;
    node.answer.result = async (made) => {
      if (failures-- === 0) return echo(made);
      return { ...echo(made), outcome: 'FUNCTION_THREW', error: { name: 'Error', message: 'no', stack: '' } };
    };
    const { done } = node.asyncInvoker.counts();
    const requestId = await enqueue('stubborn');
    await until('it is done', () => node.asyncInvoker.counts().done === done + 1);
    assert.equal(node.calls.filter((made) => made.requestId === requestId).length, 3);
  });

  it('that fails too often is given up, kept, counted and listed', async () => {
    node.answer.result = async (made) => ({
      ...echo(made),
      outcome: 'FUNCTION_THREW',
      error: { name: 'TypeError', message: 'no list', stack: '' },
    });
    const { dead } = node.asyncInvoker.counts();
    const requestId = await enqueue('hopeless');
    await until('it is given up', () => node.asyncInvoker.counts().dead === dead + 1);
    const { invocations } = await callJson<{ invocations: Record<string, unknown>[] }>(
      node.url,
      'GET',
      `${BASE}/dead-invocations`,
    );
    const { enqueuedAt, diedAt, ...rest } = invocations[0]!;
    assert.deepEqual(rest, {
      requestId,
      function: 'list',
      attempts: 3,
      error: { code: 'FUNCTION_THREW', message: 'TypeError: no list' },
    });
    assert.ok(Number(enqueuedAt) > 0 && Number(diedAt) > 0);
    assert.ok(balanced(node.asyncInvoker.counts()));
  });

  it('for what is not there, or too large, is refused and not kept', async () => {
    const before = node.asyncInvoker.counts();
    const unknown = `${BASE}/functions/none/invocations?async=true`;
    assert.equal((await problemOf(node.url, 'POST', unknown)).code, 'NOT_FOUND');
    assert.equal((await problemOf(node.url, 'POST', PATH.replace('shop', 'none'))).code, 'APP_NOT_FOUND');
    assert.equal(
      (await problemOf(node.url, 'POST', PATH, { body: 'x'.repeat(1_001) })).code,
      'BODY_TOO_LARGE',
    );
    assert.equal(
      (await problemOf(node.url, 'POST', PATH.replace('true', 'maybe'))).code,
      'VALIDATION_FAILED',
    );
    assert.deepEqual(node.asyncInvoker.counts(), before);
  });

  it('comes in floods: all are made, each once, not all at the same time', async () => {
    let [running, most] = [0, 0];
    node.answer.result = async (made) => {
      most = Math.max(most, ++running);
      await delay(1);
      running--;
      return echo(made);
    };
    const before = node.asyncInvoker.counts();
    const ids = await Promise.all(Array.from({ length: 200 }, (_, i) => enqueue(`flood ${i}`)));
    await until('all are done', () => node.asyncInvoker.counts().done === before.done + 200);
    const made = node.calls.map(({ requestId }) => requestId).filter((id) => ids.includes(id!));
    assert.equal(made.length, 200);
    assert.equal(new Set(made).size, 200);
    assert.ok(most < 32, `${most} calls of one function at a time`);
  });
});

it('asynchronous calls that were answered survive every kill of the platform', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-async-'));
  try {
    const answered = new Set<number>();
    for (let kill = 0, next = 0; kill < 4; kill++) {
      for (const n of await enqueueAndKill(folder, next, 15 + 7 * kill)) answered.add(n);
      next = Math.max(...answered) + 100;
    }
    const counts = JSON.parse((await linesOf(folder, -1, () => false)).at(-1)!) as AsyncCounts;
    const made = new Set(readFileSync(join(folder, 'made'), 'utf8').trimEnd().split('\n').map(Number));
    assert.deepEqual(
      [...answered].filter((n) => !made.has(n)),
      [],
    );
    assert.equal(counts.inFlight, 0);
    assert.equal(counts.dead, 0);
    assert.ok(balanced(counts) && counts.done >= answered.size);
    assert.equal(counts.done, made.size);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function enqueueAndKill(folder: string, first: number, afterCalls: number): Promise<number[]> {
  const lines = await linesOf(folder, first, (count) => count === afterCalls);
  return lines.map((line) => Number(line.split(' ')[1]));
}

/** What the process said before it ended, or was killed because `enough` lines had come. */
async function linesOf(folder: string, first: number, enough: (count: number) => boolean): Promise<string[]> {
  const script = join(import.meta.dirname, 'async-worker.child.ts');
  const child = spawn(process.execPath, [script, folder, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (enough(lines.length)) child.kill('SIGKILL');
  }
  await exited;
  return lines;
}
