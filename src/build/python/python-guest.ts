import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PythonProgram } from './python-program.ts';

const run = promisify(execFile);

/** The guest as files: what Python runs, and the package beside it. */
export interface PythonGuest {
  readonly guestFile: string;
  readonly guestParts: readonly string[];
}

const BOOT = 'boot.py';
const PACKAGE = 'mayfly_guest';
/** What belongs to the guest in its folder; the rest are caches and tests. */
const SOURCE = /\.py$/;

/**
 * Lays the guest out in `folder`, in a folder of its own for these sources and this Python, with bytecode beside the sources: without
 * it, a boot would compile them (50 ms) each time. Bytecode is never checked against its source, which never changes here.
 * @param sources `guest/python` of the repository or of the package
 */
export async function layOutPythonGuest(
  sources: string,
  folder: string,
  python: PythonProgram,
): Promise<PythonGuest> {
  const files = await sourcesIn(sources);
  const hash = createHash('sha256').update(python.version);
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(join(sources, file)));
  const name = `python-${hash.digest('hex').slice(0, 16)}`;
  const place = join(folder, name);
  const guest = { guestFile: join(place, BOOT), guestParts: [join(place, PACKAGE)] };
  const known = await readdir(folder);
  if (known.includes(name)) return guest;
  // Those of other versions: guests that run have their own copy, or have read it.
  for (const old of known) {
    if (/^python-[0-9a-f]{16}/.test(old)) await rm(join(folder, old), { recursive: true, force: true });
  }
  const made = `${place}.${process.pid}.new`;
  await mkdir(made, { mode: 0o755 });
  for (const file of files) {
    await cp(join(sources, file), join(made, file === BOOT ? BOOT : join(PACKAGE, file)));
  }
  const compile = ['-I', '-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash', PACKAGE];
  await run(python.executable, compile, { cwd: made });
  await rename(made, place);
  return guest;
}

/** The guest's sources, sorted. */
async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((name) => SOURCE.test(name)).sort();
}
