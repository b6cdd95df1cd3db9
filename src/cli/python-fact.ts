import { findPython } from '../build/python/python-program.ts';
import { toMayflyError } from '../domain/errors.ts';
import type { MachineFact } from './node-host.ts';

/** Which Python runs functions on this machine. `named`: the one that MAYFLY_PYTHON names. */
export async function pythonFact(named: string | undefined): Promise<MachineFact> {
  const check = 'python';
  try {
    const python = await findPython(named);
    if (python !== null)
      return {
        check,
        ok: true,
        detail: `Python ${python.version} found at ${python.executable}.`,
        fix: null,
      };
    const detail = 'No Python 3.9 or later: functions in Python are refused.';
    return { check, ok: false, detail, fix: 'install python3' };
  } catch (thrown) {
    const detail = toMayflyError(thrown).message;
    return { check, ok: false, detail, fix: 'set MAYFLY_PYTHON to a Python, or unset it' };
  }
}
