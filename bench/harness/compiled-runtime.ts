import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SOURCE = join(import.meta.dirname, '../yardsticks/runtime.c');

/** A custom runtime that was compiled from C, as the bytes of its program; it needs gcc. */
export async function compileRuntime(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-c-'));
  try {
    const program = join(folder, 'bootstrap');
    await promisify(execFile)('gcc', ['-O2', '-D_GNU_SOURCE', '-o', program, SOURCE]);
    return await readFile(program);
  } finally {
    await rm(folder, { recursive: true });
  }
}
