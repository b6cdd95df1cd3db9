import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { headerValues } from '../guest/pending-call.ts';
import { cleanSupervisor, failedStart, supervise } from './supervised.ts';

/** AWS's own runtime client for Node.js, from npm; it compiles itself when it is installed. */
const CLIENT = join(import.meta.dirname, '../vendors/node_modules/aws-lambda-ric');
const absent =
  !existsSync(join(CLIENT, 'rapid-client.node')) && 'npm ci --prefix tests/vendors has not been run';

const BOOTSTRAP = `#!/bin/sh\nexec node ${CLIENT}/index.mjs "$_HANDLER"\n`;
const CODE = `
export const handler = async (event, context) => {
  console.log('serving', event.n);
  if (event.fail) throw new TypeError('no luck');
  return { n: event.n, id: context.awsRequestId, arn: context.invokedFunctionArn, inTime: context.getRemainingTimeInMillis() > 0 };
};
export const http = async (event) => ({ statusCode: 201, headers: { 'x-path': event.rawPath }, body: event.body });
export const streamed = awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 202, headers: { 'x-a': 'b' } });
  out.write('one ');
  out.write('two');
  out.end();
});
`;
const start = (name: string) =>
  supervise(
    { bootstrap: BOOTSTRAP, 'index.mjs': CODE },
    { handler: { file: 'bootstrap', export: `index.${name}` } },
  );

describe('aws-lambda-ric drives a custom runtime', () => {
  after(cleanSupervisor);

  test('calls, errors and logs', { skip: absent }, async () => {
    await using guest = await start('handler');
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:cart';
    assert.deepEqual(await guest.invokeEvent({ n: 1 }), { n: 1, id: 'request-1', arn, inTime: true });
    await assert.rejects(guest.invokeEvent({ fail: true }), {
      code: 'FUNCTION_THREW',
      name: 'TypeError',
      message: 'no luck',
    });
    assert.deepEqual(((await guest.invokeEvent({ n: 3 })) as { n: number }).n, 3);
    await guest.log(({ message, requestId }) => /serving 1$/.test(message) && requestId === 'request-1');
  });

  test('HTTP, whole and streamed', { skip: absent }, async () => {
    await using whole = await start('http');
    const answer = await whole.invoke({
      http: { method: 'POST', headers: ['content-type', 'text/plain'] },
      body: 'hi',
    });
    assert.deepEqual(
      [answer.status, answer.body.toString(), headerValues(answer, 'x-path')],
      [201, 'hi', ['/cart']],
    );
    await using streamed = await start('streamed');
    const parts = await streamed.invoke();
    assert.deepEqual(
      [parts.status, parts.body.toString(), headerValues(parts, 'x-a')],
      [202, 'one two', ['b']],
    );
  });

  test('a handler that is not there is an init error', { skip: absent }, async () => {
    const failed = await failedStart(
      { bootstrap: BOOTSTRAP, 'index.mjs': CODE },
      { handler: { file: 'bootstrap', export: 'index.nothing' } },
    );
    assert.deepEqual([failed.code, failed.name], ['FUNCTION_INIT_FAILED', 'Runtime.HandlerNotFound']);
  });
});
