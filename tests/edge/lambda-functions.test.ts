import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  InvokeWithResponseStreamCommand,
  type LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { eventually, TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { zipFiles } from './zip-file.ts';

const Role = 'arn:aws:iam::000000000000:role/service-role/any';

describe('functions of the Lambda API', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
    client = await lambdaClient(node);
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const create = (FunctionName: string, code: string, extra: object = {}) =>
    client.send(
      new CreateFunctionCommand({
        FunctionName,
        Role,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: zipFiles({ 'index.js': code }) },
        ...extra,
      }),
    );
  const invoke = async (
    FunctionName: string,
    payload: unknown = {},
    extra: Partial<InvokeCommandInput> = {},
  ) => {
    const answer = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload), ...extra }),
    );
    const text = answer.Payload?.transformToString() ?? '';
    return { ...answer, result: text === '' ? undefined : JSON.parse(text) };
  };

  it('a function is created, described, downloaded, called and deleted', async () => {
    const code = `exports.handler = async (event, context) => ({
      event, name: context.functionName, version: context.functionVersion, arn: context.invokedFunctionArn,
      id: context.awsRequestId, custom: context.clientContext?.custom, variable: process.env.COLOUR,
      lambda: process.env.AWS_LAMBDA_FUNCTION_NAME, memory: context.memoryLimitInMB });`;
    const settings = { Environment: { Variables: { COLOUR: 'red' } }, Timeout: 7, MemorySize: 256 };
    const made = await create('My_Function', code, { ...settings, Description: 'd', Tags: { team: 'a' } });
    assert.deepEqual(
      [made.FunctionName, made.Version, made.State, made.LastUpdateStatus, made.Timeout, made.MemorySize],
      ['My_Function', '$LATEST', 'Active', 'Successful', 7, 256],
    );
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:My_Function';
    assert.equal(made.FunctionArn, arn);
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 5 }, { FunctionName: arn });

    const ClientContext = Buffer.from('{"custom":{"a":1}}').toString('base64');
    const called = await invoke('My_Function', { n: 1 }, { ClientContext });
    assert.equal(called.ExecutedVersion, '$LATEST');
    assert.equal(called.FunctionError, undefined);
    assert.deepEqual(called.result, {
      event: { n: 1 },
      name: 'My_Function',
      version: '$LATEST',
      arn,
      id: called.$metadata.requestId,
      custom: { a: 1 },
      variable: 'red',
      lambda: 'My_Function',
      memory: '256',
    });

    const { Code, Configuration, Tags } = await client.send(new GetFunctionCommand({ FunctionName: arn }));
    assert.deepEqual(Tags, { team: 'a' });
    const downloaded = Buffer.from(await (await fetch(Code!.Location!)).arrayBuffer());
    assert.deepEqual(downloaded, zipFiles({ 'index.js': code }));
    assert.equal(Configuration?.CodeSize, downloaded.length);
    assert.equal((await fetch(Code!.Location!.replace(/signature=./, 'signature=_'))).status, 403);
    const listed = await client.send(new ListFunctionsCommand({}));
    assert.deepEqual(
      listed.Functions?.map(({ FunctionName }) => FunctionName),
      ['My_Function'],
    );
    await client.send(new DeleteFunctionCommand({ FunctionName: arn }));
    for (const command of [
      new GetFunctionConfigurationCommand({ FunctionName: arn }),
      new InvokeCommand({ FunctionName: arn }),
      new DeleteFunctionCommand({ FunctionName: arn }),
    ])
      await assert.rejects(client.send(command as InvokeCommand), { name: 'ResourceNotFoundException' });
    assert.equal((await node.status()).apps, 0);
  });

  it('code and configuration change, and only for who knows the revision', async () => {
    const FunctionName = 'changing';
    const first = await create(FunctionName, 'exports.handler = async () => [1, process.env.AA];');
    const configure = (extra: object) =>
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...extra }));
    const second = await configure({ Environment: { Variables: { AA: 'a' } }, RevisionId: first.RevisionId });
    assert.notEqual(second.RevisionId, first.RevisionId);
    assert.deepEqual((await invoke(FunctionName)).result, [1, 'a']);
    await assert.rejects(configure({ Timeout: 9, RevisionId: first.RevisionId }), {
      name: 'PreconditionFailedException',
    });
    const ZipFile = zipFiles({ 'index.js': 'exports.handler = async () => [2, process.env.AA];' });
    const update = (extra: object) =>
      client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, ...extra }));
    await assert.rejects(update({ RevisionId: first.RevisionId }), { name: 'PreconditionFailedException' });
    const tried = await update({ DryRun: true });
    assert.notEqual(tried.CodeSha256, first.CodeSha256);
    assert.deepEqual((await invoke(FunctionName)).result, [1, 'a']);
    await update({});
    await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 5 }, { FunctionName });
    assert.deepEqual((await invoke(FunctionName)).result, [2, 'a']);
    await configure({ Description: 'only words' });
    assert.deepEqual((await invoke(FunctionName)).result, [2, 'a']);
  });

  it('versions stay as they were published, aliases lead to them', async () => {
    const FunctionName = 'versioned';
    const codeOf = (n: number) =>
      `exports.handler = async (event, context) => [${n}, context.functionVersion, context.invokedFunctionArn.split(':')[7]];`;
    const first = await create(FunctionName, codeOf(1), { Publish: true });
    assert.equal(first.Version, '1');
    const publish = (extra: object = {}) =>
      client.send(new PublishVersionCommand({ FunctionName, ...extra }));
    assert.equal((await publish()).Version, '1');
    const ZipFile = zipFiles({ 'index.js': codeOf(2) });
    await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    await assert.rejects(publish({ CodeSha256: first.CodeSha256 }), {
      name: 'InvalidParameterValueException',
    });
    assert.equal((await publish({ Description: 'second' })).Version, '2');
    const { Versions } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    assert.deepEqual(
      Versions?.map(({ Version, Description }) => [Version, Description]),
      [
        ['$LATEST', ''],
        ['1', ''],
        ['2', 'second'],
      ],
    );
    const result = async (Qualifier: string) => (await invoke(FunctionName, {}, { Qualifier })).result;
    assert.deepEqual(await result('1'), [1, '1', '1']);
    assert.deepEqual(await result('$LATEST'), [2, '$LATEST', '$LATEST']);

    const alias = { FunctionName, Name: 'live' };
    await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1' }));
    assert.deepEqual(await result('live'), [1, '1', 'live']);
    await assert.rejects(client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1' })), {
      name: 'ResourceConflictException',
    });
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } };
    const weighted = await client.send(new UpdateAliasCommand({ ...alias, RoutingConfig }));
    assert.deepEqual(weighted.RoutingConfig, RoutingConfig);
    const seen = new Set<string | undefined>();
    await eventually(async () => {
      seen.add((await invoke(FunctionName, {}, { Qualifier: 'live' })).ExecutedVersion);
      return seen.size === 2;
    });
    assert.deepEqual([...seen].sort(), ['1', '2']);
    await client.send(
      new UpdateAliasCommand({
        ...alias,
        FunctionVersion: '2',
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
    assert.deepEqual(await result('live'), [2, '2', 'live']);
    const stale = { ...alias, RevisionId: weighted.RevisionId };
    await assert.rejects(client.send(new UpdateAliasCommand(stale)), { name: 'PreconditionFailedException' });
    const remove = (Qualifier: string) => client.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
    await assert.rejects(remove('2'), { name: 'ResourceConflictException' });
    await assert.rejects(remove('$LATEST'), { name: 'InvalidParameterValueException' });
    await remove('1');
    await assert.rejects(result('1'), { name: 'ResourceNotFoundException' });
    assert.equal((await client.send(new ListAliasesCommand({ FunctionName }))).Aliases?.length, 1);
    await client.send(new DeleteAliasCommand(alias));
    await assert.rejects(client.send(new GetAliasCommand(alias)), { name: 'ResourceNotFoundException' });
  });

  it('an alias that cannot be is refused', async () => {
    const FunctionName = 'aliased';
    await create(FunctionName, 'exports.handler = async () => 1;', { Publish: true });
    const alias = (Name: string, FunctionVersion: string, weights?: Record<string, number>) =>
      client.send(
        new CreateAliasCommand({
          FunctionName,
          Name,
          FunctionVersion,
          ...(weights === undefined ? {} : { RoutingConfig: { AdditionalVersionWeights: weights } }),
        }),
      );
    await alias('one', '1');
    await assert.rejects(alias('circular', 'one'), { name: 'ValidationException' });
    await assert.rejects(alias('circular', 'circular'), { name: 'ValidationException' });
    await assert.rejects(alias('7', '1'), { name: 'ValidationException' });
    await assert.rejects(alias('lost', '9'), { name: 'ResourceNotFoundException' });
    const impossible: Record<string, number>[] = [{ one: 0.5 }, { 1: 0.5 }, { 2: 1.5 }, { 2: 0.1, 3: 0.1 }];
    for (const weights of impossible)
      await assert.rejects(alias('heavy', '1', weights), { name: 'InvalidParameterValueException' });
    await assert.rejects(alias('heavy', '$LATEST', { 1: 0.5 }), { name: 'InvalidParameterValueException' });
    await assert.rejects(alias('heavy', '1', { 2: 0.5 }), { name: 'ResourceNotFoundException' });
    assert.equal((await client.send(new ListAliasesCommand({ FunctionName }))).Aliases?.length, 1);
  });

  it('a failing function is told as Lambda tells it, with the end of its log', async () => {
    const code = `exports.handler = async (event) => {
      console.log('before', event.kind);
      if (event.kind === 'throw') throw new TypeError('no good');
      if (event.kind === 'exit') process.exit(3);
      if (event.kind === 'late') await new Promise((resolve) => setTimeout(resolve, 60_000));
      return undefined;
    };`;
    await create('failing', code, { Timeout: 1 });
    const thrown = await invoke('failing', { kind: 'throw' }, { LogType: 'Tail' });
    assert.equal(thrown.StatusCode, 200);
    assert.equal(thrown.FunctionError, 'Unhandled');
    const { errorType, errorMessage, trace } = thrown.result;
    assert.deepEqual([errorType, errorMessage], ['TypeError', 'no good']);
    assert.match(trace[1], /index\.js:3/);
    const log = Buffer.from(thrown.LogResult!, 'base64').toString();
    assert.match(
      log,
      /^START RequestId: \S+ Version: \$LATEST\n[\s\S]*before throw[\s\S]*\nREPORT RequestId/,
    );
    const warm = await invoke('failing', {}, { LogType: 'Tail' });
    const report =
      /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: (\d+) MB\t(Init Duration: [\d.]+ ms\t)?$/m;
    const [, memory, cold] = report.exec(log) ?? [];
    assert.ok(Number(memory) > 5 && cold !== undefined, log);
    const [, , isCold] = report.exec(Buffer.from(warm.LogResult!, 'base64').toString()) ?? [
      null,
      null,
      'none',
    ];
    assert.equal(isCold, undefined);
    const exited = await invoke('failing', { kind: 'exit' });
    assert.equal(exited.result.errorType, 'Runtime.ExitError');
    const late = await invoke('failing', { kind: 'late' });
    assert.equal(late.result.errorType, 'Sandbox.Timedout');
    assert.match(late.result.errorMessage, /Task timed out after 1\.00 seconds/);
    const nothing = await invoke('failing');
    assert.deepEqual([nothing.FunctionError, nothing.result], [undefined, null]);
    await create('broken', 'throw new RangeError("at once");');
    const broken = await invoke('broken');
    assert.deepEqual(
      [broken.FunctionError, broken.result.errorType, broken.result.errorMessage],
      ['Unhandled', 'RangeError', 'at once'],
    );
    await create('absent', '', { Handler: 'other.handler' });
    assert.equal((await invoke('absent')).result.errorType, 'Runtime.ImportModuleError');
  });

  it('calls may be events, or not be made at all; payloads are JSON of a size', async () => {
    await create('logging', `exports.handler = async (event) => console.log('got', event.n);`);
    const event = await invoke('logging', { n: 41 }, { InvocationType: 'Event' });
    assert.deepEqual([event.StatusCode, event.result], [202, undefined]);
    await eventually(async () =>
      (await node.logs({ app: 'lambda-logging' })).some((line) => line.message === 'got 41'),
    );
    assert.equal((await invoke('logging', {}, { InvocationType: 'DryRun' })).StatusCode, 204);
    const bad = (Payload: string, extra: object = {}) =>
      client.send(new InvokeCommand({ FunctionName: 'logging', Payload, ...extra }));
    await assert.rejects(bad('{'), { name: 'InvalidRequestContentException' });
    await assert.rejects(bad('{}', { ClientContext: Buffer.from('x').toString('base64') }), {
      name: 'InvalidRequestContentException',
    });
    const large = JSON.stringify('x'.repeat(1024 ** 2));
    await assert.rejects(bad(large, { InvocationType: 'Event' }), { name: 'RequestTooLargeException' });
    await assert.rejects(bad(JSON.stringify('x'.repeat(6 * 1024 ** 2))), {
      name: 'RequestTooLargeException',
    });
    await create('talkative', `exports.handler = async () => 'x'.repeat(6 * 1024 * 1024);`);
    const answer = await invoke('talkative');
    assert.equal(answer.result.errorType, 'Function.ResponseSizeTooLarge');
  });

  it('a response is streamed as it comes', async () => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      for (const part of ['one ', 'two ', 'three']) { stream.write(part); await new Promise((done) => setImmediate(done)); }
      if (event.fail) throw new RangeError('halfway');
      stream.end();
    });`;
    await create('streaming', code);
    const stream = async (payload: object) => {
      const answer = await client.send(
        new InvokeWithResponseStreamCommand({
          FunctionName: 'streaming',
          Payload: JSON.stringify(payload),
          LogType: 'Tail',
        }),
      );
      let text = '';
      let complete: { ErrorCode?: string; LogResult?: string } | undefined;
      for await (const event of answer.EventStream!) {
        if (event.PayloadChunk !== undefined) text += Buffer.from(event.PayloadChunk.Payload!).toString();
        complete = event.InvokeComplete ?? complete;
      }
      return { text, complete };
    };
    const good = await stream({});
    assert.equal(good.text, 'one two three');
    assert.equal(good.complete?.ErrorCode, undefined);
    assert.match(Buffer.from(good.complete!.LogResult!, 'base64').toString(), /^START/);
    assert.equal((await stream({ fail: true })).complete?.ErrorCode, 'RangeError');
  });

  it('layers are part of the code, and /opt', async () => {
    const content = zipFiles({
      'nodejs/node_modules/greeting/index.js': `module.exports = (name) => 'Hello, ' + name;`,
      'data.txt': 'from a layer',
    });
    const published = await client.send(
      new PublishLayerVersionCommand({ LayerName: 'greeting', Content: { ZipFile: content } }),
    );
    assert.equal(published.LayerVersionArn, 'arn:aws:lambda:us-east-1:000000000000:layer:greeting:1');
    await create('layered', `exports.handler = async () => require('greeting')('layer');`, {
      Layers: [published.LayerVersionArn],
    });
    assert.equal((await invoke('layered')).result, 'Hello, layer');
    await assert.rejects(create('unlayered', '', { Layers: [`${published.LayerVersionArn}0`] }), {
      name: 'InvalidParameterValueException',
    });
  });

  it('runtimes of other languages know the function by the same name', async () => {
    const code = `def handler(event, context):
    return [event, context.function_name, context.function_version, context.invoked_function_arn[-10:]]
`;
    const Code = { ZipFile: zipFiles({ 'pkg/app.py': code }) };
    await create('Py_Fn', '', { Runtime: 'python3.12', Handler: 'pkg/app.handler', Code, Publish: true });
    const called = await invoke('Py_Fn', [1], { Qualifier: '1' });
    assert.deepEqual(called.result, [[1], 'Py_Fn', '1', 'on:Py_Fn:1']);
    const ZipFile = zipFiles({ bootstrap: '#!/bin/sh' });
    await assert.rejects(create('still', '', { Runtime: 'provided.al2023', Code: { ZipFile } }), {
      name: 'InvalidParameterValueException',
      message: /"bootstrap" has no run bit/,
    });
  });

  it('what was deployed otherwise is called by its name, and changed by nobody here', async () => {
    await node.deploy('shop', {
      'functions/hello.ts': 'export default async () => "hi";',
      'functions/echo.js': 'export const handler = async (event) => ({ got: event });',
      'mayfly.yaml':
        'functions:\n  echo: { dialect: lambda, handler: functions/echo.js#handler }\n  hello: { dialect: event }\n',
    });
    assert.deepEqual((await invoke('shop-echo', { a: 1 })).result, { got: { a: 1 } });
    await assert.rejects(client.send(new DeleteFunctionCommand({ FunctionName: 'shop-echo' })), {
      name: 'InvalidParameterValueException',
      message: /deploy the app "shop" again/,
    });
    await assert.rejects(create('shop-echo', ''), { name: 'ResourceConflictException' });
  });
});
