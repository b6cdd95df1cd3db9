import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { makeNodeFolder, NodeProcess, removeNodeFolder, spawnNode } from '../harness/node-process.ts';
import { eventually } from '../harness/test-node.ts';
import { ledgerOnDisk } from './node-remains.ts';

const DISK_MB = 64;
const shop = (n: number) => ({
  'functions/left.ts': `export default () => ${n};`,
  'functions/right.ts': `export default () => ${n};`,
  'functions/cold.ts': `export default () => 'from cold';`,
});

const refusal = await bubblewrapRefusal(lookAtMachine());

/** A small disk of its own for the folder, or why there can be none. */
function mountDisk(path: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'mayfly-test', path], { stdio: 'pipe' });
    return null;
  } catch (thrown) {
    return `no file system can be mounted here: ${thrown}`;
  }
}

describe('a disk that is full', () => {
  let folder: string;
  let data: string;
  let noDisk: string | null;
  let node: NodeProcess | null = null;
  before(async () => {
    folder = await makeNodeFolder();
    data = join(folder, 'data');
    mkdirSync(data);
    noDisk = mountDisk(data);
  });
  after(async () => {
    await node?.stop('SIGKILL');
    if (noDisk === null) execFileSync('umount', [data]);
    await removeNodeFolder(folder);
  });

  const start = () => NodeProcess.start(folder, { isolation: refusal === null ? 'sandbox' : 'process' });

  test('refuses a deploy with STORAGE_FULL; what runs goes on, and all is well when there is room again', async (t) => {
    if (noDisk !== null) return t.skip(noDisk);
    node = await start();
    await node.deploy('shop', shop(1));
    const call = async (name: string) => {
      const answer = await node!.ask(`/@shop/${name}`);
      assert.equal(answer.status, 200, answer.text);
      return answer.text;
    };
    assert.equal(await call('left'), '1');
    // Nothing that the calls so far left behind may want room later than the ballast.
    await eventually(async () => (await ledgerOnDisk(data)).length === 1);

    const ballast = fillDisk(data);
    const built = await node.build('shop', shop(2));
    await assert.rejects(node.deployBuilt(built), { code: 'STORAGE_FULL' });
    await assert.rejects(node.client.put('/v1/apps/shop/environments/production/variables', { set: [BIG] }), {
      code: 'STORAGE_FULL',
    });
    for (let i = 0; i < 20; i++) assert.equal(await call('left'), '1');
    assert.equal(await call('cold'), 'from cold', 'a start needs no room');

    rmSync(ballast);
    await node.deployBuilt(built);
    assert.equal(await call('right'), '2');
    // The calls that were made meanwhile are not lost to the ledger.
    await eventually(async () => (await ledgerOnDisk(data)).length === 23, 15_000);
    assert.equal((await node.stop()).code, 0);
    node = null;
  });

  test('refuses to start with STORAGE_FULL, and starts when there is room again', async (t) => {
    if (noDisk !== null) return t.skip(noDisk);
    const ballast = fillDisk(data);
    const ended = await spawnNode(folder, { isolation: 'process' }).ended;
    assert.equal(ended.code, 1);
    assert.equal(JSON.parse(ended.stderr).code, 'STORAGE_FULL', ended.stderr);
    rmSync(ballast);
    node = await start();
    assert.equal((await node.ask('/@shop/left')).text, '2');
    assert.equal((await node.stop()).code, 0);
    node = null;
  });
});

/** More than what is left of a page in the database. */
const BIG = { name: 'BIG', value: 'x'.repeat(32_000), secret: false };

/** Writes one file until nothing more fits. */
function fillDisk(folder: string): string {
  const path = join(folder, 'ballast');
  const file = openSync(path, 'w');
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch (thrown) {
      assert.equal((thrown as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
  closeSync(file);
  return path;
}
