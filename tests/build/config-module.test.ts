import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../../src/build/problem.ts';
import { AppFolder } from './app-folder.ts';

const SMALL = { 'functions/a.ts': 'export default () => 1;\n' };

async function linesOf(config: string): Promise<string[]> {
  await using app = await AppFolder.create({ ...SMALL, 'mayfly.config.ts': config });
  const { code, list } = await app.problems();
  assert.equal(code, 'CONFIG_INVALID');
  return list.map(formatProblem);
}

test('the default export is the configuration, or a promise of it, in TypeScript', async () => {
  await using app = await AppFolder.create({
    ...SMALL,
    'settings.ts': 'export const memory: number = 300;\n',
    'mayfly.config.ts': `
      import { memory } from './settings.ts';
      const name: string = 'from-code';
      export default Promise.resolve({ name, memory, functions: { a: { timeout: '3s' } } });
    `,
  });
  const { name, functions, configFile } = await app.load();
  assert.equal(name, 'from-code');
  assert.equal(functions[0]?.limits.memoryMb, 300);
  assert.equal(functions[0]?.limits.timeoutMs, 3_000);
  assert.equal(configFile, `${app.dir}/mayfly.config.ts`);
});

test('a changed file is read again', async () => {
  await using app = await AppFolder.create({
    ...SMALL,
    'mayfly.config.ts': "export default { name: 'one' };",
  });
  assert.equal((await app.load()).name, 'one');
  await app.write({ 'mayfly.config.ts': "export default { name: 'another' };" });
  assert.equal((await app.load()).name, 'another');
});

test('what is wrong names the key', async () => {
  assert.deepEqual(await linesOf('export default { memory: () => 1, functions: { a: { timeuot: 5 } } };'), [
    'mayfly.config.ts: memory must be a size such as "256MB" or "1GB", or a number of MB, not a function',
    'mayfly.config.ts: unknown key "timeuot" in functions.a (did you mean "timeout"?)',
  ]);
  assert.deepEqual(await linesOf('export default 5;'), [
    'mayfly.config.ts: the configuration must be a mapping, not 5',
  ]);
});

test('a file that does not load says why and where', async () => {
  assert.deepEqual(await linesOf('export const name = 1;'), [
    'mayfly.config.ts: the file has no default export',
  ]);
  const [thrown = ''] = await linesOf("\n\nthrow new Error('no settings today');");
  assert.equal(thrown, 'mayfly.config.ts:3:7: the file does not load: Error: no settings today');
  const [syntax = ''] = await linesOf('export default {\n  name: 1 1\n};');
  assert.match(syntax, /^mayfly\.config\.ts(:\d+)*: the file does not load: SyntaxError: /);
  const [rejected = ''] = await linesOf("export default Promise.reject(new Error('later'));");
  assert.match(rejected, /the file does not load: Error: later/);
});
