import assert from 'node:assert/strict';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from 'esbuild';
import { GuestDriver } from './guest-driver.ts';
import { eventually } from './patience.ts';

after(() => GuestDriver.clean());

const cases: Record<
  string,
  {
    files: Record<string, string>;
    file?: string;
    export?: string;
    name: string;
    says: RegExp;
    stack?: RegExp;
  }
> = {
  'a missing file': { files: {}, name: 'HandlerUnusable', says: /"index\.mjs" is not there/ },
  'a missing export': {
    files: { 'index.mjs': 'export const a = 1;' },
    export: 'b',
    name: 'HandlerUnusable',
    says: /"b" of index\.mjs is missing/,
  },
  'an unusable export': {
    files: { 'index.mjs': 'export default 5;' },
    name: 'HandlerUnusable',
    says: /not usable/,
  },
  'a syntax error': {
    files: { 'index.mjs': 'export default (\n' },
    name: 'SyntaxError',
    says: /Unexpected end of input/,
    stack: /index\.mjs/,
  },
  'a syntax error in CommonJS': {
    files: { 'index.cjs': 'exports.default = (\n' },
    file: 'index.cjs',
    name: 'SyntaxError',
    says: /Unexpected/,
    stack: /index\.cjs:2/,
  },
  'an import that is not there': {
    files: { 'index.mjs': 'import "not-installed";' },
    name: 'Error',
    says: /Cannot find package 'not-installed'/,
  },
  'a throw while loading': {
    files: { 'index.mjs': 'throw new TypeError("no start");' },
    name: 'TypeError',
    says: /no start/,
    stack: /index\.mjs:1/,
  },
  'a throw of nothing': { files: { 'index.mjs': 'throw undefined;' }, name: 'undefined', says: /undefined/ },
  'a rejected top-level await': {
    files: { 'index.mjs': 'await Promise.reject(new Error("later"));' },
    name: 'Error',
    says: /later/,
  },
  'an exit while loading': {
    files: { 'index.mjs': 'process.exit(3);' },
    name: 'ProcessExit',
    says: /process\.exit\(3\)/,
  },
  'an unhandled rejection while loading': {
    files: {
      'index.mjs': 'Promise.reject(new Error("loose")); await new Promise(() => setTimeout(() => {}, 1e6));',
    },
    name: 'Error',
    says: /loose/,
  },
};
for (const [what, { files, file, name, says, stack, ...rest }] of Object.entries(cases)) {
  test(`${what} fails the instance`, async () => {
    await using guest = await GuestDriver.boot(files);
    const failure = await guest.specialise({
      handler: { file: file ?? 'index.mjs', export: rest.export ?? 'default' },
    });
    assert.equal(failure?.code, 'FUNCTION_INIT_FAILED');
    assert.equal(failure.name, name);
    assert.match(failure.message, says);
    assert.equal(failure.fatal, true);
    if (stack !== undefined) assert.match(failure.stack, stack);
    assert.doesNotMatch(failure.stack, /node\.cjs/);
  });
}

test('an unknown dialect fails the instance, also one that every object has', async () => {
  for (const dialect of ['cobol', 'toString', '__proto__']) {
    await using guest = await GuestDriver.boot({ 'index.mjs': 'export default () => 1;' });
    assert.match((await guest.specialise({ dialect }))!.message, /does not speak the dialect/);
  }
});

test('top-level await, JSON, dependencies and TypeScript load', async () => {
  await using guest = await GuestDriver.load(
    {
      'src/index.ts': `
        import data from '../data.json' with { type: 'json' };
        import { twice } from 'two';
        const late: number = await Promise.resolve(4);
        export default { nested: { fetch: () => [data.n, twice(late)] } };`,
      'data.json': '{"n":1}',
      'package.json': '{"type":"module"}',
      'node_modules/two/package.json': '{"name":"two","exports":"./index.js","type":"module"}',
      'node_modules/two/index.js': 'export const twice = (n) => 2 * n;',
    },
    { handler: { file: 'src/index.ts', export: 'default.nested' } },
  );
  assert.equal((await guest.invoke()).body.toString(), '[1,8]');
});

test('CommonJS default exports: the module itself, and what a compiler made of an ES module', async () => {
  for (const code of [
    'module.exports = () => "x";',
    'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = () => "x";',
    'module.exports = { fetch: () => "x" };',
  ]) {
    await using guest = await GuestDriver.load(
      { 'index.cjs': code },
      { handler: { file: 'index.cjs', export: 'default' } },
    );
    assert.equal((await guest.invoke()).body.toString(), 'x');
  }
});

test('a function sees its own environment and nothing of the platform', async () => {
  await using guest = await GuestDriver.boot(
    {
      'index.mjs':
        'export default () => ({ env: process.env, cwd: process.cwd(), argv: process.argv.slice(1), execArgv: process.execArgv });',
    },
    { SECRET_OF_THE_PLATFORM: 'x', TMPDIR: '/tmp' },
  );
  await guest.specialise({ env: { COLOUR: 'red', NODE_ENV: 'test' } });
  const told = JSON.parse((await guest.invoke()).body.toString());
  assert.equal(told.env.SECRET_OF_THE_PLATFORM, undefined);
  assert.deepEqual(
    { ...told.env, PATH: '' },
    {
      PATH: '',
      HOME: '/tmp',
      TMPDIR: '/tmp',
      TZ: 'UTC',
      LANG: 'C.UTF-8',
      NODE_ENV: 'test',
      COLOUR: 'red',
      MAYFLY_APP: 'shop',
      MAYFLY_ENVIRONMENT: 'production',
      MAYFLY_FUNCTION: 'cart',
      MAYFLY_VERSION: '0123456789abcdef',
      MAYFLY_APP_URL: 'http://127.0.0.1:1/@shop',
    },
  );
  assert.equal(told.cwd, await realpath(guest.folder));
  assert.deepEqual(told.argv, [join(guest.folder, 'index.mjs')]);
  assert.deepEqual(told.execArgv, []);
});

test('a second SPECIALISE is refused and changes nothing', async () => {
  await using guest = await GuestDriver.load('export default () => process.env.COLOUR;', {
    env: { COLOUR: 'red' },
  });
  const refusal = await guest.specialise({ env: { COLOUR: 'blue' } });
  assert.equal(refusal?.name, 'AlreadySpecialised');
  assert.equal((await guest.invoke()).body.toString(), 'red');
});

test('a function may come before the guest has warmed up', async () => {
  await using guest = await GuestDriver.boot({ 'index.mjs': 'export default () => new Response("early");' });
  assert.equal(await guest.specialise(), null);
  assert.equal((await guest.invoke()).body.toString(), 'early');
  await guest.booted;
});

test('stacks are mapped to the sources, in failures and in logs', async () => {
  await using guest = await GuestDriver.boot();
  await build({
    stdin: {
      contents:
        '\n\nexport default (request: Request): string => {\n  console.error(new Error("told"));\n  throw new Error(request.url);\n};\n',
      sourcefile: '../functions/deep.ts',
      loader: 'ts',
    },
    outfile: join(guest.folder, 'out/index.mjs'),
    bundle: true,
    minify: true,
    format: 'esm',
    sourcemap: true,
  });
  await guest.specialise({ handler: { file: 'out/index.mjs', export: 'default' } });
  const { failure } = await guest.invoke();
  assert.match(failure!.stack, /functions\/deep\.ts:5:/);
  assert.doesNotMatch(failure!.stack, /node\.cjs|index\.mjs/);
  const line = await guest.log(({ level }) => level === 'error');
  assert.match(line.message, /told[\s\S]*functions\/deep\.ts:4:/);
});

test('draining finishes what runs, tells the author, and ends with 0', async () => {
  await using guest = await GuestDriver.load(`
    let finish;
    process.on('SIGTERM', () => console.log('told to go'));
    process.on('exit', () => console.log('exit listener'));
    export default {
      fetch(request) {
        if (request.url.endsWith('/finish')) { finish('done'); return 'ok'; }
        return new Promise((resolve) => { finish = resolve; });
      },
      async shutdown() { await null; console.log('shut down'); },
    };`);
  const call = guest.call();
  const finish = guest.call({ http: { url: 'http://shop.localhost/finish' } });
  guest.drain();
  assert.equal((await call.answer).body.toString(), 'done');
  await finish.answer;
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
  await eventually(() => guest.logs.length === 3, 'all lines');
  assert.deepEqual(
    guest.logs.map(({ message }) => message),
    ['shut down', 'told to go', 'exit listener'],
  );
});

test('what the guest rehearsed leaves no trace for the function', async () => {
  await using guest = await GuestDriver.boot({
    'index.mjs': `
      import { readdirSync } from 'node:fs';
      import { createRequire } from 'node:module';
      const { cache } = createRequire(import.meta.url);
      export default () => Response.json({
        folder: process.cwd(),
        argv: process.argv[1],
        variables: Object.keys(process.env).filter((name) => name.startsWith('MAYFLY_')),
        modules: Object.keys(cache).filter((name) => name.includes('rehears')),
        files: readdirSync(process.env.TMPDIR).filter((name) => name === '.mayfly-' + process.pid),
      });`,
  });
  await guest.booted;
  assert.equal(await guest.specialise({}), null);
  const folder = await realpath(guest.folder);
  const { body } = await guest.invoke();
  assert.deepEqual(JSON.parse(body.toString()), {
    folder,
    argv: `${guest.folder}/index.mjs`,
    variables: ['MAYFLY_APP', 'MAYFLY_ENVIRONMENT', 'MAYFLY_FUNCTION', 'MAYFLY_VERSION', 'MAYFLY_APP_URL'],
    modules: [],
    files: [],
  });
});

test('an instance that never became a function drains too', async () => {
  await using guest = await GuestDriver.boot();
  await guest.booted;
  guest.drain();
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
});

test('the platform going away ends the guest, whatever it runs', async () => {
  await using guest = await GuestDriver.load(
    'setInterval(() => {}, 1000); process.on("exit", () => { for (;;); }); export default () => 1;',
  );
  guest.channel.destroy();
  assert.deepEqual(await guest.exit(), { code: 0, signal: null });
});
