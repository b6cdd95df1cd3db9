import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MayflyError } from '../domain/errors.ts';
import { locateNode } from './node-location.ts';
import type { NodeOptions } from './options.ts';
import type { Shell } from './shell.ts';

let root: string;
/** A pid that no process has: above what Linux allows by default. */
const DEAD_PID = 2 ** 22 + 1;

before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'where-')));
  mkdirSync(join(root, 'app', 'functions'), { recursive: true });
});
after(() => rmSync(root, { recursive: true }));

function makeData(dir: string, url: string, pid = process.pid): string {
  mkdirSync(join(dir, 'run'), { recursive: true });
  writeFileSync(join(dir, 'run', 'node.json'), JSON.stringify({ pid, controlUrl: url, gatewayUrl: '' }));
  writeFileSync(join(dir, 'operator-token'), `token-of-${url}\n`, { mode: 0o600 });
  return dir;
}

function locate(options: NodeOptions, env: Record<string, string> = {}, cwd = root, appDir?: string) {
  return locateNode({ env, cwd } as unknown as Shell, options, appDir);
}

const failsWith = (code: string) => (error: unknown) => error instanceof MayflyError && error.code === code;

test('flag beats variable beats folder', () => {
  const flagged = makeData(join(root, 'a'), 'http://127.0.0.1:1');
  makeData(join(root, 'b'), 'http://127.0.0.1:2');
  makeData(join(root, '.mayfly'), 'http://127.0.0.1:3');
  const env = { MAYFLY_DATA: 'b', MAYFLY_TOKEN: '' };
  assert.equal(locate({}).url, 'http://127.0.0.1:3');
  assert.deepEqual(locate({}, env), { url: 'http://127.0.0.1:2', token: 'token-of-http://127.0.0.1:2' });
  const remote = { ...env, MAYFLY_URL: 'https://far', MAYFLY_TOKEN: 't' };
  assert.deepEqual(locate({}, remote), { url: 'https://far', token: 't' });
  assert.deepEqual(locate({ data: flagged }, remote), {
    url: 'http://127.0.0.1:1',
    token: 'token-of-http://127.0.0.1:1',
  });
  assert.equal(locate({ data: flagged }, { MAYFLY_TOKEN: 't' }).token, 't');
  assert.deepEqual(locate({ data: flagged, url: 'http://x', token: 'u' }, remote), {
    url: 'http://x',
    token: 'u',
  });
});

test('the nearest folder with a running node wins, upward from the app and from here', () => {
  makeData(join(root, '.mayfly'), 'http://127.0.0.1:3');
  const app = join(root, 'app');
  makeData(join(app, '.mayfly'), 'http://127.0.0.1:4', DEAD_PID);
  assert.equal(locate({}, {}, join(app, 'functions')).url, 'http://127.0.0.1:3');
  makeData(join(app, '.mayfly'), 'http://127.0.0.1:4');
  assert.equal(locate({}, {}, join(app, 'functions')).url, 'http://127.0.0.1:4');
  assert.equal(locate({}, {}, '/', app).url, 'http://127.0.0.1:4');
});

test('a dead node gets no token, a foreign address neither', () => {
  const data = makeData(join(root, 'dead'), 'http://127.0.0.1:5', DEAD_PID);
  assert.throws(() => locate({ data }), failsWith('NODE_UNREACHABLE'));
  makeData(join(root, '.mayfly'), 'http://127.0.0.1:3');
  assert.equal(locate({ url: 'http://127.0.0.1:3' }).token, 'token-of-http://127.0.0.1:3');
  assert.throws(() => locate({ url: 'http://127.0.0.1:6' }), failsWith('TOKEN_MISSING'));
  assert.throws(() => locate({ url: 'file:///etc' }), failsWith('USAGE'));
});
