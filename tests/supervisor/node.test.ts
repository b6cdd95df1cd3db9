import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { compileRuntime } from '../../bench/harness/compiled-runtime.ts';
import { processTree } from '../../src/adapters/sandboxes/process-tree.ts';
import { eventually, TestNode } from '../harness/test-node.ts';
import { bash, echo, javascript } from './bootstraps.ts';

const SERVER = `#!/usr/bin/env node
require('node:http').createServer((req, res) => {
  if (req.url === '/die') process.kill(process.pid, 'SIGKILL');
  let body = '';
  req.on('data', (part) => { body += part; }).on('end', () => res.end(req.method + ' ' + req.url + ' ' + body));
}).listen(process.env.PORT, '127.0.0.1');
`;

describe('programs on a node', () => {
  let node: TestNode;
  /** Ids of the programs that run below this process: other tests may have theirs. */
  const programs = (): number[] =>
    processTree(process.pid).filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/var/task/');
      } catch {
        return false;
      }
    });

  before(async () => {
    node = await TestNode.start({ idleFreezeMs: '20ms' });
    await node.deploy('run', {
      'functions/shell/bootstrap': bash('  printf \'{"got":%s}\' "$1"'),
      'functions/compiled/bootstrap': await compileRuntime(),
      'functions/where/bootstrap': echo(
        `[process.cwd(), process.env.LAMBDA_TASK_ROOT, require('fs').readFileSync('/opt/words', 'utf8'),
          require('child_process').execFileSync('tool', { encoding: 'utf8' })]`,
      ),
      'functions/where/.opt/words': 'of a layer',
      'functions/where/.opt/bin/tool': '#!/bin/sh\nprintf tool\n',
      'functions/dies/bootstrap': echo(`event.rawPath === '/dies' ? process.exit(3) : 1`),
      'functions/hungry/bootstrap': echo(`Buffer.alloc(400 * 1024 * 1024, 1).length`),
      'functions/forks/bootstrap': echo(
        `Array.from({ length: 300 }, () => require('child_process').spawn('sleep', ['9']).on('error', () => {}))
          .filter(({ pid }) => pid !== undefined).length`,
      ),
      'functions/address/bootstrap': echo('process.env.AWS_LAMBDA_RUNTIME_API'),
      'functions/visitor/bootstrap': echo(
        `Promise.all([process.env.AWS_LAMBDA_RUNTIME_API, event.rawQueryString].map((host) =>
          fetch('http://' + host + '/2018-06-01/ping').then((res) => res.text(), () => 'refused')))`,
      ),
      'functions/never/bootstrap': '#!/bin/sh\nexec sleep 600\n',
      'functions/init/bootstrap': javascript(
        `await post('init/error', '{"errorType":"No.Config","errorMessage":"not configured"}'); process.exit(1);`,
      ),
      'web/server.js': SERVER,
      'mayfly.yaml': `
timeout: 20s
functions:
  never: { initTimeout: 300ms }
  dies: { network: none }
  web: { runtime: http, root: web, handler: server.js, routes: ['/*'], concurrency: { perInstance: 5 } }
`,
    });
  });
  after(() => node.close());

  test('bash and C serve calls, and their output is their log', async () => {
    const shell = await node.ask('/@run/shell?x=1', { method: 'POST', body: 'hi' });
    const { got } = shell.json as { got: Record<string, unknown> };
    assert.deepEqual([shell.status, got.version, got.body, got.rawQueryString], [200, '2.0', 'hi', 'x=1']);
    for (const call of [1, 2])
      assert.deepEqual((await node.ask('/@run/compiled')).json, { call, language: 'C' });
    await eventually(async () =>
      (await node.logs()).find(({ message, requestId }) => message === 'call 2' && requestId !== null),
    );
    assert.deepEqual(JSON.parse(await node.invoke('run', 'compiled')), { call: 3, language: 'C' });
  });

  test('its root is /var/task and its layers are /opt', async () => {
    assert.deepEqual((await node.ask('/@run/where')).json, ['/var/task', '/var/task', 'of a layer', 'tool']);
  });

  test('a frozen runtime goes on waiting for its call', async () => {
    await node.ask('/@run/shell');
    await eventually(async () => ((await node.status()).instances.frozen ?? 0) > 0);
    assert.equal((await node.ask('/@run/shell')).status, 200);
  });

  test('a runtime that dies, passes its memory or never asks gets its own code, and is replaced', async () => {
    const codeOf = async (path: string): Promise<unknown> => {
      const { status, json } = await node.ask(path);
      return [status, (json as { error: { code?: string } }).error.code];
    };
    assert.deepEqual(await codeOf('/@run/dies'), [502, 'FUNCTION_EXITED']);
    assert.deepEqual(await codeOf('/@run/dies'), [502, 'FUNCTION_EXITED']);
    assert.deepEqual(await codeOf('/@run/hungry'), [502, 'FUNCTION_OUT_OF_MEMORY']);
    assert.deepEqual(await codeOf('/@run/never'), [504, 'FUNCTION_INIT_TIMEOUT']);
    assert.deepEqual(await codeOf('/@run/init'), [500, 'FUNCTION_INIT_FAILED']);
    await eventually(async () =>
      (await node.logs()).find(({ message }) => message.includes('not configured')),
    );
  });

  test('a fork bomb ends at the bound of processes', async () => {
    const { status, text } = await node.ask('/@run/forks');
    assert.equal(status, 200);
    assert.ok(Number(text) > 50 && Number(text) < 128, text);
  });

  test('a web server gets requests as they were sent; one that is killed is replaced', async () => {
    assert.equal((await node.ask('/@run/a/b?c=d', { method: 'PUT', body: 'x' })).text, 'PUT /a/b?c=d x');
    const died = await node.ask('/@run/die');
    assert.deepEqual(
      [died.status, (died.json as { error: { code: string } }).error.code],
      [502, 'FUNCTION_EXITED'],
    );
    const all = await Promise.all([1, 2, 3, 4, 5].map((n) => node.ask(`/@run/${n}`)));
    assert.deepEqual(
      all.map(({ text }) => text.trim()),
      ['GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5'],
    );
  });

  test('nobody else is served by the API of an instance', async () => {
    const address = (await node.ask('/@run/address')).text;
    // From outside, and from another function that shares the machine's loopback; awake, since frozen it answers nobody.
    let over = false;
    const awake = (async () => {
      while (!over) await node.ask('/@run/address');
    })();
    await assert.rejects(fetch(`http://${address}/2018-06-01/ping`));
    const { json } = await node.ask(`/@run/visitor?${address}`);
    over = true;
    await awake;
    assert.deepEqual(json, ['pong', 'refused']);
  });

  test('nothing of a program outlives its node', async () => {
    const before = programs();
    assert.ok(before.length > 0);
    await node.node.close();
    assert.deepEqual(
      before.filter((pid) => existsSync(`/proc/${pid}`)),
      [],
    );
  });
});
