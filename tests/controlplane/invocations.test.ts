import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { MayflyError } from '../../src/domain/errors.ts';
import { call, problemOf } from './control-client.ts';
import { type ControlNode, echo, OPERATOR, startControlNode } from './control-node.ts';

let node: ControlNode;
before(async () => {
  node = await startControlNode({ limits: { invocationBytesMax: 1_000_000 } });
});
after(() => node.close());
beforeEach(() => {
  node.answer.result = null;
});

const PATH = '/v1/apps/shop/environments/production/functions/list/invocations';

describe('an invocation', () => {
  it('hands the bytes over as an event and answers the result as it is', async () => {
    const body = randomBytes(100_000);
    const headers = { 'content-type': 'image/png', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    const answer = await call(node.url, 'POST', PATH, { body, headers });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.bytes, body);
    assert.equal(answer.headers['content-type'], 'image/png');
    const made = node.calls.at(-1)!;
    assert.deepEqual(
      [made.app, made.environment, made.function, made.trigger, made.traceparent],
      ['shop', 'production', 'list', 'invoke', headers.traceparent],
    );
    assert.deepEqual(made.event, {
      specversion: '1.0',
      id: made.requestId,
      source: '/mayfly/control',
      type: 'mayfly.invoke',
      time: new Date(node.time.wall).toISOString(),
      datacontenttype: 'image/png',
    });
    assert.equal(answer.headers['x-mayfly-request-id'], made.requestId);
    assert.equal(answer.headers['x-mayfly-outcome'], 'ok');
    assert.equal(answer.headers['x-mayfly-cold'], 'true');
    assert.equal(answer.headers['x-mayfly-duration-ms'], '1.25');
    assert.equal(answer.headers['x-mayfly-billed-ms'], '2');
  });

  it('is made in the release that its header asks for, else in whichever serves', async () => {
    await call(node.url, 'POST', PATH, { body: 'x', headers: { 'x-mayfly-release': 'r-wished' } });
    assert.equal(node.calls.at(-1)!.release, 'r-wished');
    await call(node.url, 'POST', PATH, { body: 'x' });
    assert.equal(node.calls.at(-1)!.release, null);
  });

  it('needs neither a body nor a type, and takes JSON without reading it', async () => {
    assert.equal((await call(node.url, 'POST', PATH)).status, 200);
    assert.equal(node.calls.at(-1)?.body.length, 0);
    assert.equal('datacontenttype' in node.calls.at(-1)!.event, false);
    const headers = { 'content-type': 'application/json' };
    const answer = await call(node.url, 'POST', PATH, { body: '{"__proto__": broken', headers });
    assert.equal(answer.text, '{"__proto__": broken');
  });

  it('that fails in the function is a problem that says what it reported', async () => {
    const error = { name: 'TypeError', message: 'no list', stack: 'TypeError: no list\n  at list.ts:3' };
    node.answer.result = async (made) => ({ ...echo(made), outcome: 'FUNCTION_THREW', error, cold: false });
    const answer = await call(node.url, 'POST', PATH, { body: 'x' });
    assert.equal(answer.status, 500);
    assert.equal(answer.headers['x-mayfly-outcome'], 'FUNCTION_THREW');
    assert.equal(answer.headers['x-mayfly-request-id'], node.calls.at(-1)?.requestId);
    const problem = JSON.parse(answer.text);
    assert.equal(problem.code, 'FUNCTION_THREW');
    assert.equal(problem.detail, 'TypeError: no list');
    assert.deepEqual(problem.details.error, error);
    assert.equal(problem.details.requestId, node.calls.at(-1)?.requestId);
  });

  it('that cannot be made is a problem with the code of the error', async () => {
    for (const code of ['NOT_FOUND', 'QUEUE_FULL', 'SANDBOX_FAILED', 'SHUTTING_DOWN'] as const) {
      node.answer.result = async () => {
        throw new MayflyError(code, 'told by the data plane');
      };
      const problem = await problemOf(node.url, 'POST', PATH);
      assert.equal(problem.code, code);
      assert.equal(problem.detail, 'told by the data plane');
    }
  });

  it('that meets a defect says nothing of it to the caller, and tells the operator', async () => {
    node.answer.result = async () => {
      throw new Error('secret inside');
    };
    const answer = await call(node.url, 'POST', PATH);
    assert.equal(answer.status, 500);
    assert.equal(answer.text.includes('secret inside'), false);
    const defect = node.defects.at(-1);
    assert.equal(defect?.error.message, 'secret inside');
    assert.equal(defect?.requestId, answer.headers['x-mayfly-request-id']);
  });

  it('with a body over the limit is refused before the function is called', async () => {
    const calls = node.calls.length;
    const problem = await problemOf(node.url, 'POST', PATH, { body: Buffer.alloc(1_000_001) });
    assert.equal(problem.code, 'BODY_TOO_LARGE');
    assert.equal(node.calls.length, calls);
  });

  it('is cancelled when its client goes away', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const ended = Promise.withResolvers<void>();
    node.answer.result = async (made) => {
      started.resolve(made.signal!);
      await ended.promise;
      return echo(made);
    };
    const outgoing = request(new URL(PATH, node.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${OPERATOR}` },
    });
    outgoing.on('error', () => {});
    outgoing.end('x');
    const signal = await started.promise;
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    outgoing.destroy();
    await aborted;
    ended.resolve();
  });
});
