import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MayflyError } from '../../src/domain/errors.ts';
import { startBarePlane } from './bare-plane.ts';
import { codeOf, deployOf } from './control-fixtures.ts';
import { MemoryArtifacts } from './memory-artifacts.ts';

let folder: string;
let plane: Awaited<ReturnType<typeof startBarePlane>>;
const artifacts = new MemoryArtifacts();
const prepared: string[] = [];
const collected: ReadonlySet<string>[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-plane-'));
  plane = await startBarePlane(join(folder, 'mayfly.db'), {
    artifacts,
    abilities: {
      runtimes: ['nodejs24', 'container'],
      dialects: ['fetch', 'http'],
      resourceKinds: [],
      triggerKinds: [],
    },
    imageStore: {
      prepare: async (artifact) => {
        prepared.push(artifact);
        if (artifact === codeOf('bad').artifact) throw new MayflyError('VALIDATION_FAILED', 'A bad image.');
      },
      collect: async (live) => void collected.push(live),
    },
  });
});
after(async () => {
  await plane.store.close();
  await rm(folder, { recursive: true, force: true });
});

async function deploy(app: string, code: string, runtime: string) {
  const extra = { runtime, dialect: runtime === 'container' ? 'http' : 'fetch' };
  const { codes, ...request } = deployOf(app, { a: { code, extra } });
  for (const each of codes) {
    const content = Buffer.from(each);
    await artifacts.putBlob(codeOf(each).file.sha256, content.length, [content] as never);
  }
  const stages: string[] = [];
  await plane.deploys.deploy(app, request, 'somebody', (stage) => stages.push(stage));
  return stages;
}

describe('an image', () => {
  it('is unpacked by the deploy that brings it, before anything is served', async () => {
    const image = ['check', 'upload', 'image', 'resources', 'activate'];
    assert.deepEqual(await deploy('box', 'good', 'container'), image);
    assert.deepEqual(
      await deploy('plain', 'code', 'nodejs24'),
      image.filter((stage) => stage !== 'image'),
    );
    assert.deepEqual(prepared, [codeOf('good').artifact]);
  });

  it('that is bad fails the deploy', async () => {
    const before = plane.publisher.serving.get('box/production')?.release;
    await assert.rejects(deploy('box', 'bad', 'container'), { code: 'VALIDATION_FAILED' });
    assert.equal(plane.publisher.serving.get('box/production')?.release, before);
  });

  it('stays while a release names it', async () => {
    await plane.collector.collect();
    assert.ok(collected[0]?.has(codeOf('good').artifact));
    assert.ok(!collected[0]?.has(codeOf('bad').artifact));
  });
});
