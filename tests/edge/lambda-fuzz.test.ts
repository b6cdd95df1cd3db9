import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CreateFunctionCommand, DeleteFunctionCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import fc from 'fast-check';
import type { Credentials } from '../../src/contract/credentials-api.ts';
import { TestNode } from '../harness/test-node.ts';
import { credentialsOf, lambdaClient } from './lambda-client.ts';
import { zipOf } from './zip-file.ts';

const seed = Date.now() % 2 ** 31;

describe(`strange input at the edge (seed ${seed})`, () => {
  let node: TestNode;
  let client: LambdaClient;
  let key: Credentials;
  before(async () => {
    node = await TestNode.start({ isolation: 'process', lambdaZipBytesMax: '1MB' });
    client = await lambdaClient(node);
    key = await credentialsOf(node);
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const check = async (property: fc.IAsyncProperty<unknown>, numRuns: number) => {
    await fc.assert(property, { seed, numRuns });
    assert.equal((await node.status()).apps, 0);
    assert.deepEqual(readdirSync(join(node.folder, 'data', 'unpacking')), []);
    assert.deepEqual(readdirSync(join(node.folder, 'data', 'blobs', 'incoming')), []);
  };

  /** The status of an answer to a request that is sent as it is; null: the connection was closed instead. */
  const statusOf = (path: string, method: string, headers: Record<string, string>, body: string) =>
    new Promise<number | null>((resolve) => {
      const { hostname, port } = new URL(node.node.edgeUrl);
      const req = request({ hostname, port, path, method, headers, agent: false }, (res) => {
        res.resume().once('end', () => resolve(res.statusCode!));
      });
      req.once('error', () => resolve(null));
      req.end(body);
    });

  it('archives with bytes changed, cut and put in make a function or are refused', async () => {
    const whole = zipOf([
      { path: 'index.js', content: 'exports.handler = async () => 1;' },
      { path: 'lib/a.js', content: 'a'.repeat(2_000) },
      { path: 'link.js', content: 'index.js', mode: 0o120777 },
    ]);
    const change = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      cut: fc.nat({ max: 8 }),
      put: fc.uint8Array({ maxLength: 8 }),
    });
    const changed = fc
      .array(change, { minLength: 1, maxLength: 4 })
      .map((changes) =>
        changes.reduce(
          (zip, { at, cut, put }) => Buffer.concat([zip.subarray(0, at), put, zip.subarray(at + cut)]),
          whole as Buffer,
        ),
      );
    const zip = fc.oneof(
      { weight: 4, arbitrary: changed },
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    const property = fc.asyncProperty(zip, async (ZipFile) => {
      const made = { FunctionName: 'fuzzed', Role: 'arn:aws:iam::000000000000:role/any' };
      const code = { Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile } } as const;
      try {
        await client.send(new CreateFunctionCommand({ ...made, ...code }));
      } catch (thrown) {
        assert.equal((thrown as Error).name, 'InvalidParameterValueException', (thrown as Error).message);
        return;
      }
      await client.send(new DeleteFunctionCommand({ FunctionName: 'fuzzed' }));
    });
    await check(property as fc.IAsyncProperty<unknown>, 80);
  });

  it('signatures of all sorts are refused', async () => {
    const scope = fc.constantFrom('20260101/us-east-1/lambda/aws4_request', '20260101/x', '///', '');
    const owner = fc.oneof(fc.string(), fc.constant(key.accessKeyId));
    const named = fc.constantFrom('host', 'host;x-amz-date', 'HOST;;', 'nothing', '');
    const header = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('AWS4-HMAC-SHA256', 'AWS4-HMAC', ''), owner, scope, named, fc.string())
        .map(
          ([algorithm, id, place, headers, signature]) =>
            `${algorithm} Credential=${id}/${place}, SignedHeaders=${headers}, Signature=${signature}`,
        ),
    );
    const date = fc.oneof(
      fc.string(),
      fc.date({ noInvalidDate: true }).map((at) => at.toISOString().replace(/[-:]|\.\d+/g, '')),
    );
    const property = fc.asyncProperty(header, date, fc.string(), async (authorization, at, sha256) => {
      const headers = { authorization, 'x-amz-date': at, 'x-amz-content-sha256': sha256 };
      const printable = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '~')]),
      );
      const status = await statusOf('/2015-03-31/functions', 'GET', printable, '');
      assert.ok(status === 400 || status === 403, String(status));
    });
    await check(property as fc.IAsyncProperty<unknown>, 150);
  });

  it('paths, methods and bodies of all sorts get an answer that is no fault of the node', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        '2015-03-31',
        'functions',
        '2018-10-31',
        'layers',
        'versions',
        '@',
        '..',
        '.',
        '%',
        '%00',
        '%2e%2e',
      ),
      fc.constantFrom('_mayfly', 'lambda-code', 'policy', 'aliases', 'invocations', '$LATEST'),
      fc.string().map(encodeURIComponent),
    );
    const path = fc
      .tuple(fc.array(segment, { maxLength: 6 }), fc.string())
      .map(([segments, query]) => `/${segments.join('/')}?${encodeURIComponent(query)}`);
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD');
    const property = fc.asyncProperty(path, method, fc.json(), async (target, verb, body) => {
      const status = await statusOf(target, verb, {}, verb === 'POST' || verb === 'PUT' ? body : '');
      assert.ok(status !== null && status >= 400 && status < 500, `${verb} ${target}: ${status}`);
    });
    await check(property as fc.IAsyncProperty<unknown>, 150);
  });
});
