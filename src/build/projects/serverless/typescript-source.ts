import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';
import { type BuildFailure, build, type Plugin } from 'esbuild';
import type { ConfigSource } from '../../config-source.ts';
import { problemFrom } from '../../esbuild-problem.ts';
import { holdEsbuild } from '../../esbuild-service.ts';
import { readModuleSource } from '../../module-source.ts';
import { type Place, type Problem, problemAt } from '../../problem.ts';

/** A configuration, and the absolute paths of the files that it was made from, itself left out. */
export interface ModuleSource extends ConfigSource {
  readonly parts: readonly string[];
}

const URL_NAME = '__mayflyModuleUrl';
/** What esbuild says of a module that awaits at its top level, which CommonJS cannot. */
const AWAITS = /top-level await/i;

/**
 * Evaluates a module of a project of the Serverless Framework. Its tool loads TypeScript as CommonJS in which the `paths` of tsconfig.json, imports
 * without a suffix, `__dirname` and `module.exports` beside `import` all work, so that Node's own loader will not do; JavaScript is left to that.
 * @param dir the service's folder, in which its tool would run
 */
export async function readServiceModule(file: string, dir: string): Promise<ModuleSource> {
  if (!/\.[cm]?ts$/.test(file)) return { ...(await readModuleSource(file)), parts: [] };
  const place: Place = { file: basename(file), line: null, column: null };
  const source = (value: unknown, problems: readonly Problem[], parts: readonly string[]): ModuleSource => {
    return { file, value, problems, placeOf: () => place, parts };
  };
  const release = holdEsbuild();
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file],
      absWorkingDir: dirname(file),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      target: 'node22',
      logLevel: 'silent',
      define: {
        'import.meta.url': URL_NAME,
        'import.meta.dirname': '__dirname',
        'import.meta.filename': '__filename',
      },
      plugins: [ownPlaces],
    });
    const inputs = Object.keys(metafile.inputs).map((path) => resolve(dirname(file), path));
    const parts = inputs.filter((path) => path !== file);
    try {
      return source(await evaluate(file, outputFiles[0]?.text ?? '', dir), [], parts);
    } catch (error) {
      const message =
        error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
      return source(null, [problemAt(place, `the file does not load: ${message}`)], parts);
    }
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (errors === undefined) throw error;
    if (errors.some(({ text }) => AWAITS.test(text))) return { ...(await readModuleSource(file)), parts: [] };
    return source(null, errors.map(problemFrom), []);
  } finally {
    await release();
  }
}

/** Tells each module where it lies, though all of them become one. On its first line, so that lines keep their numbers. */
const ownPlaces: Plugin = {
  name: 'mayfly-own-places',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.[cm]?ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const names = { __dirname: dirname(path), __filename: path, [URL_NAME]: pathToFileURL(path).href };
      const used = Object.entries(names).filter(
        ([name]) => text.includes(name) || text.includes('import.meta'),
      );
      const lines = used.map(([name, value]) => `var ${name} = ${JSON.stringify(value)};`);
      return { contents: `${lines.join(' ')}${text}`, loader: 'ts' };
    });
  },
};

/** The default export; without one, all of them. */
async function evaluate(file: string, code: string, dir: string): Promise<unknown> {
  const run = compileFunction(code, ['module', 'exports', 'require', 'process'], {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module: { exports: unknown } = { exports: {} };
  // Paths are commonly made from where the tool runs; the command itself may run elsewhere.
  const inFolder = Object.create(process, { cwd: { value: () => dir } });
  run(module, module.exports, createRequire(file), inFolder);
  const { exports } = module;
  const isModule = typeof exports === 'object' && exports !== null && '__esModule' in exports;
  return isModule && 'default' in exports ? exports.default : exports;
}
