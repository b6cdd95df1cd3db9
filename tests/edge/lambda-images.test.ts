import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { TestNode } from '../harness/test-node.ts';
import { compileProgram } from '../images/container-program.ts';
import { archiveOf, layoutOf } from '../images/image-builder.ts';
import { lambdaClient } from './lambda-client.ts';
import { zipFiles } from './zip-file.ts';

const Role = 'arn:aws:iam::000000000000:role/any';

describe('functions of the Lambda API that are container images', () => {
  let node: TestNode;
  let client: LambdaClient;
  before(async () => {
    const [started, program] = await Promise.all([TestNode.start(), compileProgram()]);
    node = started;
    client = await lambdaClient(node);
    const folder = join(node.folder, 'apps', 'boxes');
    await mkdir(folder, { recursive: true });
    const layers = [[{ path: 'program', content: program, mode: 0o755 }]];
    await writeFile(
      join(folder, 'task.tar'),
      archiveOf(layoutOf({ layers, config: { Entrypoint: ['/program', 'runtime'] } })),
    );
    await writeFile(
      join(folder, 'mayfly.yaml'),
      'functions:\n  task: { image: task.tar, contract: runtime-api }\n',
    );
    await node.deployBuilt(await buildApp(await loadApp(folder)));
  });
  after(async () => {
    client.destroy();
    await node.close();
  });

  const create = (FunctionName: string, ImageUri: string, extra: object = {}) =>
    client.send(
      new CreateFunctionCommand({ FunctionName, Role, PackageType: 'Image', Code: { ImageUri }, ...extra }),
    );
  const invoke = async (FunctionName: string) => {
    const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
    return [FunctionError, Payload!.transformToString()];
  };

  it('are made of images that the node has, run, and say what they are', async () => {
    const made = await create('boxed', 'boxes/task', { Publish: true });
    assert.deepEqual([made.PackageType, made.Runtime, made.Handler], ['Image', undefined, undefined]);
    const [error, result] = await invoke('boxed');
    assert.equal(error, undefined, result);
    const { Code, Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'boxed' }));
    const digest = Buffer.from(Configuration!.CodeSha256!, 'base64').toString('hex');
    assert.deepEqual(Code, {
      RepositoryType: 'ECR',
      ImageUri: 'boxes/task',
      ResolvedImageUri: `boxes/task@sha256:${digest}`,
    });
    const again = new UpdateFunctionCodeCommand({ FunctionName: 'boxed', ImageUri: Code!.ResolvedImageUri });
    assert.equal((await client.send(again)).CodeSha256, made.CodeSha256);
    const ImageConfig = { EntryPoint: ['/program'], Command: ['runtime'] };
    const configured = await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'boxed', ImageConfig }),
    );
    assert.deepEqual(configured.ImageConfigResponse, { ImageConfig });
    assert.equal((await invoke('boxed'))[0], undefined);
  });

  it('are refused, with what to do, when the node has no such image or cannot do what is asked', async () => {
    const refused = (sent: Promise<unknown>, message: RegExp) =>
      assert.rejects(sent, { name: 'InvalidParameterValueException', message });
    const far = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:latest';
    await refused(create('far', far), /asks no registry: bring the image with "mayfly deploy"/);
    await refused(create('none', 'boxes/none'), /does not exist/);
    await refused(create('none', 'boxes/task:staging'), /does not exist/);
    await refused(create('none', 'boxes/task', { Handler: 'a.b' }), /don't provide Handler/);
    await refused(create('none', 'boxes/task', { ImageConfig: { Command: ['a'] } }), /give both/);
    await refused(create('none', 'boxes/task', { ImageConfig: { WorkingDirectory: '/x' } }), /say it in/);
    const ZipFile = zipFiles({ 'index.js': '' });
    const zip = new UpdateFunctionCodeCommand({ FunctionName: 'boxed', ZipFile });
    await refused(client.send(zip), /provide ImageUri/);
    await refused(create('none', 'boxes/task', { PackageType: 'Zip' }), /don't provide ImageUri/);
    const named = new GetFunctionCommand({ FunctionName: 'none' });
    await assert.rejects(client.send(named), { name: 'ResourceNotFoundException' });
  });
});
