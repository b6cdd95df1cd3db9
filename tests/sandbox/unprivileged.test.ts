import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';

const machine = lookAtMachine();
const missing = !machine.root
  ? 'not root: bubblewrap.test.ts is this test already'
  : machine.setpriv === null || machine.bwrap === null
    ? 'needs setpriv (util-linux) and bwrap (bubblewrap)'
    : false;

/** Any id that owns nothing here. */
const NOBODY = 65_534;

test('every contract also holds for a platform that is not root', { skip: missing }, async () => {
  const folder = mkdtempSync(`${tmpdir()}/mayfly-unprivileged-`);
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
