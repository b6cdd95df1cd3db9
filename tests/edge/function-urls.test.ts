import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'node:test';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  type CreateFunctionUrlConfigCommandInput,
  DeleteAliasCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  type LambdaClient,
  ListFunctionUrlConfigsCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { eventually, TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { createFunction } from './made-function.ts';
import { zipFiles } from './zip-file.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ECHO = 'exports.handler = async (event) => event;';

describe('function URLs', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    node = await TestNode.start({ isolation: 'process', lambdaPayloadBytesMax: '64KB' });
    client = await lambdaClient(node);
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const permit = (FunctionName: string, extra: Partial<AddPermissionCommandInput> = {}) =>
    client.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'public',
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
        ...extra,
      }),
    );
  /** Makes a URL that anybody may call. */
  const open = async (
    FunctionName: string,
    extra: Partial<CreateFunctionUrlConfigCommandInput> = {},
  ): Promise<string> => {
    const { FunctionUrl } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...extra }),
    );
    await permit(FunctionName, { Qualifier: extra.Qualifier });
    return FunctionUrl!;
  };
  /** By the URL's host, whatever names this machine resolves. */
  const call = (
    url: string,
    path = '/',
    {
      body,
      ...options
    }: { method?: string; headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
  ): Promise<Answer> => {
    const { hostname, port, host } = new URL(url);
    assert.match(hostname, /^[a-z2-7]{32}\.lambda-url\.us-east-1\.localhost$/);
    return new Promise((resolve, reject) => {
      const headers = { host, ...options.headers };
      const req = httpRequest({ host: '127.0.0.1', port, path, ...options, headers }, (res) => {
        const parts: Buffer[] = [];
        res.on('data', (part) => parts.push(part));
        res.on('error', reject);
        res.on('end', () =>
          resolve({ status: res.statusCode!, headers: res.headers, body: Buffer.concat(parts).toString() }),
        );
      });
      req.on('error', reject);
      req.end(body);
    });
  };
  /** The same, signed by AWS's own client. */
  const signedCall = async (by: LambdaClient, url: string, path: string): Promise<string> => {
    const name = 'elsewhere';
    by.middlewareStack.add(
      (next) => async (args) => {
        const { request } = args as { request: { path: string } };
        request.path = `/@${new URL(url).hostname.replace('.localhost', '')}${path}`;
        return next(args);
      },
      { step: 'build', name },
    );
    try {
      const { Payload } = await by.send(new InvokeCommand({ FunctionName: 'any', Payload: '{"a":1}' }));
      return Payload!.transformToString();
    } finally {
      by.middlewareStack.remove(name);
    }
  };

  it('a request arrives as an event of payload format 2.0, and what is returned is the answer', async () => {
    await createFunction(client, 'echo', ECHO);
    const url = await open('echo');
    const asked = await call(url, '/a%20b/c?x=1&x=2&y=z+%26', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', 'x-many': ['1', '2'] },
      body: '{"n":1}',
    });
    assert.equal(asked.status, 200);
    assert.equal(asked.headers['content-type'], 'application/json');
    const event = JSON.parse(asked.body);
    const { requestContext, headers } = event;
    assert.deepEqual(
      [event.version, event.routeKey, event.rawPath, event.rawQueryString, event.body, event.isBase64Encoded],
      ['2.0', '$default', '/a%20b/c', 'x=1&x=2&y=z+%26', '{"n":1}', false],
    );
    assert.deepEqual(event.cookies, ['a=1', 'b=2']);
    assert.deepEqual(event.queryStringParameters, { x: '1,2', y: 'z &' });
    assert.equal(headers['x-many'], '1,2');
    assert.equal(requestContext.accountId, 'anonymous');
    assert.equal(requestContext.authorizer, undefined);
    assert.equal(requestContext.domainName, new URL(url).hostname);
    assert.equal(requestContext.requestId, asked.headers['x-amzn-requestid']);
    assert.deepEqual(
      [requestContext.http.method, requestContext.http.path, requestContext.http.sourceIp],
      ['POST', '/a%20b/c', '127.0.0.1'],
    );
    const binary = JSON.parse(
      (
        await call(url, '/', {
          method: 'PUT',
          headers: { 'content-type': 'image/png' },
          body: Buffer.from([255, 0]),
        })
      ).body,
    );
    assert.deepEqual([binary.body, binary.isBase64Encoded], ['/wA=', true]);
    const tooMuch = await call(url, '/', { method: 'POST', body: Buffer.alloc(65 * 1024) });
    assert.equal(tooMuch.status, 413);
    const byPath = new URL(url).hostname.replace('.localhost', '');
    const elsewhere = await fetch(`${node.node.edgeUrl}/@${byPath}?q=1`);
    assert.equal(((await elsewhere.json()) as typeof event).rawPath, '/');
  });

  it('answers with the status, headers, cookies and bytes that a function says', async () => {
    const code = `exports.handler = async ({ rawPath }) => ({
      '/whole': { statusCode: 201, headers: { 'X-Own': 'o', 'content-length': '999' }, cookies: ['a=1', 'b=2'], body: 'made' },
      '/bytes': { statusCode: 200, headers: { 'content-type': 'image/png' }, body: '/wA=', isBase64Encoded: true },
      '/text': 'plain', '/null': null, '/number': 7,
      '/badBody': { statusCode: 200, body: { a: 1 } }, '/badStatus': { statusCode: 'x' },
      '/badHeader': { statusCode: 200, headers: { 'a b': '1' } }, '/large': 'x'.repeat(70000),
    })[rawPath] ?? (() => { throw new Error('no') })();`;
    await createFunction(
      client,
      'answers',
      code.replace('?? (()', "?? (rawPath === '/null' ? null : (()").replace('})();', '})());'),
    );
    const url = await open('answers');
    const whole = await call(url, '/whole');
    assert.deepEqual([whole.status, whole.body, whole.headers['x-own']], [201, 'made', 'o']);
    assert.deepEqual(whole.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(whole.headers['content-type'], 'application/json');
    const bytes = await call(url, '/bytes');
    assert.deepEqual([bytes.headers['content-type'], bytes.headers['content-length']], ['image/png', '2']);
    for (const [path, body] of [
      ['/text', '"plain"'],
      ['/null', 'null'],
      ['/number', '7'],
    ] as const)
      assert.equal((await call(url, path)).body, body);
    for (const path of ['/badBody', '/badStatus', '/badHeader', '/large', '/throws']) {
      const { status, body } = await call(url, path);
      assert.deepEqual([path, status, JSON.parse(body)], [path, 502, { Message: 'Internal Server Error' }]);
    }
    assert.equal((await call(url, '/whole', { method: 'HEAD' })).body, '');
  });

  it('a function without a URL is reached by none, and no more when its URL is gone', async () => {
    await createFunction(client, 'closed', ECHO);
    const url = await open('closed');
    assert.equal((await call(url)).status, 200);
    await client.send(new DeleteFunctionUrlConfigCommand({ FunctionName: 'closed' }));
    assert.equal((await call(url)).status, 404);
    await assert.rejects(client.send(new GetFunctionUrlConfigCommand({ FunctionName: 'closed' })), {
      name: 'ResourceNotFoundException',
    });
    const gateway = await fetch(`${node.gatewayUrl}/@lambda-closed--latest/`);
    assert.equal(gateway.status, 404);
  });

  it('says what a URL is, once for each function and alias, and changes it', async () => {
    await createFunction(client, 'described', ECHO);
    const create = (AuthType: 'NONE' | 'AWS_IAM', Qualifier?: string) =>
      client.send(new CreateFunctionUrlConfigCommand({ FunctionName: 'described', AuthType, Qualifier }));
    const made = await create('NONE');
    assert.match(made.FunctionUrl!, /^http:\/\/[a-z2-7]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/);
    assert.equal(made.FunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:described');
    await assert.rejects(create('NONE'), { name: 'ResourceConflictException' });
    await assert.rejects(create('NONE', 'none'), { name: 'ResourceNotFoundException' });
    await assert.rejects(create('NONE', '1'), { name: 'ValidationException' });
    await assert.rejects(create('ANY' as 'NONE'), { name: 'ValidationException' });
    await client.send(
      new CreateAliasCommand({ FunctionName: 'described', Name: 'live', FunctionVersion: '$LATEST' }),
    );
    await create('AWS_IAM', 'live');
    const first = await client.send(
      new ListFunctionUrlConfigsCommand({ FunctionName: 'described', MaxItems: 1 }),
    );
    const Marker = first.NextMarker;
    const second = await client.send(
      new ListFunctionUrlConfigsCommand({ FunctionName: 'described', Marker }),
    );
    assert.deepEqual(
      [...first.FunctionUrlConfigs!, ...second.FunctionUrlConfigs!].map(
        (one) => one.FunctionArn!.split(':')[7],
      ),
      [undefined, 'live'],
    );
    const place = { FunctionName: 'described', Qualifier: 'live' };
    const changed = await client.send(
      new UpdateFunctionUrlConfigCommand({ ...place, InvokeMode: 'RESPONSE_STREAM', Cors: { MaxAge: 5 } }),
    );
    assert.deepEqual(
      [changed.AuthType, changed.InvokeMode, changed.Cors?.MaxAge],
      ['AWS_IAM', 'RESPONSE_STREAM', 5],
    );
    const cleared = await client.send(new UpdateFunctionUrlConfigCommand({ ...place, Cors: {} }));
    assert.equal(cleared.Cors, undefined);
    await client.send(new DeleteAliasCommand({ FunctionName: 'described', Name: 'live' }));
    const { FunctionUrlConfigs } = await client.send(
      new ListFunctionUrlConfigsCommand({ FunctionName: 'described' }),
    );
    assert.equal(FunctionUrlConfigs!.length, 1);
  });

  it("an alias's URL follows its shares", async () => {
    const FunctionName = 'shared';
    const codeOf = (n: number) =>
      `exports.handler = async (event, context) => [${n}, context.invokedFunctionArn.split(':')[7]];`;
    await createFunction(client, FunctionName, codeOf(1), { Publish: true });
    const ZipFile = zipFiles({ 'index.js': codeOf(2) });
    await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const url = await open(FunctionName, { Qualifier: 'live' });
    assert.equal((await call(url)).body, '[1,"live"]');
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } };
    await client.send(new UpdateAliasCommand({ FunctionName, Name: 'live', RoutingConfig }));
    const seen = new Set<string>();
    await eventually(async () => seen.add((await call(url)).body).size === 2);
    assert.deepEqual([...seen].sort(), ['[1,"live"]', '[2,"live"]']);
  });

  it('streams what a function writes, with the head that it says', async () => {
    const code = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      const prelude = { statusCode: 202, headers: { 'content-type': 'text/plain', 'x-own': 'o' }, cookies: ['a=1'] };
      const out = event.rawPath === '/bare' ? stream : awslambda.HttpResponseStream.from(stream, prelude);
      out.write('first ');
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (event.rawPath === '/broken') throw new Error('in the middle');
      out.write('second');
      out.end();
    });`;
    await createFunction(client, 'streaming', code);
    const url = await open('streaming', { InvokeMode: 'RESPONSE_STREAM' });
    const streamed = await call(url);
    assert.deepEqual([streamed.status, streamed.body, streamed.headers['x-own']], [202, 'first second', 'o']);
    assert.equal(streamed.headers['transfer-encoding'], 'chunked');
    assert.deepEqual(streamed.headers['set-cookie'], ['a=1']);
    assert.equal((await call(url, '/bare')).body, 'first second');
    // A part is never taken for the whole.
    await assert.rejects(call(url, '/broken'), { code: 'ECONNRESET' });
    await client.send(
      new UpdateFunctionUrlConfigCommand({ FunctionName: 'streaming', InvokeMode: 'BUFFERED' }),
    );
    const buffered = await call(url);
    assert.deepEqual(
      [buffered.status, buffered.body, buffered.headers['content-length']],
      [202, 'first second', '12'],
    );
    assert.equal((await call(url, '/broken')).status, 502);
  });

  it('answers preflights itself, and lets only the allowed origins read', async () => {
    const code = `exports.handler = async () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'http://own' }, body: 'x' });`;
    await createFunction(client, 'cors', code);
    const Cors = {
      AllowOrigins: ['https://a.example'],
      AllowMethods: ['GET', 'POST'],
      AllowHeaders: ['X-One'],
      ExposeHeaders: ['x-two'],
      AllowCredentials: true,
      MaxAge: 60,
    };
    const url = await open('cors', { Cors });
    const preflight = { origin: 'https://a.example', 'access-control-request-method': 'POST' };
    const asked = await call(url, '/', { method: 'OPTIONS', headers: preflight });
    const cors = Object.entries(asked.headers).filter(([name]) => name.startsWith('access-control-'));
    assert.equal(asked.status, 200);
    assert.deepEqual(Object.fromEntries(cors), {
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'X-One',
      'access-control-expose-headers': 'x-two',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
    });
    const read = await call(url, '/', { headers: { origin: 'https://a.example' } });
    assert.equal(read.headers['access-control-allow-origin'], 'https://a.example');
    const other = await call(url, '/', { headers: { origin: 'https://b.example' } });
    assert.deepEqual([other.status, other.headers['access-control-allow-origin']], [200, undefined]);
  });

  it('asks for a signature where it is to, and lets those in whose role or whose permission says so', async () => {
    await createFunction(client, 'signed', ECHO);
    const { FunctionUrl } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: 'signed', AuthType: 'AWS_IAM' }),
    );
    const url = FunctionUrl!;
    const unsigned = await call(url);
    assert.deepEqual(
      [unsigned.status, unsigned.headers['x-amzn-errortype']],
      [403, 'MissingAuthenticationTokenException'],
    );
    const event = JSON.parse(await signedCall(client, url, '/x%20y'));
    assert.equal(event.rawPath, '/x%20y');
    assert.equal(Buffer.from(event.body, 'base64').toString(), '{"a":1}');
    assert.deepEqual(
      [event.requestContext.accountId, event.requestContext.authorizer.iam.userArn],
      ['000000000000', 'arn:aws:iam::000000000000:user/operator'],
    );
    const token = async (name: string) => {
      const request = { name, role: 'read', apps: ['other'] };
      const { token: text } = await node.client.post<{ token: string }>('/v1/tokens', {
        ...request,
        apps: ['other'],
      });
      return await lambdaClient(node, text);
    };
    const [ann, bob] = [await token('ann'), await token('bob')];
    await assert.rejects(signedCall(ann, url, '/'), { name: 'AccessDeniedException' });
    await permit('signed', {
      Principal: 'arn:aws:iam::000000000000:user/ann',
      FunctionUrlAuthType: 'AWS_IAM',
    });
    assert.equal(
      JSON.parse(await signedCall(ann, url, '/')).requestContext.authorizer.iam.userArn.split('/')[1],
      'ann',
    );
    await assert.rejects(signedCall(bob, url, '/'), { name: 'AccessDeniedException' });
    // A permission for those who sign opens nothing to those who do not.
    await client.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'signed', AuthType: 'NONE' }));
    assert.equal((await call(url)).status, 403);
    await permit('signed', { StatementId: 'all' });
    assert.equal((await call(url)).status, 200);
    ann.destroy();
    bob.destroy();
  });

  it('keeps permissions: one a name, by revision, as a policy', async () => {
    const FunctionName = 'permitted';
    await createFunction(client, FunctionName, ECHO);
    const get = () => client.send(new GetPolicyCommand({ FunctionName }));
    await assert.rejects(get(), { name: 'ResourceNotFoundException' });
    const bucket = {
      StatementId: 'bucket',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      FunctionUrlAuthType: undefined,
      SourceArn: 'arn:aws:s3:::bucket',
      SourceAccount: '000000000000',
    };
    const { Statement } = await permit(FunctionName, bucket);
    assert.deepEqual(JSON.parse(Statement!), {
      Sid: 'bucket',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: 'arn:aws:lambda:us-east-1:000000000000:function:permitted',
      Condition: {
        StringEquals: { 'AWS:SourceAccount': '000000000000' },
        ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::bucket' },
      },
    });
    await assert.rejects(permit(FunctionName, bucket), { name: 'ResourceConflictException' });
    await assert.rejects(permit(FunctionName, { ...bucket, StatementId: 'b', Principal: 'nobody' }), {
      name: 'InvalidParameterValueException',
    });
    await assert.rejects(permit(FunctionName, { ...bucket, StatementId: 'b', FunctionUrlAuthType: 'NONE' }), {
      name: 'InvalidParameterValueException',
    });
    await assert.rejects(permit(FunctionName, { ...bucket, StatementId: 'b', Qualifier: 'none' }), {
      name: 'ResourceNotFoundException',
    });
    const { Policy, RevisionId } = await get();
    assert.equal(JSON.parse(Policy!).Statement.length, 1);
    await permit(FunctionName, { Principal: '111122223333', RevisionId });
    await assert.rejects(permit(FunctionName, { StatementId: 'late', RevisionId }), {
      name: 'PreconditionFailedException',
    });
    const remove = (StatementId: string, extra: object = {}) =>
      client.send(new RemovePermissionCommand({ FunctionName, StatementId, ...extra }));
    await assert.rejects(remove('bucket', { RevisionId }), { name: 'PreconditionFailedException' });
    await remove('bucket');
    await assert.rejects(remove('bucket'), { name: 'ResourceNotFoundException' });
    await remove('public');
    await assert.rejects(get(), { name: 'ResourceNotFoundException' });
    const wide = { ...bucket, SourceArn: `arn:aws:s3:::${'x'.repeat(4_000)}` };
    const large = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => permit(FunctionName, { ...wide, StatementId: `s-${index}` })),
    );
    const refused = large.filter((one) => one.status === 'rejected');
    assert.ok(refused.length > 0);
    for (const { reason } of refused) assert.equal(reason.name, 'PolicyLengthExceededException');
  });
});
