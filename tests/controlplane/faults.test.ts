import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReleaseList } from '../../src/contract/release-api.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import type { ReleaseStore } from '../../src/ports/release-store.ts';
import { seededRandom } from '../harness/seeded-random.ts';
import { startBarePlane } from './bare-plane.ts';
import { callJson, deploy, problemOf } from './control-client.ts';
import { deployOf } from './control-fixtures.ts';
import { startControlNode } from './control-node.ts';

/** The store with one method that fails once `broken` is set. */
function breaking(method: 'saveEnvironment' | 'changeVariables', switched: { broken: boolean }) {
  return (store: ReleaseStore): ReleaseStore =>
    new Proxy(store, {
      get(target, name) {
        if (name === method && switched.broken) {
          return () => Promise.reject(new MayflyError('STORAGE_FULL', 'No space left.'));
        }
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
}

describe('a deploy that the disk breaks off', () => {
  for (const method of ['saveEnvironment'] as const) {
    it(`in ${method}: what ran runs on, now and after a restart, and the next deploy works`, async () => {
      const switched = { broken: false };
      const node = await startControlNode({ wrapStore: breaking(method, switched) });
      try {
        const old = await deploy(node.url, deployOf('shop', { a: 'old' }));
        switched.broken = true;
        const { codes: _codes, ...body } = deployOf('shop', { a: 'old', b: 'old' });
        const problem = await problemOf(node.url, 'POST', '/v1/apps/shop/releases', { body });
        assert.equal(problem.code, 'STORAGE_FULL');
        assert.equal(node.publisher.serving.get('shop/production')?.release, old.release);
        const { releases } = await callJson<ReleaseList>(node.url, 'GET', '/v1/apps/shop/releases');
        assert.deepEqual(
          releases.filter(({ activeIn }) => activeIn.length > 0).map(({ release }) => release),
          [old.release],
        );
        const again = await startControlNode({ folder: node.folder, masterKey: node.masterKey });
        try {
          assert.deepEqual(
            again.publisher.serving.get('shop/production'),
            node.publisher.serving.get('shop/production'),
          );
        } finally {
          await again.close();
        }
        switched.broken = false;
        const next = await deploy(node.url, deployOf('shop', { a: 'old', b: 'old' }));
        assert.equal(node.publisher.serving.get('shop/production')?.release, next.release);
      } finally {
        await node.close();
      }
    });
  }

  it('in a change of variables: functions keep the old values', async () => {
    const switched = { broken: false };
    const node = await startControlNode({ wrapStore: breaking('changeVariables', switched) });
    try {
      await deploy(node.url, deployOf('shop', { a: 'x' }));
      switched.broken = true;
      const body = { set: [{ name: 'A', value: '1', secret: false }] };
      const path = '/v1/apps/shop/environments/production/variables';
      assert.equal((await problemOf(node.url, 'PUT', path, { body })).code, 'STORAGE_FULL');
      assert.deepEqual(node.publisher.serving.get('shop/production')?.functions.get('a')?.env, {});
    } finally {
      await node.close();
    }
  });
});

describe('a node killed while it deploys', () => {
  it('is wholly at one release afterwards, and never before one that it answered', async () => {
    const kills = 8;
    const seed = Date.now() % 1_000_000;
    const random = seededRandom(seed);
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-kill-'));
    const path = join(folder, 'mayfly.db');
    try {
      let next = 0;
      for (let kill = 0; kill < kills; kill++) {
        const answered = await deployAndKill(path, next, 1 + Math.floor(random() * 5), random() * 12);
        const live = await stateOf(path);
        const at = `seed ${seed}, kill ${kill}`;
        assert.equal(new Set(live.releaseNumbers).size, 1, `functions of several releases; ${at}`);
        const [release = -1] = live.releaseNumbers;
        assert.ok(release >= answered, `release ${release} after ${answered} was answered; ${at}`);
        assert.equal(live.a, live.b, `half a change of variables; ${at}`);
        assert.ok(live.a === release || live.a === release + 1, `variables ${live.a} at ${release}; ${at}`);
        next = release + 1;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Answers the last release that the process said was deployed before it was killed. */
async function deployAndKill(path: string, first: number, deploys: number, thenMs: number): Promise<number> {
  const script = join(import.meta.dirname, 'deploys.child.ts');
  const child = spawn(process.execPath, [script, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let last = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last === first + deploys - 1) void delay(thenMs).then(() => child.kill('SIGKILL'));
  }
  await exited;
  return last;
}

/** What a node would serve now, read as a node reads it when it starts. */
async function stateOf(path: string) {
  const { store, publisher } = await startBarePlane(path);
  await store.close();
  const functions = [...(publisher.serving.get('shop/production')?.functions.values() ?? [])];
  assert.equal(functions.length, 3);
  const env = functions[0]!.env;
  return {
    releaseNumbers: functions.map((fn) => Number(fn.env.N)),
    a: Number(env.A),
    b: Number(env.B),
  };
}
