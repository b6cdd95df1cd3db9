import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { Problem } from '../../src/contract/control-api.ts';
import { findStrays } from '../../tools/testing/leftovers.ts';
import type { Ended } from '../cli/mayfly-process.ts';
import {
  makeNodeFolder,
  NodeProcess,
  type NodeSettings,
  removeNodeFolder,
  spawnNode,
} from '../harness/node-process.ts';

const APP = { 'functions/hello.ts': `export default () => 'hello';` };

describe('a node that cannot start', () => {
  let folder: string;
  let node: NodeProcess;
  /** With a data folder that a node has stopped on. */
  let stopped: string;
  before(async () => {
    [folder, stopped] = await Promise.all([makeNodeFolder(), makeNodeFolder()]);
    const earlier = await NodeProcess.start(stopped, { isolation: 'process' });
    await earlier.deploy('app', APP);
    await earlier.stop();
    cpSync(join(stopped, 'data'), join(folder, 'data'), { recursive: true });
    node = await NodeProcess.start(folder, { isolation: 'process' });
  });
  after(async () => {
    await node.stop('SIGKILL');
    await Promise.all([folder, stopped].map(removeNodeFolder));
  });

  const serves = async () => assert.equal((await node.ask('/@app/hello')).text, 'hello');

  test('because another one runs on its data folder: says so, and leaves the other alone', async () => {
    const calls = Promise.all(Array.from({ length: 20 }, () => serves()));
    const before = await node.status();
    refused(await startInVain(folder), 'DATA_LOCKED');
    await calls;
    await serves();
    await node.deploy('app', { ...APP, 'functions/other.ts': APP['functions/hello.ts'] });
    assert.equal((await node.status()).pid, before.pid);
    assert.equal(JSON.parse(readFileSync(join(node.data, 'run', 'node.json'), 'utf8')).pid, before.pid);
  });

  for (const listener of ['gateway', 'control'] as const) {
    test(`because the ${listener}'s port is taken: says which, and leaves nothing behind`, async () => {
      const other = await makeNodeFolder();
      try {
        const { port } = new URL(listener === 'gateway' ? node.gatewayUrl : node.controlUrl);
        const problem = refused(await startInVain(other, { [`${listener}Port`]: port }), 'PORT_TAKEN');
        assert.match(problem.detail, new RegExp(`\\b${port}\\b`));
        assert.deepEqual(await findStrays(other), []);
        await serves();
        const next = await NodeProcess.start(other, { isolation: 'process' });
        assert.equal((await next.stop()).code, 0);
      } finally {
        await removeNodeFolder(other);
      }
    });
  }

  test('because a newer Mayfly wrote its database: leaves what was written as it is', async () => {
    const database = new DatabaseSync(join(stopped, 'data', 'mayfly.db'));
    database.exec('pragma user_version = 999; pragma wal_checkpoint(truncate);');
    database.close();
    const before = contentOf(join(stopped, 'data'));
    refused(await startInVain(stopped), 'DATA_NEWER');
    assert.deepEqual(contentOf(join(stopped, 'data')), before);
  });

  test('because a newer Mayfly wrote its data folder: touches nothing', async () => {
    writeFileSync(join(stopped, 'data', 'format'), '999\n');
    const before = contentOf(join(stopped, 'data'));
    const problem = refused(await startInVain(stopped), 'DATA_NEWER');
    assert.match(problem.detail, /999/);
    assert.deepEqual(contentOf(join(stopped, 'data')), before);
  });
});

const startInVain = (folder: string, settings: NodeSettings = {}): Promise<Ended> =>
  spawnNode(folder, { isolation: 'process', ...settings }).ended;

/** One problem and nothing else on standard error, and the exit code of a failure. */
function refused(ended: Ended, code: string): Problem {
  assert.equal(ended.code, 1, ended.stderr);
  assert.equal(ended.stdout, '');
  const problem = JSON.parse(ended.stderr) as Problem;
  assert.equal(problem.code, code);
  return problem;
}

/** Digest, mode and time of every file, by path; folders are there too. */
function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const path = join(folder, name);
        const { mode, mtimeMs } = statSync(path);
        if (statSync(path).isDirectory()) return [name, `${mode}`];
        return [name, `${mode} ${mtimeMs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
      }),
  );
}
