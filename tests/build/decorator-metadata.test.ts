import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder, filesOf, textOf } from './app-folder.ts';

/** Stands for the author's compiler: it writes down what it was asked for. */
const COMPILER = `exports.transpileModule = (text, { compilerOptions }) => ({
  outputText: text.replace(/^@.*$/gm, '').replace('private readonly ', '') + '\\n;(globalThis.asked ??= []).push(' + JSON.stringify(compilerOptions) + ');\\n',
});
`;
const FILES = {
  'tsconfig.json':
    '{ // as frameworks say it\n "extends": "./tsconfig.base.json", "compilerOptions": { "target": "es2017" }, }',
  'tsconfig.base.json':
    '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
  'functions/shop.ts':
    "import { Cart } from '../src/cart.ts';\n/**\n * @param none\n */\nexport default () => [typeof Cart, globalThis.asked];\n",
  'src/cart.ts':
    'const Injectable = () => () => undefined;\n@Injectable()\nexport class Cart {\n  private readonly size = 1;\n}\n',
};
const PACKAGE = '{ "name": "typescript", "version": "5.0.0", "main": "index.js" }';

test('where tsconfig.json asks for metadata of decorators, the compiler of the project writes it', async () => {
  await using app = await AppFolder.create({
    ...FILES,
    'node_modules/typescript/package.json': PACKAGE,
    'node_modules/typescript/index.js': COMPILER,
  });
  const built = await app.build();
  assert.deepEqual(built.warnings, []);
  const [kind, asked] = (await app.run(built, 'shop', 'await handler()')) as [
    string,
    Record<string, unknown>[],
  ];
  assert.equal(kind, 'function');
  assert.equal(asked.length, 1, 'only the file with a decorator goes through it');
  const { emitDecoratorMetadata, experimentalDecorators, useDefineForClassFields } = asked[0] ?? {};
  assert.deepEqual(
    [emitDecoratorMetadata, experimentalDecorators, useDefineForClassFields],
    [true, true, false],
  );
});

test('without a compiler that can, the build says what will be missing', async () => {
  const ways: Record<string, string>[] = [
    {},
    {
      'node_modules/typescript/package.json': PACKAGE,
      'node_modules/typescript/index.js': 'exports.version = "7";\n',
    },
  ];
  for (const files of ways) {
    await using app = await AppFolder.create({ ...FILES, ...files });
    const { warnings } = await app.build();
    assert.deepEqual(
      warnings.map(({ file, suggestion }) => [file, suggestion]),
      [['src/cart.ts', 'npm install --save-dev typescript@5']],
    );
    assert.match(warnings[0]?.message ?? '', /emitDecoratorMetadata.*injected by type will be undefined/);
  }
});

test('where nobody asks for it, no compiler is looked for', async () => {
  await using app = await AppFolder.create({
    ...FILES,
    'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
    'node_modules/typescript/package.json': PACKAGE,
    'node_modules/typescript/index.js': 'throw new Error("loaded");\n',
  });
  const built = await app.build();
  assert.deepEqual(built.warnings, []);
  assert.ok(filesOf(built, 'shop').some(({ path }) => path === 'functions/shop.mjs'));
  assert.match(await textOf(built, 'shop', 'functions/shop.mjs'), /Injectable/);
});
