import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateFunctionCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { sdkFunction } from './sdk-function.ts';
import { zipFiles } from './zip-file.ts';

const roleOf = (name: string) => `arn:aws:iam::000000000000:role/teams/${name}`;
const PLAIN = 'exports.handler = async (event) => ({ got: event });';

describe('what a function may do to other functions', () => {
  let node: TestNode;
  let client: LambdaClient;
  let sdk: string;
  before(async () => {
    [node, sdk] = await Promise.all([TestNode.start({ isolation: 'process' }), sdkFunction()]);
    client = await lambdaClient(node);
    await create(client, 'caller', sdk, 'shop');
    await create(client, 'same', PLAIN, 'shop');
    await create(client, 'other', PLAIN, 'bank');
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const create = (by: LambdaClient, FunctionName: string, code: string, role: string) =>
    by.send(
      new CreateFunctionCommand({
        FunctionName,
        Role: roleOf(role),
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 20,
        MemorySize: 512,
        Code: { ZipFile: zipFiles({ 'index.js': code }) },
      }),
    );
  /** What the function got that sent this. */
  const from = async (FunctionName: string, command: string, input: object) => {
    const Payload = JSON.stringify({ command, input });
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(answer.Payload!.transformToString());
  };
  const denied = (user: string, action: string, target: string, why: string) => ({
    error: 'AccessDeniedException',
    message: `User: ${user} is not authorized to perform: lambda:${action} on resource: arn:aws:lambda:us-east-1:000000000000:function:${target} because ${why}`,
  });
  const byRole = (caller: string, role: string, action: string, target: string) =>
    denied(
      `arn:aws:sts::000000000000:assumed-role/${role}/${caller}`,
      action,
      target,
      `no identity-based policy allows the lambda:${action} action`,
    );

  it("functions of one role call and describe each other by AWS's SDK with nothing configured, and no others", async () => {
    const Payload = '{"n":1}';
    const called = await from('caller', 'InvokeCommand', { FunctionName: 'same', Payload });
    assert.deepEqual(called, { payload: { got: { n: 1 } }, version: '$LATEST' });
    const itself = { FunctionName: 'caller' };
    assert.deepEqual(await from('caller', 'GetFunctionConfigurationCommand', itself), { name: 'caller' });
    const fellow = { FunctionName: 'same' };
    assert.deepEqual(await from('caller', 'GetFunctionConfigurationCommand', fellow), { name: 'same' });
    const stranger = { FunctionName: 'other' };
    assert.deepEqual(
      await from('caller', 'InvokeCommand', stranger),
      byRole('caller', 'shop', 'InvokeFunction', 'other'),
    );
    assert.deepEqual(
      await from('caller', 'GetFunctionCommand', stranger),
      byRole('caller', 'shop', 'GetFunction', 'other'),
    );
    const change = await from('caller', 'UpdateFunctionConfigurationCommand', { ...fellow, Timeout: 9 });
    assert.equal(change.error, 'AccessDeniedException');
  });

  it('a role that changes counts at once', async () => {
    await create(client, 'moving', PLAIN, 'shop');
    const input = { FunctionName: 'moving' };
    const move = (role: string) =>
      client.send(new UpdateFunctionConfigurationCommand({ ...input, Role: roleOf(role) }));
    await move('bank');
    assert.deepEqual(
      await from('caller', 'InvokeCommand', input),
      byRole('caller', 'shop', 'InvokeFunction', 'moving'),
    );
    await move('shop');
    assert.equal((await from('caller', 'InvokeCommand', input)).error, undefined);
  });

  it('a role leads no further than whoever gave it', async () => {
    const body = { name: 'limited', role: 'deploy', apps: ['lambda-guest', 'lambda-guest-2'] };
    const response = await fetch(`${node.controlUrl}/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { token } = (await response.json()) as { token: string };
    const limited = await lambdaClient(node, token);
    try {
      const made = await create(limited, 'guest', sdk, 'shop');
      assert.equal('RoleApps' in made, false);
      await create(limited, 'guest-2', PLAIN, 'shop');
      await assert.rejects(create(limited, 'third', PLAIN, 'shop'), {
        name: 'AccessDeniedException',
        message:
          'User: limited is not authorized to perform: lambda:CreateFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:third because its credentials are not good for the app "lambda-third"',
      });
      assert.deepEqual(
        await from('guest', 'InvokeCommand', { FunctionName: 'same' }),
        byRole('guest', 'shop', 'InvokeFunction', 'same'),
      );
      const reached = await from('guest', 'InvokeCommand', { FunctionName: 'guest-2' });
      assert.equal(reached.error, undefined);
    } finally {
      limited.destroy();
    }
  });

  it('functions of mayfly deploy call those of their app in their own environment', async () => {
    const app = (place: string) => ({
      'functions/ask.js': sdk,
      'functions/where.js': `exports.handler = async () => '${place}';`,
      'mayfly.yaml':
        'functions:\n  ask: { dialect: lambda, handler: functions/ask.js#handler }\n  where: { dialect: lambda, handler: functions/where.js#handler }\n',
    });
    await node.deploy('site', app('production'));
    await node.deploy('site', app('staging'), 'staging');
    const answer = async (asking: string, FunctionName: string) =>
      (await from(asking, 'InvokeCommand', { FunctionName })).payload;
    assert.equal(await answer('site-ask', 'site-where'), 'production');
    assert.equal(await answer('site--staging-ask', 'site--staging-where'), 'staging');
    // The same code, which names a function without its environment, stays in its own.
    assert.equal(await answer('site--staging-ask', 'site-where'), 'staging');
    assert.deepEqual(
      await from('site-ask', 'InvokeCommand', { FunctionName: 'site--staging-where' }),
      denied(
        'site/production/ask',
        'InvokeFunction',
        'site--staging-where',
        'its credentials are not good for the environment "staging"',
      ),
    );
    const FunctionName = 'same';
    assert.deepEqual(
      await from('site--staging-ask', 'InvokeCommand', { FunctionName }),
      denied(
        'site/staging/ask',
        'InvokeFunction',
        'same',
        'its credentials are not good for the app "lambda-same"',
      ),
    );
  });
});
