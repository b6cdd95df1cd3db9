import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { openProcesses } from '../../src/adapters/sandboxes/process.ts';
import { sandboxConformance } from '../../src/ports/sandbox.conformance.ts';
import { attachProbe, probeOptions, RUNTIME, writeTree } from './probe.ts';

const folder = mkdtempSync(`${tmpdir()}/mayfly-process-`);
let opened = 0;
after(() => rmSync(folder, { recursive: true, force: true }));

sandboxConformance('the process driver', {
  runtime: RUNTIME,
  open: () => openProcesses(probeOptions(`${folder}/${++opened}`)),
  attach: attachProbe,
  makeTree: (files) => writeTree(folder, files),
  exists: existsSync,
});
