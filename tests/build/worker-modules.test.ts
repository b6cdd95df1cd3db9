import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppFolder } from './app-folder.ts';

const config = (main: string) => `name = "edge"\nmain = "${main}"\n`;
const CONTEXT = '{ waitUntil() {} }';

test('a Worker in service worker syntax answers through its listener', async () => {
  await using app = await AppFolder.create({
    'wrangler.toml': config('worker.js'),
    'worker.js': `self.addEventListener('fetch', (event) => event.respondWith(reply(event.request)));
addEventListener('scheduled', (event) => event.waitUntil(note(event.cron)));
const note = async (cron) => { globalThis.noted = cron; };
async function reply(request) { return [typeof HOME, request]; }
`,
  });
  const built = await app.build();
  const [variable, request] = (await app.run(built, 'edge', `handler.fetch('asked', {}, ${CONTEXT})`)) as [
    string,
    string,
  ];
  assert.deepEqual([variable, request], ['string', 'asked']);
  const run = `(handler.scheduled({ cron: '0 * * * *' }, {}, ${CONTEXT}), globalThis.noted)`;
  assert.equal(await app.run(built, 'edge', run), '0 * * * *');
});

test('a listener in a package that the Worker starts, and older files without a main', async () => {
  await using app = await AppFolder.create({
    'wrangler.toml': 'name = "edge"\ntype = "webpack"\n',
    'package.json': '{ "main": "lib/start.js" }',
    'lib/start.js': "import { App } from './app.js';\nconst app = new App();\napp.fire();\n",
    'lib/app.js':
      "export class App { fire() { addEventListener('fetch', (event) => event.respondWith('fired')); } }",
  });
  assert.equal(await app.run(await app.build(), 'edge', `handler.fetch('', {}, ${CONTEXT})`), 'fired');
});

test('modules of the Workers’ own runtime stand for theirs', async () => {
  await using app = await AppFolder.create({
    'wrangler.toml': config('worker.ts'),
    'worker.ts': `import { DurableObject, env, WorkerEntrypoint } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
export class Counter extends DurableObject {}
export default class extends WorkerEntrypoint {
  fetch(): unknown { return [this.env, env.PATH === process.env.PATH, new NonRetryableError('no').name]; }
}
`,
  });
  const built = await app.build();
  assert.deepEqual(await app.run(built, 'edge', "new handler({}, 'own').fetch()"), [
    'own',
    true,
    'NonRetryableError',
  ]);
});

test('what Mayfly has no stand-in for is refused, without the advice to install it', async () => {
  await using app = await AppFolder.create({
    'wrangler.toml': config('worker.js'),
    'worker.js':
      "import { connect } from 'cloudflare:sockets';\nexport default { fetch: () => connect('x:1') };",
  });
  const [problem] = (await app.problems()).list;
  assert.match(problem?.message ?? '', /cloudflare:sockets/);
  assert.match(problem?.suggestion ?? '', /a module of another runtime/);
});
