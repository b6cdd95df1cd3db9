import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** What somebody gets who installs the published package into an empty folder. Needs the npm registry. */
describe('the packed tarball, installed into an empty folder', () => {
  let folder: string;
  let node: ChildProcess | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mayfly-pack-'));
    await run('npm', ['pack', '--pack-destination', folder], { cwd: root });
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    assert.ok(tarball !== undefined, 'npm pack made no tarball');
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const install = [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `./${tarball}`,
    ];
    await run('npm', install, { cwd: folder });
  });

  after(async () => {
    if (node !== undefined && node.exitCode === null) {
      node.kill('SIGKILL');
      await once(node, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const mayfly = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('npx', ['--no-install', 'mayfly', ...args], { cwd: folder });
    return stdout;
  };

  it('holds no TypeScript and no test of ours', () => {
    const files = readdirSync(join(folder, 'node_modules/mayfly'), { recursive: true, encoding: 'utf8' });
    const unwanted = files.filter((file) =>
      /\.test\.|\.conformance\.|^(src|tests|tools|docs|guest)\//.test(file),
    );
    assert.deepEqual(unwanted, []);
    assert.ok(files.includes('dist/main.js'));
    assert.ok(files.includes('dist/guest/node.cjs'));
    assert.ok(files.includes('dist/guest/node.program.js'));
    assert.ok(files.includes('dist/guest/python/boot.py'));
    assert.ok(files.includes('dist/guest/python/dialects/event.py'));
    assert.ok(files.includes(`dist/guest/node-${process.version}-${process.arch}.cache`));
  });

  it('tells its version', async () => {
    assert.equal((await mayfly('--version')).trim(), version);
  });

  it('makes an app, runs a node, deploys, and answers', async () => {
    await mayfly('init', 'hello');

    const { sandboxPossible } = JSON.parse(
      await mayfly('doctor', '--json').catch(({ stdout }: { stdout: string }) => stdout),
    ) as { sandboxPossible: boolean };
    const isolation = sandboxPossible ? 'sandbox' : 'process';
    // Without npx between, so that a signal reaches the node itself.
    const flags = [
      '--data',
      'data',
      '--gateway-port',
      '0',
      '--control-port',
      '0',
      '--edge-port',
      '0',
      '--isolation',
      isolation,
      '--json',
    ];
    node = spawn(join(folder, 'node_modules/.bin/mayfly'), ['up', ...flags], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { gateway } = JSON.parse(await firstLine(node)) as { gateway: string };

    const deployed = JSON.parse(await mayfly('deploy', 'hello', '--data', 'data', '--json')) as {
      app: string;
      functions: { name: string }[];
    };
    assert.equal(deployed.app, 'hello');
    assert.deepEqual(
      deployed.functions.map(({ name }) => name),
      ['hello'],
    );

    const answer = await fetch(`${gateway}/@hello/?name=tarball`);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), 'Hello, tarball!\n');

    node.kill('SIGTERM');
    const [code] = await once(node, 'exit');
    assert.equal(code, 0);
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout !== null);
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error('The node ended without a word.');
}
