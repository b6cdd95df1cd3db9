import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { type Problem, problemAt } from '../problem.ts';
import type { PythonProgram } from './python-program.ts';

/** More than any sane app takes; a Python that hangs is given up, ms. */
const CHECK_TIMEOUT_MS = 60_000;
const CHECK = `
import json, sys, warnings
warnings.simplefilter("ignore")
problems = []
for file in json.load(sys.stdin):
    try:
        with open(file, "rb") as source:
            compile(source.read(), file, "exec", dont_inherit=True)
    except SyntaxError as error:
        problems.append([file, error.lineno, error.offset, error.msg])
    except ValueError as error:
        problems.append([file, None, None, str(error)])
json.dump(problems, sys.stdout)
`;

/**
 * Has the machine's Python read modules (relative to `dir`) without running them. Its version decides what is valid: a node with an older
 * one may still refuse them when they load.
 */
export async function checkPythonSyntax(
  python: PythonProgram,
  dir: string,
  modules: readonly string[],
): Promise<Problem[]> {
  const child = spawn(python.executable, ['-I', '-c', CHECK], {
    cwd: dir,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: CHECK_TIMEOUT_MS,
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  // It may end without having read.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(modules));
  const told = await Promise.race([text(child.stdout), failed]);
  if (told === '') return [];
  const problems = JSON.parse(told) as [string, number | null, number | null, string][];
  return problems.map(([file, line, column, message]) =>
    problemAt({ file, line, column: column === 0 ? null : column }, message),
  );
}
