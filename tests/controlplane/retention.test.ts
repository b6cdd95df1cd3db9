import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openFilesystemArtifacts } from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import type { ReleaseList } from '../../src/contract/release-api.ts';
import { callJson, deploy, problemOf } from './control-client.ts';
import { codeOf, deployOf } from './control-fixtures.ts';
import { startControlNode } from './control-node.ts';

const DAY = 86_400_000;

describe('old releases', () => {
  it('go by count and by age, and cannot be promoted any more; those in use stay', async () => {
    const node = await startControlNode({ retention: { releasesKept: 3, releaseAgeMsMax: 10 * DAY } });
    try {
      const ids: string[] = [];
      const put = async (code: string, extra: object = {}): Promise<void> => {
        ids.push((await deploy(node.url, deployOf('shop', { a: code }, extra))).release);
      };
      const kept = async (): Promise<number[]> => {
        const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/shop/releases');
        return releases.map(({ release }) => ids.indexOf(release));
      };
      await put('0');
      await put('1', { environment: 'staging' });
      for (const code of ['2', '3', '4', '5']) await put(code, { activate: 'no' });
      assert.deepEqual(await kept(), [5, 4, 3, 1, 0]);
      const path = '/v1/apps/shop/environments/production/promote';
      const gone = await problemOf(node.url, 'POST', path, { body: { release: ids[2] } });
      assert.equal(gone.code, 'RELEASE_NOT_FOUND');
      node.time.wall += 11 * DAY;
      await node.plane.collector.collect();
      assert.deepEqual(await kept(), [1, 0]);
      assert.equal(node.publisher.serving.get('shop/production')?.release, ids[0]);
    } finally {
      await node.close();
    }
  });

  it('that are gone are passed over by a rollback', async () => {
    const node = await startControlNode({ retention: { releasesKept: 1, releaseAgeMsMax: DAY } });
    try {
      const ids: string[] = [];
      for (let n = 0; n < 14; n++)
        ids.push((await deploy(node.url, deployOf('shop', { a: `${n}` }))).release);
      const rollback = '/v1/apps/shop/environments/production/rollback';
      const first = await problemOf(node.url, 'POST', rollback, { body: { release: ids[0] } });
      assert.equal(first.code, 'RELEASE_NOT_FOUND');
      for (let n = 12; n >= 3; n--) {
        const { release } = await callJson<{ release: string }>(node.url, 'POST', rollback, { body: {} });
        assert.equal(release, ids[n]);
      }
      assert.equal((await problemOf(node.url, 'POST', rollback, { body: {} })).code, 'NO_EARLIER_RELEASE');
    } finally {
      await node.close();
    }
  });
});

it('a collection and deploys at the same time: whatever is live has its code, and in the end nothing else is there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mayfly-retention-'));
  const time = { offset: 0 };
  const graceMs = 3_600_000;
  const clock = { wall: () => Date.now() + time.offset };
  const artifacts = openFilesystemArtifacts({ dataDir, trees: 'copy', graceMs, clock });
  const node = await startControlNode({ artifacts, retention: { releasesKept: 1, releaseAgeMsMax: 1e12 } });
  let over = false;
  let collections: Promise<void> = Promise.resolve();
  try {
    const collected = { artifacts: 0, blobs: 0 };
    const collect = async (): Promise<void> => {
      const { artifacts: some, blobs } = await node.plane.collector.collect();
      collected.artifacts += some;
      collected.blobs += blobs;
    };
    collections = (async () => {
      while (!over) {
        await collect();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    // The same three again and again, so that each comes back after it was collected; previews end as they begin.
    for (let n = 0; n < 24; n++) {
      const code = `code ${n % 3}`;
      const environment = `preview-${n}`;
      const deploys = [
        deploy(node.url, deployOf('shop', { a: code, b: `${code} too` })),
        deploy(node.url, deployOf('shop', { a: `once ${n}` }, { environment })),
      ];
      await Promise.all(deploys);
      for (const place of ['production', environment]) {
        const { functions } = node.publisher.serving.get(`shop/${place}`)!;
        for (const { artifact } of functions.values())
          artifacts.returnTree(await artifacts.takeTree(artifact));
      }
      await node.plane.environments.remove('shop', environment);
      // What was deployed so far is past its grace before the next comes.
      time.offset += 2 * graceMs;
    }
    over = true;
    await collections;
    assert.ok(collected.artifacts >= 20 && collected.blobs >= 20, JSON.stringify(collected));
    const live = [...node.publisher.serving.get('shop/production')!.functions.values()];
    for (const { artifact } of live) assert.equal(await artifacts.has(artifact), true);
    time.offset += 2 * graceMs;
    await node.store.removeApp('shop');
    await collect();
    for (const { artifact } of live) assert.equal(await artifacts.has(artifact), false);
    assert.equal(await artifacts.has(codeOf('once 1').artifact), false);
  } finally {
    over = true;
    await collections.catch(() => {});
    await node.close();
    await artifacts.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
