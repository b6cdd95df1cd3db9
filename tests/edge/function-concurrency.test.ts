import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  CreateAliasCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvokeCommand,
  type LambdaClient,
  ListProvisionedConcurrencyConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { eventually, TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { createFunction } from './made-function.ts';
import { zipFiles, zipOf } from './zip-file.ts';

const codeOf = (n: number) => `exports.handler = async ({ ms = 0 }) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ${n};
};`;

describe('concurrency of functions of the Lambda API', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    node = await TestNode.start({
      isolation: 'process',
      lambdaConcurrencyMax: '300',
      lambdaStorageBytesMax: '100KB',
    });
    client = await lambdaClient(node);
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  const invoke = async (FunctionName: string, payload: object = {}) => {
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) });
    return (await client.send(command)).Payload?.transformToString();
  };

  it('what is reserved bounds the calls of all versions together; 0 stops the function', async () => {
    const FunctionName = 'bounded';
    await createFunction(client, FunctionName, codeOf(1), { Publish: true });
    const get = async () =>
      (await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;
    assert.equal(await get(), undefined);
    assert.equal((await reserve(FunctionName, 1)).ReservedConcurrentExecutions, 1);
    assert.equal(await get(), 1);
    const { Concurrency } = await client.send(new GetFunctionCommand({ FunctionName }));
    assert.equal(Concurrency?.ReservedConcurrentExecutions, 1);
    // Two calls that overlap for certain: the first runs until the second has been refused.
    const first = eventually(() => invoke(FunctionName, { ms: 1_000 }).catch(() => null));
    const refused = await eventually(() =>
      invoke(`${FunctionName}:1`).then(
        () => null,
        (error: Error & { Reason?: string }) => error,
      ),
    );
    assert.deepEqual(
      [refused.name, refused.Reason],
      ['TooManyRequestsException', 'ReservedFunctionConcurrentInvocationLimitExceeded'],
    );
    assert.equal(await first, '1');
    assert.equal(await invoke(FunctionName), '1');
    await reserve(FunctionName, 0);
    await assert.rejects(invoke(FunctionName), { name: 'TooManyRequestsException' });
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    assert.equal(await get(), undefined);
    assert.equal(await invoke(FunctionName), '1');
  });

  it('the account keeps some for functions that reserve nothing, and says what it has', async () => {
    await createFunction(client, 'large', codeOf(1));
    await reserve('large', 150);
    await createFunction(client, 'other', codeOf(1));
    await assert.rejects(reserve('other', 51), {
      name: 'InvalidParameterValueException',
      message: /\[100\]/,
    });
    await reserve('large', 160);
    await assert.rejects(reserve('none', 1), { name: 'ResourceNotFoundException' });
    await assert.rejects(reserve('other', -1), { name: 'ValidationException' });
    const { AccountLimit, AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
    assert.deepEqual(
      [AccountLimit?.ConcurrentExecutions, AccountLimit?.UnreservedConcurrentExecutions],
      [300, 140],
    );
    assert.deepEqual(
      [AccountLimit?.TotalCodeSize, AccountLimit?.CodeSizeZipped],
      [100 * 1024, 50 * 1024 ** 2],
    );
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'large' }));
    assert.equal(AccountUsage?.FunctionCount, 3);
    assert.equal(AccountUsage?.TotalCodeSize, 4 * Configuration!.CodeSize!);
    const ZipFile = zipOf([{ path: 'index.js', content: randomBytes(101 * 1024) }]);
    await assert.rejects(createFunction(client, 'full', '', { Code: { ZipFile } }), {
      name: 'CodeStorageExceededException',
    });
  });

  it('provisioned instances become ready, follow their alias, and go', async () => {
    const FunctionName = 'ready';
    await createFunction(client, FunctionName, codeOf(1), { Publish: true });
    await client.send(
      new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zipFiles({ 'index.js': codeOf(2) }) }),
    );
    await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const place = { FunctionName, Qualifier: 'live' };
    const put = (Qualifier: string, ProvisionedConcurrentExecutions: number) =>
      client.send(
        new PutProvisionedConcurrencyConfigCommand({
          FunctionName,
          Qualifier,
          ProvisionedConcurrentExecutions,
        }),
      );
    const get = () => client.send(new GetProvisionedConcurrencyConfigCommand(place));
    await assert.rejects(get(), { name: 'ProvisionedConcurrencyConfigNotFoundException' });
    await assert.rejects(put('$LATEST', 1), {
      name: 'InvalidParameterValueException',
      message: /unpublished/,
    });
    await assert.rejects(put('live', 0), { name: 'ValidationException' });
    await assert.rejects(put('live', 999), { name: 'InvalidParameterValueException' });
    const asked = await put('live', 2);
    assert.deepEqual([asked.Status, asked.RequestedProvisionedConcurrentExecutions], ['IN_PROGRESS', 2]);
    await eventually(async () => (await get()).Status === 'READY');
    assert.equal((await get()).AvailableProvisionedConcurrentExecutions, 2);
    await assert.rejects(put('1', 1), { name: 'InvalidParameterValueException', message: /already/ });
    await assert.rejects(reserve(FunctionName, 1), { name: 'InvalidParameterValueException' });
    assert.equal(await invoke(`${FunctionName}:live`), '1');
    await client.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '2' }));
    await eventually(async () => (await get()).Status === 'READY');
    assert.equal(await invoke(`${FunctionName}:live`), '2');
    const { ProvisionedConcurrencyConfigs } = await client.send(
      new ListProvisionedConcurrencyConfigsCommand({ FunctionName }),
    );
    assert.deepEqual(
      ProvisionedConcurrencyConfigs?.map((one) => [one.FunctionArn?.split(':')[7], one.Status]),
      [['live', 'READY']],
    );
    await client.send(new DeleteProvisionedConcurrencyConfigCommand(place));
    await assert.rejects(get(), { name: 'ProvisionedConcurrencyConfigNotFoundException' });
    assert.equal(await invoke(`${FunctionName}:live`), '2');
  });

  it('what cannot be made ready says why', async () => {
    const FunctionName = 'broken';
    await createFunction(client, FunctionName, "throw new Error('not today');", { Publish: true });
    const place = { FunctionName, Qualifier: '1' };
    await client.send(
      new PutProvisionedConcurrencyConfigCommand({ ...place, ProvisionedConcurrentExecutions: 1 }),
    );
    const state = await eventually(async () => {
      const { Status, StatusReason } = await client.send(new GetProvisionedConcurrencyConfigCommand(place));
      return Status === 'FAILED' ? StatusReason : null;
    });
    assert.match(state, /not today/);
  });
});
