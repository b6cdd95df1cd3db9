import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  DeleteLayerVersionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  InvokeAsyncCommand,
  type LambdaClient,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
} from '@aws-sdk/client-lambda';
import { TestNode } from '../harness/test-node.ts';
import { lambdaClient } from './lambda-client.ts';
import { zipFiles } from './zip-file.ts';

describe('layers of the Lambda API', () => {
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

  const publish = (LayerName: string, text: string, CompatibleRuntimes: string[]) =>
    client.send(
      new PublishLayerVersionCommand({
        LayerName,
        Content: { ZipFile: zipFiles({ 'a.txt': text }) },
        CompatibleRuntimes: CompatibleRuntimes as never,
        LicenseInfo: 'MIT',
      }),
    );

  it('are published, found, downloaded, listed and deleted', async () => {
    await publish('a', '1', ['nodejs24.x']);
    const second = await publish('a', '2', ['python3.12']);
    await publish('b', '3', ['python3.12']);
    assert.equal(second.Version, 2);
    const found = await client.send(new GetLayerVersionCommand({ LayerName: 'a', VersionNumber: 2 }));
    assert.deepEqual([found.LicenseInfo, found.CompatibleRuntimes], ['MIT', ['python3.12']]);
    const downloaded = await fetch(found.Content!.Location!);
    assert.deepEqual(Buffer.from(await downloaded.arrayBuffer()), zipFiles({ 'a.txt': '2' }));
    const Arn = second.LayerVersionArn!;
    const byArn = await client.send(new GetLayerVersionByArnCommand({ Arn }));
    assert.equal(byArn.Content?.CodeSha256, second.Content?.CodeSha256);

    const versions = await client.send(new ListLayerVersionsCommand({ LayerName: 'a', MaxItems: 1 }));
    const rest = await client.send(
      new ListLayerVersionsCommand({ LayerName: 'a', Marker: versions.NextMarker }),
    );
    assert.deepEqual(
      [...versions.LayerVersions!, ...rest.LayerVersions!].map(({ Version }) => Version),
      [2, 1],
    );
    const listed = await client.send(new ListLayersCommand({ CompatibleRuntime: 'nodejs24.x' }));
    assert.deepEqual(
      listed.Layers?.map(({ LayerName, LatestMatchingVersion }) => [
        LayerName,
        LatestMatchingVersion?.Version,
      ]),
      [['a', 1]],
    );
    await client.send(new DeleteLayerVersionCommand({ LayerName: 'a', VersionNumber: 2 }));
    await assert.rejects(client.send(new GetLayerVersionByArnCommand({ Arn })), {
      name: 'ResourceNotFoundException',
    });
    assert.equal((await publish('a', '4', [])).Version, 3);
  });

  it('belong to the node: a key for single apps does not change them', async () => {
    const request = { name: 'one', role: 'deploy', apps: ['shop'] };
    const { token } = await node.client.post<{ token: string }>('/v1/tokens', request);
    const other = await lambdaClient(node, token);
    const remove = new DeleteLayerVersionCommand({ LayerName: 'b', VersionNumber: 1 });
    await assert.rejects(other.send(remove), { name: 'AccessDeniedException' });
    other.destroy();
  });

  it('the oldest way to call a function is still there', async () => {
    await node.deploy('shop', { 'functions/old.ts': 'export default () => 1;' });
    const call = new InvokeAsyncCommand({ FunctionName: 'shop-old', InvokeArgs: '{}' });
    assert.equal((await client.send(call)).Status, 202);
  });
});
