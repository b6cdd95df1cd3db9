import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder, functionOf, textOf } from './app-folder.ts';

test('each function is compiled for the Node.js that it runs on', async () => {
  const code = 'export default () => { using door = globalThis.door; return door; };\n';
  await using app = await AppFolder.create({
    'mayfly.yaml': 'functions:\n  older: { runtime: nodejs22 }\n  newer: { runtime: nodejs26 }\n',
    'functions/older.mjs': code,
    'functions/newer.mjs': code,
  });
  const built = await app.build();
  const usesUsing = async (name: string): Promise<boolean> =>
    /using door/.test(await textOf(built, name, functionOf(built, name).handler.file));
  assert.deepEqual([await usesUsing('older'), await usesUsing('newer')], [false, true]);
});
