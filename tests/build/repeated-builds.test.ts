import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { buildApp } from '../../src/build/app-builder.ts';
import type { BuildProgress, BuiltApp } from '../../src/build/built-app.ts';
import { createIncrementalBuilder, type IncrementalBuilder } from '../../src/build/incremental-builder.ts';
import { AppFolder, functionOf, pathsOf, textOf } from './app-folder.ts';

const FILES = {
  'functions/a.ts': "import { shared } from '../lib/shared.ts';\nexport default () => ['a', shared];\n",
  'functions/b.ts': "export default () => 'b';\n",
  'lib/shared.ts': "export const shared = 'one';\n",
};

async function withBuilder(
  work: (app: AppFolder, builder: IncrementalBuilder) => Promise<void>,
): Promise<void> {
  await using app = await AppFolder.create(FILES);
  const builder = createIncrementalBuilder(app.dir);
  try {
    await work(app, builder);
  } finally {
    await builder.close();
  }
}

const artifactsOf = (built: BuiltApp) =>
  Object.fromEntries(built.manifest.functions.map(({ name, artifact }) => [name, artifact]));

test('after a change only the functions that have the changed file in them are new', () =>
  withBuilder(async (app, builder) => {
    const first = await builder.build();
    for (const text of ['two', 'three']) {
      await app.write({ 'lib/shared.ts': `export const shared = '${text}';\n` });
      const next = await builder.build({ changed: [join(app.dir, 'lib/shared.ts')] });
      assert.notEqual(artifactsOf(next).a, artifactsOf(first).a);
      assert.equal(artifactsOf(next).b, artifactsOf(first).b);
      assert.match(await textOf(next, 'a', 'functions/a.mjs'), new RegExp(text));
    }
  }));

test('what an incremental build makes is what a fresh one makes', () =>
  withBuilder(async (app, builder) => {
    await builder.build();
    await app.write({ 'lib/shared.ts': "export const shared = 'other';\n" });
    const incremental = await builder.build({ changed: [join(app.dir, 'lib/shared.ts')] });
    const fresh = await app.build();
    assert.deepEqual(incremental.manifest, fresh.manifest);
    assert.deepEqual(incremental.artifacts, fresh.artifacts);
    assert.deepEqual(incremental.watchPaths, fresh.watchPaths);
  }));

test('functions come and go, configuration changes, without a word about the code', () =>
  withBuilder(async (app, builder) => {
    await builder.build();
    await app.write({ 'functions/c.ts': "export default () => 'c';\n" });
    const added = await builder.build({ changed: [join(app.dir, 'functions/c.ts')] });
    assert.deepEqual(Object.keys(artifactsOf(added)), ['a', 'b', 'c']);
    await rm(join(app.dir, 'functions/b.ts'));
    await app.write({ 'mayfly.yaml': 'memory: 512\n' });
    const changed = await builder.build({
      changed: [join(app.dir, 'functions/b.ts'), join(app.dir, 'mayfly.yaml')],
    });
    assert.deepEqual(Object.keys(artifactsOf(changed)), ['a', 'c']);
    assert.equal(functionOf(changed, 'a').limits.memoryMb, 512);
    assert.equal(artifactsOf(changed).a, artifactsOf(added).a);
  }));

test('a builder survives mistakes, and takes up afterwards what changed meanwhile', () =>
  withBuilder(async (app, builder) => {
    await builder.build();
    const shared = join(app.dir, 'lib/shared.ts');
    await app.write({ 'lib/shared.ts': 'export const shared = ;\n' });
    await assert.rejects(builder.build({ changed: [shared] }), {
      code: 'BUILD_FAILED',
      message: /lib\/shared\.ts:1:23/,
    });
    await app.write({ 'mayfly.yaml': 'memmory: 1\n', 'lib/shared.ts': "export const shared = 'mended';\n" });
    await assert.rejects(builder.build({ changed: [shared, join(app.dir, 'mayfly.yaml')] }), {
      code: 'CONFIG_INVALID',
    });
    await app.write({ 'mayfly.yaml': 'memory: 128\n' });
    const mended = await builder.build({ changed: [join(app.dir, 'mayfly.yaml')] });
    assert.match(await textOf(mended, 'a', 'functions/a.mjs'), /mended/);
  }));

test('a change of the configuration that breaks nothing but comes with changed code is not lost', () =>
  withBuilder(async (app, builder) => {
    await builder.build();
    await app.write({ 'mayfly.yaml': 'memmory: 1\n', 'lib/shared.ts': "export const shared = 'late';\n" });
    const changed = [join(app.dir, 'mayfly.yaml'), join(app.dir, 'lib/shared.ts')];
    await assert.rejects(builder.build({ changed }), { code: 'CONFIG_INVALID' });
    await app.write({ 'mayfly.yaml': 'memory: 128\n' });
    const built = await builder.build({ changed: changed.slice(0, 1) });
    assert.match(await textOf(built, 'a', 'functions/a.mjs'), /late/);
  }));

test('a file that comes into a shipped folder is shipped', () =>
  withBuilder(async (app, builder) => {
    const source = "export default () => new URL('../data/', import.meta.url).pathname;\n";
    await app.write({ 'functions/b.ts': source, 'data/one.txt': '1' });
    const first = await builder.build();
    await app.write({ 'data/two.txt': '2' });
    const next = await builder.build({ changed: [join(app.dir, 'data/two.txt')] });
    const names = (built: BuiltApp) => pathsOf(built, 'b').flatMap((path) => /[^/]+\.txt$/.exec(path) ?? []);
    assert.deepEqual([names(first), names(next)], [['one.txt'], ['one.txt', 'two.txt']]);
  }));

test('progress is told step by step', async () => {
  await using app = await AppFolder.create(FILES);
  const steps: BuildProgress[] = [];
  await buildApp(await app.load(), { onProgress: (progress) => steps.push(progress) });
  assert.deepEqual(steps, [
    { step: 'analyse', functions: 2 },
    { step: 'bundle', functions: 2 },
    { step: 'package', functions: 2 },
  ]);
});

test('an aborted build rejects with the reason, at any step', async () => {
  await using app = await AppFolder.create(FILES);
  const config = await app.load();
  for (const step of ['analyse', 'bundle', 'package']) {
    const controller = new AbortController();
    const reason = new Error(`stopped at ${step}`);
    const onProgress = (progress: BuildProgress) => {
      if (progress.step === step) controller.abort(reason);
    };
    await assert.rejects(buildApp(config, { signal: controller.signal, onProgress }), reason);
  }
  await assert.rejects(
    buildApp(config, { signal: AbortSignal.abort(new Error('never begun')) }),
    /never begun/,
  );
});

test('no process is left: after a build, a failed one, an aborted one, and a closed builder', {
  skip: process.platform === 'linux' ? false : 'reads /proc',
}, async () => {
  await using app = await AppFolder.create(FILES);
  await app.build();
  await assertAlone();
  await app.write({ 'lib/shared.ts': 'export const shared = ;\n' });
  assert.equal((await app.problems()).code, 'BUILD_FAILED');
  await assertAlone();
  await assert.rejects(buildApp(await app.load(), { signal: AbortSignal.abort() }));
  await assertAlone();
  const builder = createIncrementalBuilder(app.dir);
  await assert.rejects(builder.build());
  assert.equal(children().length, 1);
  await builder.close();
  await builder.close();
  await assertAlone();
});

/** Waits until this process has no child. A killed process is gone when its parent has been told. */
async function assertAlone(): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (children().length > 0 && Date.now() < deadline) await pause(5);
  assert.deepEqual(children(), []);
}

function children(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid;
    } catch {
      return false;
    }
  });
}
