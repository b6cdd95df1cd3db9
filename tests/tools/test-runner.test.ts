import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

const runner = resolve(import.meta.dirname, '../../tools/test.ts');
const PASSING = "import { it } from 'node:test';\nit('holds', () => {});\n";

describe('npm test', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mayfly-runner-'));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const run = (...args: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, [runner, '--root', root, ...args], {
      encoding: 'utf8',
    });
    return { status, stdout };
  };

  it('adds the files up in the words of node:test', () => {
    plant('src/a.test.ts', PASSING);
    plant('tests/deep/b.test.ts', PASSING + PASSING.split('\n')[1]);
    const { status, stdout } = run();
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^ℹ tests 3\nℹ suites 0\nℹ pass 3\nℹ fail 0\n/m);
  });

  it('runs only the files whose path contains a filter', () => {
    plant('src/a.test.ts', PASSING);
    plant('src/b.test.ts', PASSING);
    const { stdout } = run('b.test');
    assert.match(stdout, /^ℹ tests 1$/m);
    assert.doesNotMatch(stdout, /a\.test\.ts/);
  });

  it('leaves fixtures alone', () => {
    plant('src/a.test.ts', PASSING);
    plant('tests/fixtures/b.test.ts', "throw new Error('ran');\n");
    const { status, stdout } = run();
    assert.equal(status, 0, stdout);
  });

  it('fails and shows the report when a test fails', () => {
    plant(
      'src/a.test.ts',
      "import { it } from 'node:test';\nit('breaks', () => { throw new Error('the reason'); });\n",
    );
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /the reason/);
    assert.match(stdout, /^ℹ fail 1$/m);
  });

  it('fails when no test ran', () => {
    plant('src/a.test.ts', 'export {};\n');
    const empty = run();
    assert.equal(empty.status, 1);
    assert.match(empty.stdout, /^✖ src\/a\.test\.ts — No test ran\.$/m);
    const none = run('no-such-file');
    assert.equal(none.status, 1);
    assert.match(none.stdout, /^✖ No test ran\.$/m);
  });

  it('fails when a file cannot be loaded', () => {
    plant('src/a.test.ts', "import './missing.ts';\n");
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /missing\.ts/);
  });

  it('fails and names a temporary file that was left behind', () => {
    plant(
      'src/a.test.ts',
      `${PASSING}import { mkdtempSync } from 'node:fs';\nimport { tmpdir } from 'node:os';\nmkdtempSync(tmpdir() + '/left-');\n`,
    );
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /Left temporary files behind: left-/);
  });

  it('fails, names and ends a process that was left behind', {
    skip: process.platform !== 'linux' && 'needs /proc',
  }, () => {
    const child = "spawn('sleep', ['1234.5'], { detached: true, stdio: 'ignore' }).unref();\n";
    plant('src/a.test.ts', `${PASSING}import { spawn } from 'node:child_process';\n${child}`);
    const first = run();
    assert.equal(first.status, 1);
    const pid = /Left a process behind: (\d+) sleep 1234\.5/.exec(first.stdout)?.[1];
    assert.ok(pid !== undefined, first.stdout);
    // Gone, or a zombie that nobody has waited for yet: then it has no command line.
    const file = `/proc/${pid}/cmdline`;
    assert.equal(existsSync(file) ? readFileSync(file, 'utf8') : '', '');
  });

  it('keeps the variables that steer Mayfly away from the tests', () => {
    plant(
      'src/a.test.ts',
      `${PASSING}import { equal } from 'node:assert';\nequal(process.env.MAYFLY_URL, undefined);\n`,
    );
    const env = { ...process.env, MAYFLY_URL: 'http://elsewhere' };
    const { status, stdout } = spawnSync(process.execPath, [runner, '--root', root], {
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  });
});
