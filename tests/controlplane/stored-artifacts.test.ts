import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type FilesystemArtifacts,
  openFilesystemArtifacts,
} from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import { call, callJson, deploy } from './control-client.ts';
import { codeOf, deployOf, sha256Of } from './control-fixtures.ts';
import { type ControlNode, OPERATOR, startControlNode } from './control-node.ts';

const MB = 1024 * 1024;

describe('with artifacts on disk', () => {
  let node: ControlNode;
  let artifacts: FilesystemArtifacts;
  let dataDir: string;
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'));
    artifacts = openFilesystemArtifacts({ dataDir, trees: 'copy' });
    node = await startControlNode({ artifacts });
  });
  after(async () => {
    await node.close();
    await artifacts.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('a deploy lays out the tree that an instance will get', async () => {
    await deploy(node.url, deployOf('shop', { a: 'export default () => 1' }));
    const version = node.publisher.serving.get('shop/production')?.functions.get('a');
    const tree = await artifacts.takeTree(version!.artifact);
    assert.equal(readFileSync(join(tree.path, version!.handler.file), 'utf8'), 'export default () => 1');
    artifacts.returnTree(tree);
  });

  it('a large blob goes to disk as it comes: the node never holds it', async () => {
    const chunk = Buffer.alloc(MB, 7);
    const hash = createHash('sha256');
    for (let i = 0; i < 200; i++) hash.update(chunk);
    const sha256 = hash.digest('hex');
    const outgoing = request(new URL(`/v1/blobs/${sha256}`, node.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${OPERATOR}`, 'content-length': String(200 * MB) },
    });
    const answered = new Promise<number>((resolve, reject) => {
      outgoing.once('response', (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      });
      outgoing.once('error', reject);
    });
    let most = 0;
    for (let i = 0; i < 200; i++) {
      if (!outgoing.write(chunk))
        await new Promise<void>((resolve) => outgoing.once('drain', () => resolve()));
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    outgoing.end();
    assert.equal(await answered, 204);
    assert.ok(most < 100 * MB, `${Math.round(most / MB)} MB of buffers for a blob of 200 MB`);
    const missing = await callJson(node.url, 'POST', '/v1/blobs/missing', { body: { sha256: [sha256] } });
    assert.deepEqual(missing, { missing: [] });
  });

  it('a blob that breaks off or is not what its name says is not there, and leaves nothing', async () => {
    const sha256 = sha256Of('whole');
    const outgoing = request(new URL(`/v1/blobs/${sha256}`, node.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${OPERATOR}`, 'content-length': '5' },
    });
    outgoing.on('error', () => {});
    const closed = new Promise<void>((resolve) => outgoing.once('close', () => resolve()));
    await new Promise<void>((resolve) => outgoing.write('who', () => resolve()));
    outgoing.destroy();
    await closed;
    assert.equal((await call(node.url, 'PUT', `/v1/blobs/${sha256}`, { body: 'wrong' })).status, 400);
    const missing = await callJson(node.url, 'POST', '/v1/blobs/missing', { body: { sha256: [sha256] } });
    assert.deepEqual(missing, { missing: [sha256] });
    assert.equal((await call(node.url, 'PUT', `/v1/blobs/${sha256}`, { body: 'whole' })).status, 204);
    const names = readdirSync(dataDir, { recursive: true }).map(String);
    assert.deepEqual(
      names.filter(
        (name) => name.includes(sha256) && !name.endsWith(sha256) && !name.endsWith(sha256.slice(2)),
      ),
      [],
    );
  });
});

it('code that no release names any more is removed, and nothing else', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'));
  const artifacts = openFilesystemArtifacts({ dataDir, trees: 'copy', graceMs: 0 });
  const node = await startControlNode({ artifacts });
  try {
    await deploy(node.url, deployOf('shop', { a: 'shop code' }));
    await deploy(node.url, deployOf('blog', { a: 'blog code' }));
    assert.equal((await node.plane.collector.collect()).artifacts, 0);
    await call(node.url, 'DELETE', '/v1/apps/blog');
    // The grace of no time at all ends only when the clock of the files has moved on.
    const deadline = performance.now() + 10_000;
    while ((await node.plane.collector.collect()).artifacts === 0) assert.ok(performance.now() < deadline);
    assert.equal(await artifacts.has(codeOf('shop code').artifact), true);
    assert.equal(await artifacts.has(codeOf('blog code').artifact), false);
  } finally {
    await node.close();
    await artifacts.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
