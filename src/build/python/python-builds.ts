import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { RUNTIMES } from '../../contract/runtimes.ts';
import type { AppConfig, FunctionConfig } from '../app-config.ts';
import type { BuiltFile } from '../built-file.ts';
import type { FunctionBuild } from '../function-build.ts';
import { NOWHERE, type Problem, problemAt, problemsError } from '../problem.ts';
import { inRoot, missingRoot } from '../root-folder.ts';
import { hostPackagesFor } from './host-packages.ts';
import { idleHandlers } from './other-handlers.ts';
import { choosePythonHandler } from './python-dialects.ts';
import { listPythonFiles } from './python-files.ts';
import { findPythonHandler } from './python-handler.ts';
import { findPython, type PythonProgram } from './python-program.ts';
import { vendorRequirements } from './python-requirements.ts';
import { readPythonSource } from './python-source.ts';
import { checkPythonSyntax } from './python-syntax.ts';

/** A function in Python whose file, dialect and name are settled. */
export interface PythonPlan {
  readonly config: FunctionConfig;
  readonly dialect: string;
  /** Relative to the function's root. */
  readonly handler: { readonly file: string; readonly export: string };
}

/** Whether a function is in Python, by its runtime. */
export const isPython = ({ runtime }: FunctionConfig): boolean => RUNTIMES[runtime]?.language === 'python';

/**
 * Settles what in which file is called, and how, for each function in Python.
 * @throws MayflyError BUILD_FAILED with all that is wrong: a file or a name missing, a dialect that cannot be told
 */
export async function planPython(app: AppConfig): Promise<PythonPlan[]> {
  const settled = await Promise.all(app.functions.filter(isPython).map((config) => plan(app.dir, config)));
  const problems = settled.filter((one): one is Problem => 'message' in one);
  if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
  return settled.filter((one): one is PythonPlan => !('message' in one));
}

async function plan(dir: string, config: FunctionConfig): Promise<PythonPlan | Problem> {
  const { handler, root } = config;
  const missing = await missingRoot(dir, config);
  if (missing !== null) return missing;
  const found = await findPythonHandler(join(dir, root), handler.text);
  if ('fault' in found) return problemAt(handler.place, `${found.fault}${inRoot(config)}`, found.suggestion);
  const source = readPythonSource(await readFile(join(dir, root, found.file), 'utf8'));
  const choice = choosePythonHandler(source, config.dialect, found.export);
  if ('dialect' in choice)
    return { config, dialect: choice.dialect, handler: { file: found.file, export: choice.export } };
  const place = { ...NOWHERE, file: posix.join(root, found.file), line: choice.line ?? null };
  return problemAt(place, `function "${config.name}" ${choice.fault}`, choice.suggestion);
}

/**
 * Nothing is compiled or bundled: modules are shipped as they lie in the root, with the packages that `requirements.txt` asks for. Where this
 * machine has a Python, it reads the modules first, so that a syntax error is found now.
 * @throws MayflyError BUILD_FAILED
 */
export async function buildPython(
  app: AppConfig,
  plans: readonly PythonPlan[],
  signal: AbortSignal | undefined,
): Promise<FunctionBuild[]> {
  if (plans.length === 0) return [];
  const python = await findPython(process.env.MAYFLY_PYTHON);
  const roots = new Map<string, Promise<RootFiles>>();
  const builds: FunctionBuild[] = [];
  for (const { config, dialect, handler } of plans) {
    signal?.throwIfAborted();
    const known = roots.get(config.root) ?? filesOf(app.dir, config.root, python);
    roots.set(config.root, known);
    const { texts, ...rest } = await known;
    const idle = idleHandlers(handler.file, handlersIn(config.root, plans), texts);
    const files = rest.files.filter(({ path }) => !idle.has(path));
    const modules = rest.modules.filter((path) => !idle.has(path));
    const shipped = modules.map((path) => texts.get(path) ?? '');
    const brought = hostPackagesFor(dialect, shipped);
    const packages = await vendorRequirements(app.dir, config.root, handler.file, brought, python);
    const own: BuiltFile = {
      path: handler.file,
      mode: 0o644,
      content: { file: join(app.dir, config.root, handler.file) },
    };
    builds.push({
      config,
      dialect,
      handler,
      command: null,
      // Its own file is shipped whatever it is called.
      files: [...files, ...(modules.includes(handler.file) ? [] : [own]), ...packages.files],
      packages: new Map(),
      sources: [
        ...modules.map((module) => join(app.dir, config.root, module)),
        ...(packages.source === null ? [] : [packages.source]),
      ],
      warnings: [],
    });
  }
  return builds;
}

interface RootFiles {
  readonly files: readonly BuiltFile[];
  readonly modules: readonly string[];
  /** Of the modules. */
  readonly texts: ReadonlyMap<string, string>;
}

function handlersIn(root: string, plans: readonly PythonPlan[]): Set<string> {
  return new Set(plans.filter(({ config }) => config.root === root).map(({ handler }) => handler.file));
}

async function filesOf(dir: string, root: string, python: PythonProgram | null): Promise<RootFiles> {
  // A folder that was named is the function's; the app's own holds much else.
  const found = await listPythonFiles(join(dir, root), root !== '.');
  const modules = found.modules.map((module) => posix.join(root, module));
  const problems = python === null ? [] : await checkPythonSyntax(python, dir, modules);
  if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
  const texts = await Promise.all(
    found.modules.map(async (path) => [path, await readFile(join(dir, root, path), 'utf8')] as const),
  );
  return { ...found, texts: new Map(texts) };
}
