import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { TestNode } from '../harness/test-node.ts';
import { credentialsOf } from './lambda-client.ts';
import { zipFiles } from './zip-file.ts';

const isThere = spawnSync('aws', ['--version']).status === 0;

it("AWS's command line creates, invokes, publishes, aliases and deletes", {
  skip: isThere ? false : 'awscli is not installed',
}, async () => {
  const node = await TestNode.start({ isolation: 'process' });
  try {
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
    const aws = (...words: string[]) => awsWith({}, ...words);
    const awsWith = async (variables: Record<string, string>, ...words: string[]) => {
      const options = { cwd: node.folder, env: { ...env, ...variables } };
      const { stdout } = await promisify(execFile)(
        'aws',
        ['--endpoint-url', endpointUrl, 'lambda', ...words],
        options,
      );
      return stdout === '' ? null : JSON.parse(stdout);
    };
    const code = 'exports.handler = async (event, context) => ({ event, version: context.functionVersion });';
    await writeFile(join(node.folder, 'code.zip'), zipFiles({ 'index.js': code }));
    const made = await aws(
      'create-function',
      ...['--function-name', 'cli', '--runtime', 'nodejs20.x', '--handler', 'index.handler'],
      ...['--role', 'arn:aws:iam::000000000000:role/any', '--zip-file', 'fileb://code.zip', '--publish'],
    );
    assert.equal(made.Version, '1');
    const alias = ['--function-name', 'cli', '--name', 'live', '--function-version', '1'];
    assert.equal((await aws('create-alias', ...alias)).FunctionVersion, '1');
    // As bytes: version 2 would take a text for base64, and version 1 does not know how to be told.
    await writeFile(join(node.folder, 'payload.json'), '{"a":"b"}');
    const payload = ['--payload', 'fileb://payload.json', 'out.json'];
    const invoked = await aws('invoke', '--function-name', 'cli:live', ...payload);
    assert.deepEqual(invoked, { StatusCode: 200, ExecutedVersion: '1' });
    assert.deepEqual(JSON.parse(await readFile(join(node.folder, 'out.json'), 'utf8')), {
      event: { a: 'b' },
      version: '1',
    });
    const other = promisify(execFile)('aws', ['--endpoint-url', endpointUrl, 'dynamodb', 'list-tables'], {
      env,
    });
    await assert.rejects(other, /\(ServiceNotAvailableException\).*This node has no service "dynamodb" yet/);
    const tailed = await aws('invoke', '--function-name', 'cli', '--log-type', 'Tail', ...payload);
    const log = Buffer.from(tailed.LogResult, 'base64').toString();
    assert.match(
      log,
      /^START [\s\S]*\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t/,
    );
    await writeFile(join(node.folder, 'code.zip'), zipFiles({ 'index.js': `${code}// 2`, 'lib/a.js': 'a' }));
    await aws('update-function-code', '--function-name', 'cli', '--zip-file', 'fileb://code.zip');
    await aws('wait', 'function-updated', '--function-name', 'cli');
    assert.equal((await aws('publish-version', '--function-name', 'cli')).Version, '2');
    const shares = ['--routing-config', 'AdditionalVersionWeights={2=1.0}'];
    await aws('update-alias', '--function-name', 'cli', '--name', 'live', ...shares);
    assert.equal((await aws('invoke', '--function-name', 'cli:live', ...payload)).ExecutedVersion, '2');
    assert.deepEqual(await aws('list-functions', '--query', 'Functions[].FunctionName'), ['cli']);
    const { Code } = await aws('get-function', '--function-name', 'cli', '--qualifier', '2');
    const downloaded = Buffer.from(await (await fetch(Code.Location)).arrayBuffer());
    assert.deepEqual(downloaded, await readFile(join(node.folder, 'code.zip')));
    const stranger = { AWS_SECRET_ACCESS_KEY: `${secretAccessKey.slice(0, -1)}_` };
    await assert.rejects(
      awsWith(stranger, 'invoke', '--function-name', 'cli', ...payload),
      /InvalidSignatureException/,
    );
    await aws('delete-function', '--function-name', 'cli');
    await assert.rejects(aws('get-function', '--function-name', 'cli'), /ResourceNotFoundException/);
  } finally {
    await node.close();
  }
});
