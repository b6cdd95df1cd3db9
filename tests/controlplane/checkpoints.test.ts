import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { CHECKPOINTS } from '../../src/controlplane/releases/checkpoint.ts';
import type { AppSnapshot } from '../../src/domain/snapshot.ts';
import { type Opened, openFolder, SCENARIOS } from './release-scenarios.ts';

const APP = 'shop';
const CHECKPOINTS_OF_ONE_MAX = 30;
const root = mkdtempSync(join(tmpdir(), 'mayfly-checkpoints-'));
after(() => rmSync(root, { recursive: true, force: true }));
const seen = new Set<string>();

/** Does the scenario on the folder and dies at the nth checkpoint; null: there is none. */
async function killAt(folder: string, scenario: string, n: number): Promise<string | null> {
  const script = join(import.meta.dirname, 'scenario.child.ts');
  const child = spawn(process.execPath, [script, folder, scenario, String(n)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const passed = (await text(child.stdout)).trim().split('\n');
  const [code, signal] = await exited;
  for (const name of passed) if (name !== '') seen.add(name);
  if (signal === 'SIGKILL') return passed.at(-1)!;
  assert.equal(code, 0);
  return null;
}

/** Which release a snapshot is; its functions must agree. */
function nameOf(snapshot: AppSnapshot | null | undefined): string | null {
  if (snapshot === null || snapshot === undefined) return null;
  const names = new Set([...snapshot.functions.values()].map(({ env }) => env.RELEASE));
  assert.equal(names.size, 1, 'functions of several releases');
  return [...names][0]!;
}

/** What is served, without what differs from one time to the next. Checks on the way that everything fits together. */
async function stateOf({ plane }: Opened): Promise<unknown> {
  const environments: unknown[] = [];
  const stored = await plane.store.listEnvironments(APP);
  assert.deepEqual(
    stored.map(({ name }) => `${APP}/${name}`),
    [...plane.publisher.environments.keys()].sort(),
    'what is served is what is stored',
  );
  for (const { name, traffic, revision } of stored) {
    const served = plane.publisher.environments.get(`${APP}/${name}`)!;
    assert.equal(served.stable?.release ?? null, traffic.stable);
    assert.equal(served.canary?.snapshot.release ?? null, traffic.canary?.release ?? null);
    assert.equal(served.canary?.weight ?? null, traffic.canary?.weight ?? null);
    assert.deepEqual(served.candidates, []);
    const history = await plane.store.listHistory(APP, name, 99);
    assert.deepEqual(
      history.map(({ seq }) => seq),
      Array.from({ length: revision }, (_, i) => revision - i),
      'one entry a change',
    );
    assert.equal(history[0]?.release, traffic.stable);
    assert.equal(history[0]?.canary?.weight ?? null, traffic.canary?.weight ?? null);
    const tracks = [nameOf(served.stable), nameOf(served.canary?.snapshot), served.canary?.weight ?? null];
    const variables = (await plane.store.listVariables(APP, name)).map((variable) => variable.name);
    for (const snapshot of [served.stable, served.canary?.snapshot]) {
      for (const { env } of snapshot?.functions.values() ?? [])
        assert.deepEqual(Object.keys(env).sort(), ['RELEASE', ...variables].sort());
    }
    environments.push([name, ...tracks, traffic.past.length, variables]);
  }
  const releases = await plane.store.listReleases(APP, 99);
  return [environments, releases.map(({ message }) => message).sort()];
}

/** Nothing is kept that nobody needs, and everything that somebody needs is. */
async function assertTidy({ plane, artifacts }: Opened, folder: string): Promise<void> {
  await plane.collector.collect();
  const [newest] = await plane.store.listReleases(APP, 1);
  const needed = new Set<string>([newest!.id]);
  for (const { traffic } of await plane.store.listEnvironments()) {
    for (const id of [traffic.stable, traffic.canary?.release, ...traffic.past]) if (id) needed.add(id);
  }
  assert.deepEqual(await plane.store.listReleaseIds(APP), needed);
  const named = await plane.store.listArtifacts();
  const kept = readdirSync(join(folder, 'artifacts')).map((file) => file.replace('.json', ''));
  assert.deepEqual(kept.sort(), [...named].sort());
  for (const artifact of named) artifacts.returnTree(await artifacts.takeTree(artifact));
}

for (const [scenario, { prepare, act }] of Object.entries(SCENARIOS)) {
  describe(`killed at any checkpoint of ${scenario}`, () => {
    it('a node starts again wholly before or wholly after it, can go on to the other, and leaves nothing over', async () => {
      const home = mkdtempSync(join(root, 'scenario-'));
      const [base, done] = [join(home, 'base'), join(home, 'done')];
      mkdirSync(base);
      const prepared = await openFolder(base);
      await prepare(prepared);
      const before = await stateOf(prepared);
      await prepared.close();
      cpSync(base, done, { recursive: true });
      const whole = await openFolder(done);
      await act(whole);
      const afterwards = await stateOf(whole);
      await whole.close();
      let at: string | null = '';
      for (let n = 1; at !== null; n++) {
        assert.ok(n < CHECKPOINTS_OF_ONE_MAX);
        const folder = join(home, `killed-${n}`);
        cpSync(base, folder, { recursive: true });
        at = await killAt(folder, scenario, n);
        const opened = await openFolder(folder);
        try {
          const state = JSON.stringify(await stateOf(opened));
          const isBefore = state === JSON.stringify(before);
          assert.ok(isBefore || state === JSON.stringify(afterwards), `${state} after a kill at ${at}`);
          if (at === null) assert.ok(!isBefore || scenario === 'a collection', 'it did nothing');
          // Whichever it is at, the other is one step away.
          if (isBefore) {
            await act(opened);
            assert.deepEqual(await stateOf(opened), afterwards, at ?? '');
          } else {
            await goBack(opened);
          }
          await assertTidy(opened, folder);
        } finally {
          await opened.close();
        }
      }
    });
  });
}

/** Serves in production what it served before the last change, where there was anything. */
async function goBack({ plane }: Opened): Promise<void> {
  const { environments, store } = plane;
  const [last, earlier] = await store.listHistory(APP, 'production', 2);
  const was = earlier?.release ?? null;
  if (last?.canary !== null) await environments.canary(APP, 'production', { action: 'abort' }, 'ci');
  else if (was !== null && was !== last.release)
    await environments.promote(APP, 'production', { release: was }, 'ci');
  else return;
  assert.equal((await store.listHistory(APP, 'production', 1))[0]?.release, was);
}

it('every checkpoint that there is was come past', () => {
  assert.deepEqual([...seen].sort(), [...CHECKPOINTS].sort());
});
