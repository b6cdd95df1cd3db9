import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';

/** Any id that owns nothing here. */
const NOBODY = 65_534;
const IDENTITY = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
const SUITE = join(import.meta.dirname, 'bubblewrap.test.ts');

const machine = lookAtMachine();
const missing = whatIsMissing();

function whatIsMissing(): string | false {
  if (!machine.root) return 'not root: bubblewrap.test.ts is this test already';
  if (machine.setpriv === null) return 'needs setpriv (util-linux)';
  const refusal = asNobody(['bwrap', '--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', 'true']);
  if (refusal !== null) return `bubblewrap as another user: ${refusal}`;
  if (asNobody(['test', '-r', SUITE]) !== null) return 'another user cannot read this checkout';
  return false;
}

/** Null when the command succeeds as another user, else what it says. */
function asNobody(command: readonly string[]): string | null {
  try {
    execFileSync(machine.setpriv!, [...IDENTITY, '--', ...command], { stdio: 'pipe' });
    return null;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

test('every contract also holds for a platform that is not root', { skip: missing }, async () => {
  // Not in this test's own temporary folder, which the other user may not be able to enter.
  const folder = mkdtempSync('/tmp/mayfly-unprivileged-');
  chownSync(folder, NOBODY, NOBODY);
  try {
    const identity = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
    const command = [
      process.execPath,
      '--test-reporter=tap',
      join(import.meta.dirname, 'bubblewrap.test.ts'),
    ];
    const child = spawn(machine.setpriv!, [...identity, '--', ...command], {
      env: { PATH: process.env.PATH, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, output);
    assert.match(output, /# pass 16\n/, output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
