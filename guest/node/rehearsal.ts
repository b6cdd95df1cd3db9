import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import type { Handler } from './dialect.ts';
import { importModule } from './import-module.ts';

const { mkdirSync, rmSync, writeFileSync } = fs;
const TEMPORARY = process.env.TMPDIR ?? '/tmp';
const FILE = 'rehearsal.mjs';
const EMPTY_MODULE: string = 'data:text/javascript,';

/**
 * Becomes a function that does nothing, from a real file and by the way that every function takes, so that what does it is
 * compiled: two fifths of the time of a load were V8 compiling the guest's and Node's own code. The function that comes replaces
 * all that this leaves (variables, folder, arguments).
 */
export async function rehearse(load: (message: SpecialiseMessage) => Promise<Handler>): Promise<void> {
  const before = process.cwd();
  const codeDir = `${TEMPORARY}/.mayfly-${process.pid}`;
  try {
    mkdirSync(codeDir);
  } catch {
    // A full disk is the function's concern, if it is any.
    return;
  }
  try {
    const file = `${codeDir}/${FILE}`;
    writeFileSync(file, 'export default () => {};');
    // No turn of the event loop in it: a frame that comes meanwhile finds the guest empty again.
    await load(messageFor(codeDir));
    delete createRequire(file).cache[file];
  } finally {
    process.chdir(before);
    rmSync(codeDir, { recursive: true, force: true });
  }
  // The other way, for code that waits at its top level.
  await importModule(EMPTY_MODULE);
}

const messageFor = (codeDir: string): SpecialiseMessage => ({
  codeDir,
  handler: { file: FILE, export: 'default' },
  dialect: 'fetch',
  env: {},
  app: '',
  environment: '',
  function: '',
  version: '',
  memoryMb: Number.MAX_SAFE_INTEGER,
  perInstance: 1,
  timeoutMs: 0,
  own: { url: '', name: '', gateways: [], hosts: [] },
  compileCacheDir: null,
  makeCompileCache: false,
});
