import { type BuildFailure, build } from 'esbuild';
import { readCommonJsExports } from './commonjs-exports.ts';
import { problemFrom } from './esbuild-problem.ts';
import type { ModuleExports } from './module-exports.ts';
import { problemsError } from './problem.ts';

/**
 * Reads the exports of source files (relative to `dir`) without following their imports.
 * @throws MayflyError BUILD_FAILED when one has a syntax error
 */
export async function readModuleExports(
  dir: string,
  files: readonly string[],
): Promise<Map<string, ModuleExports>> {
  const result = await build({
    absWorkingDir: dir,
    entryPoints: files.map((file, index) => ({ in: `./${file}`, out: String(index) })),
    outdir: dir,
    bundle: false,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'silent',
  }).catch((failure: BuildFailure) => {
    throw problemsError('BUILD_FAILED', failure.errors.map(problemFrom));
  });
  const texts = new Map(result.outputFiles.map((file) => [file.path, file]));
  const found = new Map<string, ModuleExports>();
  for (const [index, file] of files.entries()) {
    const output = result.metafile.outputs[`${index}.js`];
    const text = texts.get(`${dir}/${index}.js`)?.text ?? '';
    const isModule = result.metafile.inputs[file]?.format === 'esm' || (output?.exports.length ?? 0) > 0;
    found.set(
      file,
      isModule
        ? { format: 'esm', names: new Set(output?.exports), complete: !/^export \* from /m.test(text) }
        : readCommonJsExports(text),
    );
  }
  return found;
}
