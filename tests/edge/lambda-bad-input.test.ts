import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  InvokeCommand,
  type LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { type ZipEntry, zipFiles, zipOf } from './zip-file.ts';

const LINK = 0o120777;

describe('bad input to the Lambda API', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    node = await TestNode.start({
      isolation: 'process',
      lambdaCodeBytesMax: '64MB',
      lambdaZipBytesMax: '1MB',
    });
    client = await lambdaClient(node);
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const given = (extra: Partial<CreateFunctionCommandInput> = {}): CreateFunctionCommandInput => ({
    FunctionName: 'f',
    Role: 'arn:aws:iam::000000000000:role/any',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: zipFiles({ 'index.js': 'exports.handler = async () => 1;' }) },
    ...extra,
  });
  const create = (extra: Partial<CreateFunctionCommandInput> = {}) =>
    client.send(new CreateFunctionCommand(given(extra)));

  /** Nothing of a refused function is there: no function, no app, nothing unpacked. */
  const nothingStays = async () => {
    assert.deepEqual((await client.send(new ListFunctionsCommand({}))).Functions, []);
    assert.equal((await node.status()).apps, 0);
    assert.deepEqual(readdirSync(join(node.folder, 'data', 'unpacking')), []);
  };

  const archives: Readonly<Record<string, readonly ZipEntry[] | Buffer>> = {
    'a path that leads out': [{ path: '../index.js', content: '' }],
    'a path that leads out by a detour': [{ path: 'a/../../index.js', content: '' }],
    'an absolute path': [{ path: '/etc/passwd', content: '' }],
    'a path of another system': [{ path: 'a\\..\\..\\b', content: '', mode: 0 }],
    'a link that leads out': [{ path: 'index.js', content: '../../etc/passwd', mode: LINK }],
    'a link to an absolute path': [{ path: 'index.js', content: '/etc/passwd', mode: LINK }],
    'a link to nowhere': [{ path: 'index.js', content: 'other.js', mode: LINK }],
    'links in a circle': [
      { path: 'a', content: 'b', mode: LINK },
      { path: 'b', content: 'a', mode: LINK },
    ],
    'a device': [{ path: 'index.js', content: '', mode: 0o060644 }],
    'a file that is a folder as well': [
      { path: 'a', content: '' },
      { path: 'a/b', content: '' },
    ],
    'more than may be unpacked': [{ path: 'a', content: Buffer.alloc(65 * 1024 ** 2) }],
    'a bomb': [{ path: 'a', content: Buffer.alloc(40 * 1024 ** 2) }],
    'an archive cut off': zipFiles({ 'index.js': 'x'.repeat(100) }).subarray(0, 90),
    'no archive': Buffer.from('#!/bin/sh'),
    'an empty archive': [],
    'an archive too large': Buffer.alloc(1024 ** 2 + 1),
  };
  for (const [what, archive] of Object.entries(archives)) {
    it(`refuses ${what}`, async () => {
      const ZipFile = Buffer.isBuffer(archive) ? archive : zipOf(archive as readonly ZipEntry[]);
      await assert.rejects(create({ Code: { ZipFile } }), {
        name: 'InvalidParameterValueException',
        message: /zip|Unzipped/i,
      });
      await nothingStays();
    });
  }

  it('refuses settings that mean nothing here, in the words of AWS', async () => {
    const wrong: readonly (readonly [Partial<CreateFunctionCommandInput>, string, RegExp])[] = [
      [
        { Runtime: 'cobol85' as never },
        'InvalidParameterValueException',
        /Value cobol85 at 'runtime'.*nodejs24\.x/,
      ],
      [{ Runtime: undefined }, 'InvalidParameterValueException', /Runtime is mandatory/],
      [{ Handler: undefined }, 'InvalidParameterValueException', /Handler is mandatory/],
      [{ Role: 'me' }, 'ValidationException', /at 'role'/],
      [{ Timeout: 901 }, 'ValidationException', /at 'timeout'.*less than or equal to 900/],
      [{ MemorySize: 64 }, 'ValidationException', /at 'memorySize'.*greater than or equal to 128/],
      [{ FunctionName: 'f'.repeat(171) }, 'ValidationException', /at 'functionName'/],
      [{ Code: { S3Bucket: 'b', S3Key: 'k' } }, 'InvalidParameterValueException', /object store/],
      [{ Code: {} }, 'InvalidParameterValueException', /provide a source/],
      [
        { PackageType: 'Image', Code: { ImageUri: 'x' } },
        'InvalidParameterValueException',
        /don't provide Handler or Runtime/,
      ],
      [
        { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:none:1'] },
        'InvalidParameterValueException',
        /does not exist/,
      ],
      [
        { Environment: { Variables: { AWS_REGION: 'x' } } },
        'InvalidParameterValueException',
        /reserved keys.*AWS_REGION/,
      ],
      [{ Environment: { Variables: { AA: 'x'.repeat(5_000) } } }, 'InvalidParameterValueException', /4KB/],
    ];
    for (const [extra, name, message] of wrong) await assert.rejects(create(extra), { name, message });
    await nothingStays();
  });

  it('a function is made once, also when it is asked for ten times at once', async () => {
    const made = await Promise.allSettled(Array.from({ length: 10 }, () => create()));
    const refused = made.filter((one) => one.status === 'rejected');
    assert.equal(refused.length, 9);
    for (const { reason } of refused) assert.equal(reason.name, 'ResourceConflictException');
    assert.equal((await node.status()).apps, 1);
    const update = new UpdateFunctionCodeCommand({
      FunctionName: 'f',
      ZipFile: zipOf(archives['a bomb'] as ZipEntry[]),
    });
    await assert.rejects(client.send(update), { name: 'InvalidParameterValueException' });
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'f' }));
    assert.equal(Payload?.transformToString(), '1');
  });

  it('links within the archive are what they lead to, and modes are kept', async () => {
    const code = `const { accessSync, constants, readFileSync, statSync } = require('node:fs');
      exports.handler = async () => [require('./lib/one'), require('./again/one'), readFileSync(__dirname + '/name', 'utf8'),
        ['run', 'still'].map((name) => (statSync(__dirname + '/' + name).mode & 0o111) !== 0)];`;
    const ZipFile = zipOf([
      { path: 'index.js', content: code },
      { path: 'lib/one.js', content: 'module.exports = 1;' },
      { path: 'again', content: 'lib', mode: LINK },
      { path: 'name', content: './lib/../target', mode: LINK },
      { path: 'target', content: 'the target' },
      { path: 'run', content: '', mode: 0o100755 },
      { path: 'still', content: '', mode: 0o100644 },
    ]);
    await create({ FunctionName: 'linked', Code: { ZipFile } });
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'linked' }));
    assert.deepEqual(JSON.parse(Payload!.transformToString()), [1, 1, 'the target', [true, false]]);
  });
});
