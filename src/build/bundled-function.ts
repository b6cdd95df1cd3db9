import type { Bundle } from './bundler.ts';
import type { FunctionBuild } from './function-build.ts';
import type { FunctionPlan } from './function-plan.ts';

/** A function whose code was bundled, with the files where they lie in its artifact. */
export function bundledFunction(plan: FunctionPlan, bundle: Bundle): FunctionBuild {
  const { config, dialect, export: name } = plan;
  const { packages, sources, warnings } = bundle;
  return {
    config,
    dialect,
    handler: { file: inRoot(bundle.file, config.root), export: name },
    command: null,
    files: bundle.files.map((file) => ({ ...file, path: inRoot(file.path, config.root) })),
    packages,
    sources,
    warnings,
  };
}

/** A file outside the root, which cannot be above the top, keeps its path. */
function inRoot(path: string, root: string): string {
  const prefix = `${root}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
