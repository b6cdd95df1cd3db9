import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MayflyProcess } from './mayfly-process.ts';
import { runInShell } from './test-shell.ts';

/** The commands about releases against a real node. The tests stand in the order in which one would work. */
let folder: string;
let app: string;
let node: MayflyProcess;
let gateway: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-releases-'));
  app = join(folder, 'shop');
  mkdirSync(join(app, 'functions'), { recursive: true });
  node = new MayflyProcess(
    [
      'up',
      '--json',
      '--data',
      '.mayfly',
      '--gateway-port',
      '0',
      '--control-port',
      '0',
      '--edge-port',
      '0',
      '--isolation',
      'process',
    ],
    { cwd: folder },
  );
  ({ gateway } = JSON.parse(await node.line()));
});
after(async () => {
  await node.stop();
  rmSync(folder, { recursive: true });
});

function write(says: string, configuration = ''): void {
  writeFileSync(join(app, 'functions', 'page.ts'), `export default () => ${JSON.stringify(says)};\n`);
  writeFileSync(join(app, 'mayfly.yaml'), `name: shop\n${configuration}`);
}

const run = (...words: string[]) =>
  runInShell(words, { cwd: app, env: { MAYFLY_DATA: join(folder, '.mayfly') } });

async function json(...words: string[]) {
  const result = await run(...words, '--json');
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
}

async function code(...words: string[]): Promise<string> {
  const result = await run(...words, '--json');
  assert.equal(result.code, 1, result.stdout);
  return JSON.parse(result.stderr).code;
}

async function page(environment = '', headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${gateway}/@shop${environment}/page`, { headers });
  return response.ok ? response.text() : `${response.status} ${response.headers.get('x-mayfly-error')}`;
}

describe('releases on a node', () => {
  const releases: string[] = [];

  it('deploys, and refuses what is live already', async () => {
    write('one');
    const { release, state } = await json('deploy');
    assert.equal(state, 'live');
    releases.push(release);
    assert.equal(await code('deploy'), 'ALREADY_LIVE');
    assert.equal(await page(), 'one');
  });

  it('keeps a release that is not activated, says what it changes, and promotes it', async () => {
    write('two', 'memory: 256MB\n');
    const { release, state } = await json('deploy', '--no-activate', '-m', 'second');
    assert.equal(state, 'inactive');
    releases.push(release);
    assert.equal(await page(), 'one');
    const diff = await json('releases', 'diff', release);
    assert.equal(diff.against, releases[0]);
    assert.deepEqual(
      diff.functions.map(({ name, change }: { name: string; change: string }) => [name, change]),
      [['page', 'changed']],
    );
    assert.match((await run('releases', 'diff', release)).stdout, /~ +page +/);
    assert.match((await run('releases', 'show', release)).stdout, /message +second\n/);
    assert.equal((await json('promote', release, '-m', 'tried')).release, release);
    assert.equal(await page(), 'two');
  });

  it('rolls back, and not past the first', async () => {
    assert.equal((await json('rollback', '-m', 'wrong')).release, releases[0]);
    assert.equal(await page(), 'one');
    assert.equal(await code('rollback'), 'NO_EARLIER_RELEASE');
    const { history } = await json('environments', 'show', 'production');
    assert.deepEqual(
      history.map(({ action, reason }: { action: string; reason: string }) => [action, reason]).slice(0, 2),
      [
        ['rollback', 'wrong'],
        ['promote', 'tried'],
      ],
    );
  });

  it('brings a canary in, steers it, and finishes it', async () => {
    write('three', 'canary: 5%\n');
    const { release, state } = await json('deploy', '--canary');
    assert.equal(state, 'canary');
    assert.equal(await page('', { 'x-mayfly-release': 'canary' }), 'three');
    assert.equal(await page('', { 'x-mayfly-release': 'stable' }), 'one');
    const { canary } = await json('canary', 'status');
    assert.deepEqual([canary.release, canary.weight], [release, 500]);
    assert.match(
      (await run('canary', 'status')).stdout,
      new RegExp(`^canary +${release} for 5% of the clients`),
    );
    assert.match((await run('list')).stdout, new RegExp(`${release} 5%`));
    write('four');
    assert.equal(await code('deploy', '--canary', '10%'), 'CANARY_ACTIVE');
    assert.equal((await json('canary', 'set', '25%')).canary.weight, 2_500);
    await json('canary', 'pause');
    await json('canary', 'resume');
    assert.equal((await json('canary', 'finish')).release, release);
    assert.equal(await page(), 'three');
    assert.equal(await code('canary', 'abort'), 'NO_CANARY');
  });

  it('previews at an address of its own, clones, promotes and removes', async () => {
    const events = await run('deploy', '--preview', 'cart', '--events');
    assert.equal(events.code, 0, events.stderr);
    const lines = events.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines.at(-1).event, 'done');
    assert.ok(lines.some(({ stage }) => stage === 'activate'));
    assert.equal(await page('--cart'), 'four');
    assert.equal(await page(), 'three');
    await json('env', 'clone', 'production', 'staging');
    assert.equal(await code('deploy', '--preview', 'staging'), 'CONFLICT');
    assert.match((await run('status')).stdout, /, 1 preview\n/);
    await json('env', 'set', 'A=1', '--env', 'cart');
    await json('env', 'clone', 'cart', 'trial', '--preview');
    assert.equal(await page('--trial'), 'four');
    const { environments } = await json('preview', 'list');
    assert.deepEqual(
      environments.map(({ environment }: { environment: string }) => environment),
      ['cart', 'trial'],
    );
    await json('promote', 'cart');
    assert.equal(await page(), 'four');
    await json('preview', 'remove', 'cart');
    assert.equal(await code('environments', 'show', 'cart'), 'NOT_FOUND');
    assert.equal(await code('preview', 'remove', 'production'), 'CONFLICT');
  });

  it('a release that fails its smoke test serves nobody', async () => {
    write('five', 'smoke:\n  - { request: /page, contains: six }\n');
    assert.equal(await code('deploy'), 'SMOKE_FAILED');
    assert.equal(await page(), 'four');
  });
});
