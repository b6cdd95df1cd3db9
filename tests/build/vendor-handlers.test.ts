import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder } from './app-folder.ts';

test('vendors’ handlers are found as the vendors write them, and what belongs to them comes along', async () => {
  await using app = await AppFolder.create({
    'actions/bare.js': 'const suffix = "!";\nfunction main(params) { return params + suffix; }\n',
    'actions/two.ts':
      'const first = (n: number): number => n;\nasync function second(n: number) { return -n; }\n',
    'src/jobs.js': `exports.initContext = () => 'ready';\nexports.handler = (context) => context;\nexports.other = 1;\n`,
    'src/esm.mjs': 'export const initContext = () => "esm";\nexport const handler = () => 1;\n',
    'mayfly.yaml': `
functions:
  bare: { handler: actions/bare.js, dialect: openwhisk }
  first: { handler: actions/two.ts#first, dialect: openwhisk }
  second: { handler: actions/two.second, dialect: openwhisk }
  jobs: { handler: src/jobs.handler, dialect: nuclio }
  esm: { handler: src/esm.mjs, dialect: nuclio }
  scf: { handler: src/jobs.other, dialect: tencent }
`,
  });
  const built = await app.build();
  assert.equal(await app.run(built, 'bare', "handler('x')"), 'x!');
  assert.equal(await app.run(built, 'first', 'handler(1)'), 1);
  assert.equal(await app.run(built, 'second', 'handler(1)'), -1);
  assert.equal(await app.run(built, 'jobs', 'loaded.initContext()'), 'ready');
  assert.equal(await app.run(built, 'esm', 'loaded.initContext()'), 'esm');
  assert.equal(await app.run(built, 'scf', "'initContext' in loaded"), false);
});

test('imports at the top and module.exports below, as TypeScript compiles them to CommonJS', async () => {
  await using app = await AppFolder.create({
    'src/mixed.ts': `import type { Context } from '@azure/functions';
import { AzureFunction } from '@azure/functions';
const reply: AzureFunction = async (context: Context) => context;
module.exports.reply = reply;
`,
    'src/used.js': "import { sep } from 'node:path';\nexports.parted = (list) => list.join(sep);\n",
    'mayfly.yaml': `
functions:
  reply: { handler: src/mixed.ts#reply, dialect: azure }
  parted: { handler: src/used.js#parted, dialect: tencent }
`,
  });
  const built = await app.build();
  assert.equal(await app.run(built, 'reply', "handler('x')"), 'x');
  assert.equal(await app.run(built, 'parted', "handler(['a', 'b'])"), 'a/b');
});
