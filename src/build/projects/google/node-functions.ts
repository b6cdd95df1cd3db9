import { posix } from 'node:path';
import { DEFAULT_RUNTIME } from '../../../contract/runtimes.ts';
import { holdEsbuild } from '../../esbuild-service.ts';
import { analyseModules } from '../../export-analysis.ts';
import type { Registration } from '../../vendor-code.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { addVendorFunction } from '../vendor-function.ts';
import { routesBelow } from '../vendor-route.ts';
import { type FrameworkCommand, readFrameworkCommand } from './command-line.ts';
import type { FrameworkProject } from './framework-project.ts';

const place = { file: 'package.json', line: null, column: null } as const;

/**
 * With a target, the app is that function at every path, as the framework serves it. Without one, it is every function that
 * the code registers, each at its own name, as Google's cloud has them.
 */
export async function addNodeFunctions({ folder, draft, include, dirName }: FrameworkProject): Promise<void> {
  const description = await folder.packageJson();
  const command = commandOf(Object.values(description?.scripts ?? {}));
  const root = command?.source ?? '.';
  const file = await findModule(folder, root, description?.main);
  if (file === null) {
    draft.blocks({
      place,
      what: 'main',
      means: `there is neither the "main" of package.json nor index.js or function.js in ${root}`,
    });
    return;
  }
  const { registered, exported } = await readModule(folder, file);
  const targets = command?.target == null ? registered : [targetOf(command.target, registered)];
  if (targets.length === 0) {
    draft.blocks({
      place,
      what: 'scripts',
      means: 'nothing says which function is served: no --target, and the code registers none',
      suggestion: 'write "start": "functions-framework --target=NAME"',
    });
  }
  const served = new Set(registered.map(({ name }) => name));
  for (const name of command?.target == null ? exported.filter((each) => !served.has(each)) : []) {
    draft.ignored({
      place: { ...place, file },
      what: `export ${name}`,
      means: 'an export is a function only when it is named where it is deployed',
      suggestion: `if it is one, name it in mayfly.yaml: "handler: ${file}#${name}", "dialect: google"`,
    });
  }
  for (const { name: target, kind } of targets) {
    const isOnly = targets.length === 1;
    const name = draft.nameFor(isOnly && target === 'function' ? dirName : target);
    const signature = command?.signatureType ?? null;
    const isHttp = kind === 'http' || (kind === '' && (signature === null || signature === 'http'));
    addVendorFunction(draft, {
      name,
      place,
      handler: `${file}#${target}`,
      runtime: DEFAULT_RUNTIME,
      dialect: 'google',
      include,
      env: kind === '' && signature !== null ? { FUNCTION_SIGNATURE_TYPE: signature } : {},
      // The framework gives events to a function by HTTP, too.
      routes: isOnly ? routesBelow('/') : routesBelow(`/${target}`),
    });
    if (isHttp) continue;
    draft.later({
      place,
      what: `function ${target}`,
      means:
        'what sends it events is said when it is deployed to Google, not in the folder; it takes CloudEvents by HTTP',
      suggestion: 'write "triggers" in mayfly.yaml',
      function: name,
    });
  }
}

function commandOf(scripts: readonly unknown[]): FrameworkCommand | null {
  const found = scripts.flatMap((script) =>
    typeof script === 'string' ? [readFrameworkCommand(script)] : [],
  );
  return found.find((each) => each?.target != null) ?? found.find((each) => each !== null) ?? null;
}

/** An empty kind: it is an export, whose signature the command says. */
function targetOf(target: string, registered: readonly Registration[]): Pick<Registration, 'kind' | 'name'> {
  return registered.find(({ name }) => name === target) ?? { kind: '', name: target };
}

async function findModule(folder: ProjectFolder, root: string, main: unknown): Promise<string | null> {
  const source = /\.[cm]?[jt]s$/.test(root) ? await folder.source(root) : null;
  if (source !== null) return source;
  const compiled = /^(\.\/)?(dist|build|out|lib)(\/|$)/;
  const names = typeof main === 'string' ? [main] : [];
  for (const name of [...names, 'index', 'function', 'src/index']) {
    // A source is what is bundled, when it is beside what was compiled from it.
    const path = posix.join(root, name);
    const found = (await sourceOf(folder, path.replace(compiled, ''))) ?? (await folder.source(path));
    if (found !== null) return found;
  }
  return null;
}

async function sourceOf(folder: ProjectFolder, path: string): Promise<string | null> {
  const bare = path.replace(/\.[cm]?js$/, '');
  return folder.firstFile([`${bare}.ts`, `src/${bare}.ts`, `${bare}.mts`]);
}

/** What a module registers, and the names that it exports, the default one left out. */
async function readModule(
  folder: ProjectFolder,
  file: string,
): Promise<{ readonly registered: readonly Registration[]; readonly exported: readonly string[] }> {
  const release = holdEsbuild();
  try {
    const modules = await analyseModules(folder.absolute('.').replace(/\/$/, ''), [file]);
    const module = modules.get(file);
    const exported = [...(module?.exports.names ?? [])].filter((name) => name !== 'default');
    return { registered: module?.vendor.registrations ?? [], exported };
  } finally {
    await release();
  }
}
