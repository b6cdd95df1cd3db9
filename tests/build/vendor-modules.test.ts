import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder, functionOf, pathsOf, textOf } from './app-folder.ts';

const INSTALLED = {
  'node_modules/@azure/functions/package.json':
    '{"name":"@azure/functions","version":"4.0.0","main":"main.js"}',
  'node_modules/@azure/functions/main.js': 'exports.app = { http: () => "the installed one" };\n',
};
const REGISTERING = `
  import { app } from '@azure/functions';
  app.http('list', { methods: ['GET'], handler: async () => ({ body: 'x' }) });
  app.timer('tick', { schedule: '0 * * * * *', handler: async () => {} });
`;
const TWO = 'functions:\n  list: {handler: src/api.ts}\n  tick: {handler: src/api.ts}\n';

test("a vendor's module stays an import, installed or not, and what registers stays in the bundle", async () => {
  const folders: Record<string, string>[] = [{}, INSTALLED, { 'package.json': '{"sideEffects":false}' }];
  for (const more of folders) {
    await using app = await AppFolder.create({ 'mayfly.yaml': TWO, 'src/api.ts': REGISTERING, ...more });
    const built = await app.build();
    for (const name of ['list', 'tick']) {
      const { dialect, handler } = functionOf(built, name);
      assert.deepEqual([dialect, handler.export], ['azure', name]);
      const text = await textOf(built, name, handler.file);
      assert.match(text, /from "@azure\/functions"/);
      assert.match(text, /app\.http\("list"/);
      assert.equal(
        pathsOf(built, name).some((path) => path.startsWith('node_modules')),
        false,
      );
    }
    assert.deepEqual(built.warnings, []);
  }
});

test('a package of that name is bundled like any other where another dialect is declared', async () => {
  await using app = await AppFolder.create({
    ...INSTALLED,
    'mayfly.yaml': 'dialect: fetch\n',
    'functions/hello.ts': "import { app } from '@azure/functions';\nexport default () => app.http();\n",
  });
  const built = await app.build();
  assert.match(await textOf(built, 'hello', functionOf(built, 'hello').handler.file), /the installed one/);
});

test('what is ambiguous is asked back with the line to write', async () => {
  await using several = await AppFolder.create({ 'functions/other.ts': REGISTERING });
  const [problem] = (await several.problems()).list;
  assert.match(problem!.message, /registers several functions: list, tick/);
  assert.match(problem!.suggestion ?? '', /write "handler: FILE#list"/);

  await using vendors = await AppFolder.create({
    'functions/both.ts': `${REGISTERING}\nimport { http } from '@google-cloud/functions-framework';\nhttp('x', () => {});`,
  });
  const [both] = (await vendors.problems()).list;
  assert.match(both!.message, /several vendors: azure, google/);
  assert.match(both!.suggestion ?? '', /write "dialect: /);
});
