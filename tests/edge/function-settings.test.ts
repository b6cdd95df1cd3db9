import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  AddLayerVersionPermissionCommand,
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetEventSourceMappingCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionRecursionConfigCommand,
  GetLayerVersionPolicyCommand,
  GetRuntimeManagementConfigCommand,
  type LambdaClient,
  ListCodeSigningConfigsCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  PublishLayerVersionCommand,
  PutFunctionCodeSigningConfigCommand,
  PutFunctionRecursionConfigCommand,
  PutRuntimeManagementConfigCommand,
  RemoveLayerVersionPermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { TestNode } from '../harness/test-node.ts';
import { credentialsOf, lambdaClient } from './lambda-client.ts';
import { createFunction } from './made-function.ts';
import { zipFiles } from './zip-file.ts';

const CODE = 'exports.handler = async () => 1;';
const FunctionName = 'f';
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const queue = 'arn:aws:sqs:us-east-1:000000000000:queue';
const stream = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const withoutAws = spawnSync('aws', ['--version']).status === 0 ? false : 'awscli is not installed';

describe('what is set for functions of the Lambda API', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
    client = await lambdaClient(node);
    await createFunction(client, FunctionName, CODE, { Tags: { team: 'a' } });
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const map = (extra: Partial<CreateEventSourceMappingCommandInput>) =>
    client.send(new CreateEventSourceMappingCommand({ FunctionName, ...extra }));

  it('event sources are kept, with their defaults, and say that they wait', async () => {
    const made = await map({ EventSourceArn: queue, Tags: { a: 'b' } });
    assert.deepEqual([made.State, made.BatchSize, made.MaximumBatchingWindowInSeconds], ['Creating', 10, 0]);
    assert.match(made.StateTransitionReason!, /begins to work when this node has a service/);
    assert.equal(
      made.EventSourceMappingArn,
      `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${made.UUID}`,
    );
    await assert.rejects(map({ EventSourceArn: queue }), {
      name: 'ResourceConflictException',
      message: new RegExp(made.UUID!),
    });
    const { UUID } = made;
    const get = () => client.send(new GetEventSourceMappingCommand({ UUID }));
    assert.equal((await get()).State, 'Enabled');
    const update = (extra: object) => client.send(new UpdateEventSourceMappingCommand({ UUID, ...extra }));
    assert.equal((await update({ Enabled: false, BatchSize: 5 })).State, 'Updating');
    const changed = await get();
    assert.deepEqual([changed.State, changed.BatchSize], ['Disabled', 5]);
    await assert.rejects(update({ BatchSize: 20 }), { name: 'InvalidParameterValueException' });
    assert.deepEqual(
      (await client.send(new ListTagsCommand({ Resource: made.EventSourceMappingArn }))).Tags,
      {
        a: 'b',
      },
    );
    const second = await map({ EventSourceArn: stream, StartingPosition: 'LATEST' });
    assert.deepEqual(
      [second.BatchSize, second.ParallelizationFactor, second.MaximumRetryAttempts],
      [100, 1, -1],
    );
    const list = (extra: object) => client.send(new ListEventSourceMappingsCommand(extra));
    const first = await list({ MaxItems: 1 });
    const rest = await list({ Marker: first.NextMarker, FunctionName });
    const ids = [...first.EventSourceMappings!, ...rest.EventSourceMappings!].map((one) => one.UUID);
    assert.deepEqual(ids.sort(), [made.UUID, second.UUID].sort());
    assert.equal((await list({ EventSourceArn: stream })).EventSourceMappings?.length, 1);
    assert.equal((await client.send(new DeleteEventSourceMappingCommand({ UUID }))).State, 'Deleting');
    await assert.rejects(get(), { name: 'ResourceNotFoundException' });
  });

  it('refuses mappings that no source could serve', async () => {
    const wrong: readonly Partial<CreateEventSourceMappingCommandInput>[] = [
      {},
      { EventSourceArn: 'arn:aws:s3:::bucket' },
      { EventSourceArn: stream },
      { EventSourceArn: stream, StartingPosition: 'AT_TIMESTAMP' },
      { EventSourceArn: queue, StartingPosition: 'LATEST' },
      { EventSourceArn: queue, ParallelizationFactor: 2 },
      { EventSourceArn: queue, BatchSize: 11 },
      { EventSourceArn: `${queue}.fifo`, MaximumBatchingWindowInSeconds: 1 },
      { EventSourceArn: queue, FilterCriteria: { Filters: [{ Pattern: 'no json' }] } },
      { EventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:b' },
      {
        SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['k:9092'] } },
        StartingPosition: 'LATEST',
      },
    ];
    for (const extra of wrong) await assert.rejects(map(extra), { name: 'InvalidParameterValueException' });
    await assert.rejects(map({ EventSourceArn: queue, BatchSize: 10_001 }), { name: 'ValidationException' });
    await assert.rejects(map({ FunctionName: 'none', EventSourceArn: queue }), {
      name: 'ResourceNotFoundException',
    });
    await createFunction(client, 'leaving', CODE);
    const { UUID } = await map({ FunctionName: 'leaving', EventSourceArn: queue });
    await client.send(new DeleteFunctionCommand({ FunctionName: 'leaving' }));
    await assert.rejects(client.send(new GetEventSourceMappingCommand({ UUID })), {
      name: 'ResourceNotFoundException',
    });
  });

  it('tags are added, replaced and taken away', async () => {
    const tag = (Tags: Record<string, string>, Resource = arn) =>
      client.send(new TagResourceCommand({ Resource, Tags }));
    await tag({ team: 'b', 'cost centre': '7' });
    assert.deepEqual((await client.send(new GetFunctionCommand({ FunctionName }))).Tags, {
      team: 'b',
      'cost centre': '7',
    });
    await client.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['team', 'none'] }));
    const { Tags } = await client.send(new ListTagsCommand({ Resource: arn }));
    assert.deepEqual(Tags, { 'cost centre': '7' });
    await assert.rejects(tag({ 'aws:x': '1' }), { name: 'InvalidParameterValueException' });
    await assert.rejects(tag({ a: 'x'.repeat(257) }), { name: 'InvalidParameterValueException' });
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']));
    await assert.rejects(tag(many), { name: 'InvalidParameterValueException' });
    await assert.rejects(tag({ a: '1' }, `${arn}:1`), { name: 'InvalidParameterValueException' });
    await assert.rejects(tag({ a: '1' }, `${arn}x`), { name: 'ResourceNotFoundException' });
    await assert.rejects(createFunction(client, 'tagged', CODE, { Tags: { 'aws:x': '1' } }), {
      name: 'InvalidParameterValueException',
    });
  });

  it('answers what tools ask besides', async () => {
    const runtime = () => client.send(new GetRuntimeManagementConfigCommand({ FunctionName }));
    assert.equal((await runtime()).UpdateRuntimeOn, 'Auto');
    const put = { FunctionName, UpdateRuntimeOn: 'FunctionUpdate' } as const;
    await client.send(new PutRuntimeManagementConfigCommand(put));
    const { UpdateRuntimeOn, FunctionArn } = await runtime();
    assert.deepEqual([UpdateRuntimeOn, FunctionArn], ['FunctionUpdate', `${arn}:$LATEST`]);
    await assert.rejects(
      client.send(new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: 'Manual' })),
      { name: 'InvalidParameterValueException' },
    );
    const recursion = () => client.send(new GetFunctionRecursionConfigCommand({ FunctionName }));
    assert.equal((await recursion()).RecursiveLoop, 'Terminate');
    await client.send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: 'Allow' }));
    assert.equal((await recursion()).RecursiveLoop, 'Allow');
    const signing = await client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }));
    assert.deepEqual([signing.FunctionName, signing.CodeSigningConfigArn], ['f', undefined]);
    assert.deepEqual((await client.send(new ListCodeSigningConfigsCommand({}))).CodeSigningConfigs, []);
    const CodeSigningConfigArn =
      'arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0';
    await assert.rejects(
      client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn })),
      { name: 'CodeSigningConfigNotFoundException' },
    );
  });

  it('keeps who may use a version of a layer', async () => {
    const LayerName = 'libs';
    const Content = { ZipFile: zipFiles({ 'a.txt': 'a' }) };
    await client.send(new PublishLayerVersionCommand({ LayerName, Content }));
    const place = { LayerName, VersionNumber: 1 };
    const get = () => client.send(new GetLayerVersionPolicyCommand(place));
    await assert.rejects(get(), { name: 'ResourceNotFoundException' });
    const permission = { ...place, StatementId: 's', Action: 'lambda:GetLayerVersion', Principal: '*' };
    const { Statement, RevisionId } = await client.send(new AddLayerVersionPermissionCommand(permission));
    assert.equal(JSON.parse(Statement!).Resource, 'arn:aws:lambda:us-east-1:000000000000:layer:libs:1');
    await assert.rejects(client.send(new AddLayerVersionPermissionCommand(permission)), {
      name: 'ResourceConflictException',
    });
    assert.equal((await get()).RevisionId, RevisionId);
    const remove = (extra: object) =>
      client.send(new RemoveLayerVersionPermissionCommand({ ...place, StatementId: 's', ...extra }));
    await assert.rejects(remove({ RevisionId: 'stale' }), { name: 'PreconditionFailedException' });
    await remove({ RevisionId });
    await assert.rejects(get(), { name: 'ResourceNotFoundException' });
  });

  it("AWS's command line sets and reads the same", { skip: withoutAws }, async () => {
    const { accessKeyId, secretAccessKey, region, endpointUrl } = await credentialsOf(node);
    const env = {
      PATH: process.env.PATH,
      HOME: node.folder,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: endpointUrl,
      AWS_MAX_ATTEMPTS: '1',
    };
    const aws = async (...words: string[]) => {
      const command = ['--endpoint-url', endpointUrl, 'lambda', ...words];
      const { stdout } = await promisify(execFile)('aws', command, { cwd: node.folder, env });
      return stdout === '' ? null : JSON.parse(stdout);
    };
    const [settings, concurrency] = await Promise.all([
      aws('get-account-settings'),
      aws('put-function-concurrency', '--function-name', 'f', '--reserved-concurrent-executions', '5'),
    ]);
    assert.equal(settings.AccountLimit.ConcurrentExecutions, 1_000);
    assert.deepEqual(concurrency, { ReservedConcurrentExecutions: 5 });
    const { Concurrency } = await aws('get-function', '--function-name', 'f');
    assert.deepEqual(Concurrency, { ReservedConcurrentExecutions: 5 });
  });
});
