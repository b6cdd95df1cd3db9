import { readdir, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FunctionConfig } from '../app-config.ts';
import type { BuiltFile } from '../built-file.ts';
import type { FunctionBuild } from '../function-build.ts';
import { findPackage, readPackageJson } from '../package-lookup.ts';
import { NOWHERE, type Problem, problemAt } from '../problem.ts';
import type { ProgramPlan } from './program-plan.ts';

/** What no program needs: Mayfly's own, version control, installed packages (`dependencies` are shipped apart), secrets. */
const NEVER = /^(\.mayfly|\.git|node_modules|\.env(\..*)?|\.DS_Store|__pycache__)$/;
const NEVER_AT_TOP: ReadonlySet<string> = new Set(['mayfly.yaml', 'mayfly.config.ts']);
/** Deeper than any sane folder; ends a walk through links that lead in a circle. */
const depthMax = 64;

/**
 * A program is shipped as it lies in its root: every file with its run bit, links followed, and the packages that a
 * `package.json` there depends on (or `external` names), as far as they are installed. Nothing is compiled or bundled.
 */
export async function buildProgram(dir: string, plan: ProgramPlan): Promise<FunctionBuild> {
  const { config, dialect, handler, shipment } = plan;
  const { command } = config;
  if (shipment !== undefined) {
    const { files, sources } = shipment;
    return { config, dialect, handler, command, files, packages: new Map(), sources, warnings: [] };
  }
  const root = join(dir, config.root);
  const files = await walk(root, '', 0);
  return {
    config,
    dialect,
    handler,
    command,
    files,
    packages: await packagesOf(root, config.external),
    sources: files.flatMap(({ content }) => ('file' in content ? [content.file] : [])),
    warnings: uninstalled(config, files),
  };
}

/** A program in Python whose packages nobody has put beside it. */
function uninstalled({ root, name }: FunctionConfig, files: readonly BuiltFile[]): Problem[] {
  const isListed = files.some(({ path }) => path === 'requirements.txt');
  if (!isListed || files.some(({ path }) => /\.dist-info\//.test(path))) return [];
  const file = posix.join(root, 'requirements.txt');
  const text = `function "${name}": packages for Python are not installed for a program`;
  return [problemAt({ ...NOWHERE, file }, text, `pip install -r ${file} --target ${root}`)];
}

async function walk(folder: string, below: string, depth: number): Promise<BuiltFile[]> {
  if (depth > depthMax) return [];
  const names = (await readdir(folder)).filter(
    (name) => !NEVER.test(name) && !(depth === 0 && NEVER_AT_TOP.has(name)),
  );
  const lists = await Promise.all(
    names.map(async (name): Promise<BuiltFile[]> => {
      const file = join(folder, name);
      const info = await stat(file).catch(() => null);
      if (info?.isDirectory()) return walk(file, `${below}${name}/`, depth + 1);
      if (!info?.isFile()) return [];
      const mode = (info.mode & 0o100) === 0 ? 0o644 : 0o755;
      return [{ path: `${below}${name}`, mode, content: { file: await realpath(file) } }];
    }),
  );
  return lists.flat();
}

async function packagesOf(root: string, external: readonly string[]): Promise<Map<string, string>> {
  const { dependencies = {} } = await readPackageJson(root);
  const packages = new Map<string, string>();
  for (const name of new Set([...Object.keys(dependencies), ...external])) {
    const folder = await findPackage(name, root);
    if (folder !== null) packages.set(name, folder);
  }
  return packages;
}
