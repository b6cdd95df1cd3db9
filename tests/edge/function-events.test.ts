import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateAliasCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  type LambdaClient,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { eventually, TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { createFunction } from './made-function.ts';

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

describe('events of functions of the Lambda API', () => {
  let node: TestNode;
  let client: LambdaClient;
  let file: string;
  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
    client = await lambdaClient(node);
    file = join(node.folder, 'records.jsonl');
    writeFileSync(file, '');
    const keep = `exports.handler = async (record) => {
      require('node:fs').appendFileSync(${JSON.stringify(file)}, JSON.stringify(record) + '\\n');
    };`;
    await createFunction(client, 'keeper', keep);
    const work = `exports.handler = async ({ fails, ...rest }) => {
      if (fails) throw new TypeError('no');
      return { rest };
    };`;
    await createFunction(client, 'worker', work, { Publish: true });
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const put = (FunctionName: string, extra: Partial<PutFunctionEventInvokeConfigCommandInput>) =>
    client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...extra }));
  const send = async (FunctionName: string, payload: object): Promise<string> => {
    const Payload = JSON.stringify(payload);
    const sent = await client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
    return sent.$metadata.requestId!;
  };
  const recordOf = (requestId: string) =>
    eventually(() => {
      const lines = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      const records = lines.map((line) => JSON.parse(line));
      return records.find(({ requestContext }) => requestContext.requestId === requestId);
    });
  const both = { OnSuccess: { Destination: arnOf('keeper') }, OnFailure: { Destination: arnOf('keeper') } };

  it('another function is told of the end, good or bad, with what went in and came out', async () => {
    await put('worker', { MaximumRetryAttempts: 0, DestinationConfig: both });
    const good = await recordOf(await send('worker', { a: 1 }));
    assert.match(good.timestamp, /^\d{4}-.*Z$/);
    const { requestId, ...context } = good.requestContext;
    assert.ok(requestId);
    assert.deepEqual(
      { ...good, timestamp: '', requestContext: context },
      {
        version: '1.0',
        timestamp: '',
        requestContext: {
          functionArn: `${arnOf('worker')}:$LATEST`,
          condition: 'Success',
          approximateInvokeCount: 1,
        },
        requestPayload: { a: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST' },
        responsePayload: { rest: { a: 1 } },
      },
    );
    const bad = await recordOf(await send('worker', { fails: true }));
    assert.deepEqual(
      [
        bad.requestContext.condition,
        bad.requestContext.approximateInvokeCount,
        bad.responseContext.functionError,
      ],
      ['RetriesExhausted', 1, 'Unhandled'],
    );
    assert.equal(bad.responsePayload.errorMessage, 'no');
  });

  it('retries as often as its version or alias says', async () => {
    await client.send(new CreateAliasCommand({ FunctionName: 'worker', Name: 'live', FunctionVersion: '1' }));
    await put('worker', { Qualifier: 'live', MaximumRetryAttempts: 1, DestinationConfig: both });
    const { requestContext, responseContext } = await recordOf(await send('worker:live', { fails: true }));
    assert.deepEqual(
      [requestContext.functionArn, requestContext.approximateInvokeCount, responseContext.executedVersion],
      [`${arnOf('worker')}:live`, 2, '1'],
    );
  });

  it('an event for a function that is stopped ends at once', async () => {
    await createFunction(client, 'stopped', 'exports.handler = async () => 1;');
    await put('stopped', { DestinationConfig: both });
    const reserve = { FunctionName: 'stopped', ReservedConcurrentExecutions: 0 };
    await client.send(new PutFunctionConcurrencyCommand(reserve));
    const { requestContext, responseContext } = await recordOf(await send('stopped', {}));
    assert.equal(requestContext.condition, 'ZeroReservedConcurrency');
    assert.equal(responseContext, undefined);
  });

  it('a function that causes itself for ever is stopped', async () => {
    const code = `exports.handler = async (event) => {
      require('node:fs').appendFileSync(${JSON.stringify(file)}, JSON.stringify({ requestContext: {}, round: 1 }) + '\\n');
    };`;
    await createFunction(client, 'circular', code);
    await put('circular', { DestinationConfig: { OnSuccess: { Destination: arnOf('circular') } } });
    await send('circular', {});
    const rounds = () => readFileSync(file, 'utf8').split('"round"').length - 1;
    await eventually(() => rounds() >= 17);
    await eventually(async () => (await node.status()).asyncCalls.inFlight === 0);
    assert.equal(rounds(), 17);
  });

  it('keeps settings for each qualifier, replaces and changes them, and says what must wait', async () => {
    const FunctionName = 'worker';
    const queue = 'arn:aws:sqs:us-east-1:000000000000:queue';
    const get = () => client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    const headers: Record<string, string>[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        headers.push((result.response as { headers: Record<string, string> }).headers);
        return result;
      },
      { step: 'deserialize', name: 'headers', priority: 'low' },
    );
    const made = await put(FunctionName, {
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
    client.middlewareStack.remove('headers');
    assert.match(headers[0]!['x-mayfly-notice']!, /not served yet by this node: arn:aws:sqs/);
    assert.ok(Math.abs(made.LastModified!.getTime() - Date.now()) < 60_000);
    assert.deepEqual([made.MaximumRetryAttempts, made.MaximumEventAgeInSeconds], [undefined, 60]);
    await client.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 2 }));
    const changed = await get();
    assert.deepEqual([changed.MaximumRetryAttempts, changed.MaximumEventAgeInSeconds], [2, 60]);
    assert.equal(changed.DestinationConfig?.OnFailure?.Destination, queue);
    const list = (extra: object) =>
      client.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName, ...extra }));
    const first = await list({ MaxItems: 1 });
    const second = await list({ Marker: first.NextMarker });
    assert.deepEqual(
      [...first.FunctionEventInvokeConfigs!, ...second.FunctionEventInvokeConfigs!].map(
        (one) => one.FunctionArn,
      ),
      [`${arnOf('worker')}:$LATEST`, `${arnOf('worker')}:live`],
    );
    await client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    await assert.rejects(get(), { name: 'ResourceNotFoundException' });
    const wrong: Partial<PutFunctionEventInvokeConfigCommandInput>[] = [
      {},
      { DestinationConfig: { OnSuccess: { Destination: arnOf('none') } } },
      { DestinationConfig: { OnSuccess: { Destination: 'arn:aws:s3:::bucket' } } },
      {
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:kinesis:us-east-1:000000000000:stream/x' } },
      },
    ];
    for (const extra of wrong)
      await assert.rejects(put(FunctionName, extra), { name: 'InvalidParameterValueException' });
    await assert.rejects(put(FunctionName, { MaximumRetryAttempts: 3 }), { name: 'ValidationException' });
    await assert.rejects(put(FunctionName, { Qualifier: 'none', MaximumRetryAttempts: 1 }), {
      name: 'ResourceNotFoundException',
    });
  });
});
