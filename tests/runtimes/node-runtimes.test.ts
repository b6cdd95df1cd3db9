import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runInShell } from '../cli/test-shell.ts';
import { eventually, TestNode } from '../harness/test-node.ts';
import { PACKAGE, packed, StandInRegistry } from './stand-in-registry.ts';

const app = (runtime: string): Record<string, string> => ({
  'mayfly.yaml': `runtime: ${runtime}\nfunctions:\n  list: {}\n`,
  'functions/list.ts': `
    export default () => ({
      runs: process.version, environment: process.env.AWS_EXECUTION_ENV ?? null, big: 1n.toString(),
    });`,
});

const commands = (node: TestNode) => (words: readonly string[]) =>
  runInShell(words, { cwd: node.folder, env: { MAYFLY_URL: node.controlUrl, MAYFLY_TOKEN: node.token } });

describe('a node whose registry stands in', () => {
  let registry: StandInRegistry;
  let node: TestNode;
  const before_ = { ...process.env };
  before(async () => {
    registry = await StandInRegistry.open(['22.7.1']);
    node = await TestNode.start({ isolation: 'process' });
    Object.assign(process.env, {
      npm_config_registry: registry.url,
      npm_config_cache: join(node.folder, 'npm-cache'),
      npm_config_fetch_retries: '0',
    });
  });
  after(async () => {
    for (const name of ['npm_config_registry', 'npm_config_cache', 'npm_config_fetch_retries']) {
      if (before_[name] === undefined) delete process.env[name];
      else process.env[name] = before_[name];
    }
    await node.close();
    await registry.close();
  });

  test('fetches what a deploy needs, and keeps it while it is live', async () => {
    const mayfly = commands(node);
    const none = await mayfly(['runtime', 'list']);
    assert.match(none.stdout, /nodejs22 +not here/);
    assert.match(none.stdout, /nodejs24 +24\.\d+\.\d+ +Mayfly itself/);
    await node.deploy('older', app('nodejs22'));
    assert.equal((await node.ask('/@older/list')).status, 200);
    const one = await mayfly(['runtime', 'list']);
    assert.match(one.stdout, /nodejs22 +22\.7\.1 +\S+ B +npm registry +\S+ \S+ +older \(production\)/);
    const used = await mayfly(['runtime', 'remove', 'nodejs22']);
    assert.equal(used.code, 1, used.stderr);
    assert.match(used.stderr, /is used by older \(production\)/);
  });

  test('takes a newer one from a file while calls run, and goes on with it', async () => {
    const mayfly = commands(node);
    await writeFile(join(node.folder, 'node.tgz'), packed('22.8.0'));
    const added = await mayfly(['runtime', 'add', 'nodejs22', '--from', 'node.tgz']);
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stdout, /^nodejs22 is Node\.js 22\.8\.0, /);
    assert.equal((await node.ask('/@older/list')).status, 200);
    await node.deploy('older', { ...app('nodejs22'), 'functions/list.ts': 'export default () => "again";' });
    assert.equal((await node.ask('/@older/list')).text, 'again');
    const missing = await mayfly(['runtime', 'add', 'nodejs22', '--from', 'nowhere.tgz']);
    assert.equal(missing.code, 2, missing.stderr);
  });

  test('leaves what is live as it is when it cannot fetch, and says what to do', async () => {
    await registry.close();
    await assert.rejects(node.deploy('older', app('nodejs26')), {
      code: 'RUNTIME_UNAVAILABLE',
      hint: /runtime add NAME --from FILE\.tgz/,
    });
    assert.equal((await node.ask('/@older/list')).text, 'again');
  });
});

/** Where the packages come from is the machine's matter; without a way there is nothing to be seen here. */
const published = (major: number): boolean =>
  spawnSync('npm', ['view', `${PACKAGE}@${major}`, 'version', '--json'], { timeout: 20_000 }).status === 0;
const unreachable = published(22) && published(26) ? false : 'this machine reaches no npm registry';

describe('Node.js 22 and 26 from the registry', { skip: unreachable, concurrency: true }, () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.start();
  });
  after(() => node.close());

  for (const major of [22, 26]) {
    test(`run functions of nodejs${major}, isolated as all are`, async () => {
      const name = `on${major}`;
      await node.deploy(name, {
        ...app(`nodejs${major}`),
        'functions/legacy.ts': `
          export const handler = async (event: unknown) => ({ statusCode: 200, body: process.env.AWS_EXECUTION_ENV });`,
        'functions/throws.ts': `
          interface Closed { closed: boolean }
          export default async () => {
            using door: Disposable & Closed = { closed: false, [Symbol.dispose]() { console.log('closed'); } };
            console.log('before', { door: door.closed });
            throw new RangeError('on purpose');
          };`,
        'mayfly.yaml': `runtime: nodejs${major}\nfunctions:\n  list: {}\n  throws: {}\n  legacy: { dialect: lambda, handler: functions/legacy.handler }\n`,
      });
      const { json } = await node.ask(`/@${name}/list`);
      assert.match((json as { runs: string }).runs, new RegExp(`^v${major}\\.`));
      assert.equal((await node.ask(`/@${name}/legacy`)).text, `AWS_Lambda_nodejs${major}.x`);
      assert.equal((await node.ask(`/@${name}/throws`)).status, 500);
      await eventually(async () => {
        const lines = (await node.logs({ app: name, function: 'throws' })).map(({ message }) => message);
        const stack = lines.find((line) => line.includes('RangeError: on purpose'));
        return (
          lines.includes('before { door: false }') &&
          lines.includes('closed') &&
          /throws\.ts:6:/.test(stack ?? '')
        );
      });
      const { instances } = await node.status();
      assert.ok((instances.ready ?? 0) + (instances.frozen ?? 0) >= 2, JSON.stringify(instances));
    });
  }
});
