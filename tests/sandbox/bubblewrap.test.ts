import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { openBubblewrap } from '../../src/adapters/sandboxes/bubblewrap.ts';
import { bubblewrapRefusal, lookAtMachine } from '../../src/adapters/sandboxes/machine.ts';
import { sandboxConformance } from '../../src/ports/sandbox.conformance.ts';
import { attachProbe, probeOptions, RUNTIME, writeTree } from './probe.ts';

const refusal = await bubblewrapRefusal(lookAtMachine());

if (refusal !== null) {
  test('the bubblewrap driver keeps the contract of SandboxDriver', { skip: refusal });
} else {
  const folder = mkdtempSync(`${tmpdir()}/mayfly-bubblewrap-`);
  let opened = 0;
  after(() => rmSync(folder, { recursive: true, force: true }));

  sandboxConformance('the bubblewrap driver', {
    runtime: RUNTIME,
    open: () => openBubblewrap(probeOptions(`${folder}/${++opened}`)),
    attach: attachProbe,
    makeTree: (files) => writeTree(folder, files),
    exists: existsSync,
  });
}
