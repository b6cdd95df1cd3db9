import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { eventually, TestNode } from '../harness/test-node.ts';
import { credentialsOf, lambdaClient } from './lambda-client.ts';

describe('the edge port', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    node = await TestNode.start({ isolation: 'process' });
    await node.deploy('shop', {
      'functions/list-all.ts': `export default () => Object.fromEntries(
        Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));`,
      'functions/own.ts': `export default () => process.env.AWS_ENDPOINT_URL ?? 'none';`,
      'mayfly.yaml': 'functions:\n  own: { env: { AWS_ACCESS_KEY_ID: mine } }\n',
    });
    client = await lambdaClient(node);
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const plainly = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${node.node.edgeUrl}${path}`, init);
    const { message } = (await response.json()) as { message: string };
    return [response.status, response.headers.get('x-amzn-errortype'), message];
  };

  it('shows what was deployed otherwise, to who may see it', async () => {
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    assert.deepEqual(
      Functions?.map(({ FunctionName, Version, State }) => [FunctionName, Version, State]),
      [
        ['shop-list-all', '$LATEST', 'Active'],
        ['shop-own', '$LATEST', 'Active'],
      ],
    );
    const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:shop-list-all';
    const one = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    assert.equal(one.FunctionArn, FunctionName);
    assert.equal(one.Runtime, 'nodejs24.x');
    const versions = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    assert.equal(versions.Versions?.length, 1);
    const first = await client.send(new ListFunctionsCommand({ MaxItems: 1 }));
    const second = await client.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    assert.deepEqual(
      [...first.Functions!, ...second.Functions!].map((fn) => fn.FunctionName),
      ['shop-list-all', 'shop-own'],
    );
    assert.equal(second.NextMarker, undefined);
    await assert.rejects(client.send(new ListFunctionsCommand({ Marker: 'x' })), {
      name: 'InvalidParameterValueException',
    });
  });

  it('what does not exist, and what nobody could be named', async () => {
    const get = (FunctionName: string, Qualifier?: string) =>
      client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
    await assert.rejects(get('shop-none'), {
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:shop-none',
    });
    await assert.rejects(get('shop-own', '7'), { name: 'ResourceNotFoundException' });
    await assert.rejects(get('no name'), { name: 'ValidationException' });
    await assert.rejects(get('shop-own:1', '2'), { name: 'InvalidParameterValueException' });
    await assert.rejects(get('arn:aws:lambda:us-east-1:123456789012:function:shop-own'), {
      name: 'AccessDeniedException',
    });
  });

  it('refuses what is unsigned, signed by a stranger, for another service, or too old', async () => {
    assert.deepEqual(await plainly('/2015-03-31/functions'), [
      403,
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ]);
    const authorization = 'AWS4-HMAC-SHA256 Credential=x';
    const garbled = await plainly('/2015-03-31/functions', { headers: { authorization } });
    assert.deepEqual(garbled.slice(0, 2), [400, 'IncompleteSignatureException']);
    const { endpointUrl: endpoint, region, ...own } = await credentialsOf(node);
    const attempts = [
      [{ ...own, accessKeyId: 'AKIDNOBODY0000000000' }, 0, 'UnrecognizedClientException'],
      [{ ...own, accessKeyId: 'MFLYTOKN0123456789AB' }, 0, 'UnrecognizedClientException'],
      [{ ...own, secretAccessKey: 'wrong' }, 0, 'InvalidSignatureException'],
      [own, -301_000, 'InvalidSignatureException'],
      [own, 301_000, 'InvalidSignatureException'],
    ] as const;
    for (const [credentials, systemClockOffset, name] of attempts) {
      const other = new LambdaClient({ endpoint, region, credentials, systemClockOffset, maxAttempts: 1 });
      await assert.rejects(other.send(new ListFunctionsCommand({})), { name });
      other.destroy();
    }
  });

  it('knows no other operation, and no body without end', async () => {
    client.middlewareStack.add(
      (next) => async (args) => {
        const { request } = args as { request: { path: string } };
        if (request.path.endsWith('/versions')) request.path = '/2015-03-31/unheard-of';
        return next(args);
      },
      { step: 'build', name: 'elsewhere' },
    );
    await assert.rejects(client.send(new ListVersionsByFunctionCommand({ FunctionName: 'shop-own' })), {
      name: 'UnknownOperationException',
    });
    client.middlewareStack.remove('elsewhere');
    const tooLarge = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-length': String(1024 ** 3) };
      const req = httpRequest(`${node.node.edgeUrl}/x`, { method: 'POST', headers }, (res) => {
        resolve(res.statusCode!);
        res.destroy();
      });
      req.on('error', reject);
      req.flushHeaders();
    });
    assert.equal(tooLarge, 413);
  });

  it('takes no body of who has not signed, and answers while it is still being sent', async () => {
    const refused = await new Promise<unknown[]>((resolve, reject) => {
      const options = { method: 'POST', headers: { 'transfer-encoding': 'chunked' } };
      const req = httpRequest(`${node.node.edgeUrl}/2015-03-31/functions`, options, (res) => {
        resolve([res.statusCode, res.headers['x-amzn-errortype']]);
        req.destroy();
      });
      req.on('error', reject);
      req.write('{');
    });
    assert.deepEqual(refused, [403, 'MissingAuthenticationTokenException']);
  });

  it('a key is worth what its token is, and dies with it', async () => {
    const create = (role: string, apps: string[]) =>
      node.client.post<{ id: string; token: string }>('/v1/tokens', { name: 'someone', role, apps });
    const { id, token } = await create('read', ['elsewhere']);
    const reader = await lambdaClient(node, token);
    assert.deepEqual((await reader.send(new ListFunctionsCommand({}))).Functions, []);
    await assert.rejects(reader.send(new GetFunctionConfigurationCommand({ FunctionName: 'shop-own' })), {
      name: 'AccessDeniedException',
    });
    await node.client.delete(`/v1/tokens/${id}`);
    await assert.rejects(reader.send(new ListFunctionsCommand({})), { name: 'UnrecognizedClientException' });
    reader.destroy();
  });

  it('a function finds the edge in its environment, with a key of its own that sees its app only', async () => {
    await node.deploy('other', { 'functions/hidden.ts': 'export default () => 1;' });
    const seen = JSON.parse(await node.invoke('shop', 'list-all')) as Record<string, string>;
    assert.equal(seen.AWS_ENDPOINT_URL, node.node.edgeUrl);
    assert.equal(seen.AWS_REGION, 'us-east-1');
    const credentials = {
      accessKeyId: seen.AWS_ACCESS_KEY_ID!,
      secretAccessKey: seen.AWS_SECRET_ACCESS_KEY!,
    };
    const region = 'us-east-1';
    const inside = new LambdaClient({ endpoint: node.node.edgeUrl, region, credentials, maxAttempts: 1 });
    const { Functions } = await inside.send(new ListFunctionsCommand({}));
    assert.deepEqual(
      Functions?.map(({ FunctionName }) => FunctionName),
      ['shop-list-all', 'shop-own'],
    );
    assert.equal(await node.invoke('shop', 'own'), 'none');
    // Gone with its app, the instance's key is worth nothing.
    await node.client.delete('/v1/apps/shop');
    const dead = async (): Promise<boolean> => {
      const thrown = await inside.send(new ListFunctionsCommand({})).catch((error: Error) => error.name);
      return thrown === 'UnrecognizedClientException';
    };
    await eventually(dead);
    inside.destroy();
  });
});
