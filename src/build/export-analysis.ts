import { type BuildFailure, build } from 'esbuild';
import { readCommonJsExports } from './commonjs-exports.ts';
import { problemFrom } from './esbuild-problem.ts';
import type { ModuleExports } from './module-exports.ts';
import { problemsError } from './problem.ts';
import { readVendorCode, type VendorCode } from './vendor-code.ts';

/** What a source file says by itself. */
export interface AnalysedModule {
  readonly exports: ModuleExports;
  readonly vendor: VendorCode;
  /** Functions and variables at the top level of a CommonJS module; empty for ES modules. */
  readonly topLevel: ReadonlySet<string>;
  /** Whether it listens for events as service workers do, itself or by a framework's `fire()`. */
  readonly listens: boolean;
}

const TOP_LEVEL = /^(?:(?:async )?function\*? |(?:const|let|var) )([A-Za-z_$][\w$]*)(?=\(| =)/gm;

const LISTENS = /\baddEventListener\("(?:fetch|scheduled)"|^[\w$]+\.fire\(|^listen\(/m;

/**
 * Reads what source files (relative to `dir`) export, and what they use of their vendor, without following their imports.
 * @throws MayflyError BUILD_FAILED when one has a syntax error
 */
export async function analyseModules(
  dir: string,
  files: readonly string[],
): Promise<Map<string, AnalysedModule>> {
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
  const found = new Map<string, AnalysedModule>();
  for (const [index, file] of files.entries()) {
    const output = result.metafile.outputs[`${index}.js`];
    const text = texts.get(`${dir}/${index}.js`)?.text ?? '';
    const isWritten = result.metafile.inputs[file]?.format === 'esm' || (output?.exports.length ?? 0) > 0;
    const isModule = isWritten && !isMixed(file, output?.exports ?? [], text);
    const exports: ModuleExports = isModule
      ? { format: 'esm', names: new Set(output?.exports), complete: !/^export \* from /m.test(text) }
      : readCommonJsExports(text);
    const topLevel = isModule ? [] : [...text.matchAll(TOP_LEVEL)].map(([, name = '']) => name);
    found.set(file, {
      exports,
      vendor: readVendorCode(text),
      topLevel: new Set(topLevel),
      listens: LISTENS.test(text),
    });
  }
  return found;
}

/** `import` at the top and `module.exports` below, as TypeScript compiles it to CommonJS: bundling takes it for that, too. */
function isMixed(file: string, exported: readonly string[], text: string): boolean {
  if (exported.length > 0 || /\.m[jt]s$/.test(file) || /^export /m.test(text)) return false;
  return readCommonJsExports(text).names.size > 0;
}
