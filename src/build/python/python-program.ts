import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MayflyError } from '../../domain/errors.ts';

const run = promisify(execFile);

/** A Python of this machine that Mayfly can use. */
export interface PythonProgram {
  /** Absolute path of the interpreter itself, no shim. */
  readonly executable: string;
  /** `3.11.2`. */
  readonly version: string;
  /** Folders that it reads its library and packages from: its own prefix, and that of the Python below a virtual environment. */
  readonly prefixes: readonly string[];
}

/** The variable that names the Python to use: a path, or a program on PATH. */
const PYTHON_VARIABLE = 'MAYFLY_PYTHON';
/** Oldest version that runs the guest. */
const PYTHON_VERSION_MIN = '3.9';

const MACHINES = 'python3';
const NAMES = [MACHINES, 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9'];
const SYSTEM_PYTHON = '/usr/bin/python3';
/** An interpreter that does not tell about itself within this is none, ms. */
const PROBE_TIMEOUT_MS = 10_000;
const PROBE = `
import json, os, sys
prefixes = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)}
prefixes |= {sys.prefix, os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))}
print(json.dumps({
    "executable": sys.executable,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "usable": sys.version_info >= (3, 9),
    "prefixes": sorted(prefixes),
}))
`;

/**
 * The Python that `named` says (a path, or a program on PATH). `python3` is the machine's: /usr/bin/python3, else the first on PATH that is
 * new enough. Null: there is none.
 * @throws MayflyError CONFIG_INVALID when the named one cannot be used
 */
export async function findPython(
  named: string = MACHINES,
  path: string | undefined = process.env.PATH,
): Promise<PythonProgram | null> {
  if (named !== MACHINES) {
    const found = await probe(named);
    if (typeof found !== 'string') return found;
    throw new MayflyError('CONFIG_INVALID', `${PYTHON_VARIABLE}: "${named}" cannot be used: ${found}.`);
  }
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const candidate of new Set([SYSTEM_PYTHON, ...onPath])) {
    const found = await probe(candidate);
    if (typeof found !== 'string') return found;
  }
  return null;
}

/** What a program tells about itself; a text says why it is of no use. */
async function probe(program: string): Promise<PythonProgram | string> {
  let told: PythonProgram & { readonly usable: boolean };
  try {
    // Isolated: neither its variables nor the current folder decide what it is.
    const { stdout } = await run(program, ['-I', '-c', PROBE], { timeout: PROBE_TIMEOUT_MS });
    told = JSON.parse(stdout);
  } catch (thrown) {
    const { code, stderr = '' } = thrown as { code?: unknown; stderr?: string };
    return code === 'ENOENT' ? 'there is no such program' : `it does not run: ${stderr.trim() || code}`;
  }
  const { usable, ...found } = told;
  return usable ? found : `it is Python ${found.version}; ${PYTHON_VERSION_MIN} or later is needed`;
}
