import { posix, resolve } from 'node:path';
import { type BuildContext, type BuildFailure, type BuildResult, context, type Message } from 'esbuild';
import { type AssetTable, assetPlugin } from './asset-plugin.ts';
import type { BuiltFile } from './built-file.ts';
import { bundleOptions } from './bundle-options.ts';
import { type BundleEntry, entryPlugin, entryPoint } from './entry-plugin.ts';
import { packageNameOf, problemFrom } from './esbuild-problem.ts';
import { type PackageImport, resolveImports } from './imported-packages.ts';
import { withoutIdlePreamble } from './module-preamble.ts';
import { packageOf } from './package-lookup.ts';
import { type Problem, problemAt, problemsError } from './problem.ts';
import type { UnbundlablePackages } from './unbundlable-packages.ts';
import { workerModules } from './worker-modules.ts';

/** One function's code in one file, and what has to lie beside it. */
export interface Bundle {
  /** Path of the bundle in the artifact: in the folder of its source, named after the function. */
  readonly file: string;
  /** The bundle, its source map, its assets. */
  readonly files: readonly BuiltFile[];
  /** Packages that the bundle imports at run time: name → folder. */
  readonly packages: ReadonlyMap<string, string>;
  /** Absolute paths of the sources and assets (files, whole folders) in it, packages left out. */
  readonly sources: readonly string[];
  readonly warnings: readonly Problem[];
}

/** Packages that are shipped as files: name → what the author should know about it. */
export type ShippedPackages = ReadonlyMap<string, Problem | null>;

/** The function cannot be bundled before these packages are left out. */
export interface Obstacle {
  readonly ship: ShippedPackages;
}

export interface BundleRequest {
  readonly dir: string;
  readonly entries: readonly BundleEntry[];
  /** Packages that the author wants shipped as files. */
  readonly external: readonly string[];
  /** Modules that the guest provides. */
  readonly provided: readonly string[];
  readonly shipped: ShippedPackages;
  readonly minify: boolean;
  /** `node22`. */
  readonly target: string;
}

type Written = { readonly write: false; readonly metafile: true };
type Result = BuildResult<Written>;

/**
 * Bundles functions that share their settings. Keeps what esbuild has parsed, so that bundling again after a change
 * takes milliseconds.
 */
export class Bundler {
  readonly #request: BundleRequest;
  readonly #unbundlable: UnbundlablePackages;
  readonly #assets: AssetTable = new Map();
  #context: BuildContext<Written> | null = null;

  constructor(request: BundleRequest, unbundlable: UnbundlablePackages) {
    this.#request = request;
    this.#unbundlable = unbundlable;
  }

  /**
   * By function name: its bundle, or what stands in its way. Which packages cannot be bundled shows only when the
   * imports have been followed. An obstacle without packages: esbuild could not tell which function it is about, try
   * each alone.
   * @throws MayflyError BUILD_FAILED; the signal's reason
   */
  async bundle(signal: AbortSignal | undefined): Promise<Map<string, Bundle | Obstacle>> {
    const { entries } = this.#request;
    const outcome = await this.#run(signal);
    if (outcome instanceof Error) {
      const ship = this.#blame(outcome.errors);
      if (ship.size === 0) throw problemsError('BUILD_FAILED', outcome.errors.map(problemFrom));
      return new Map(entries.map(({ name }) => [name, { ship: entries.length > 1 ? new Map() : ship }]));
    }
    const results = new Map<string, Bundle | Obstacle>();
    for (const entry of entries) results.set(entry.name, await this.#collect(entry, outcome));
    return results;
  }

  async close(): Promise<void> {
    const closing = this.#context;
    this.#context = null;
    await closing?.dispose();
  }

  async #run(signal: AbortSignal | undefined): Promise<Result | BuildFailure> {
    signal?.throwIfAborted();
    const { dir, entries, external, provided, shipped, minify, target } = this.#request;
    this.#context ??= await context(
      bundleOptions(dir, {
        entryPoints: entries.map((entry) => ({ in: entryPoint(entry), out: outputOf(entry) })),
        external: [...new Set([...external, ...provided, ...shipped.keys()])].sort(),
        plugins: [entryPlugin(dir, entries), workerModules, assetPlugin(dir, this.#assets)],
        minify,
        target,
      }),
    );
    const running = this.#context;
    const cancel = () => void running.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await running.rebuild().catch((failure: BuildFailure) => failure);
    } finally {
      signal?.removeEventListener('abort', cancel);
      signal?.throwIfAborted();
    }
  }

  /** An error inside a package is about something that bundling cannot do; Node itself may well load the package. */
  #blame(errors: readonly Message[]): ShippedPackages {
    const blamed = new Map<string, Problem>();
    for (const error of errors) {
      const owner = this.#packageOf(this.#absolute(error.location?.file ?? ''));
      if (owner === null || this.#isShipped(owner.name)) continue;
      const problem = problemFrom(error);
      blamed.set(
        owner.name,
        problemAt(problem, `package "${owner.name}" is shipped as files: ${problem.message}`),
      );
    }
    return blamed;
  }

  async #collect(entry: BundleEntry, result: Result): Promise<Bundle | Obstacle> {
    const file = `${outputOf(entry)}.mjs`;
    const inputs = Object.keys(result.metafile.outputs[file]?.inputs ?? {});
    const paths = inputs.map((input) => this.#absolute(input)).filter((path) => path !== '');
    const unbundlable = await this.#unbundlable.among(paths, this.#request.dir);
    // A package that is left out by its name may still come in by a path; then it is bundled after all.
    const fresh = [...unbundlable].filter((name) => !this.#isShipped(name));
    if (fresh.length > 0) return { ship: shipQuietly(fresh) };

    const { packages, missing, disagreeing } = await resolveImports(
      this.#importsOf(inputs, result),
      this.#request.dir,
    );
    const others = disagreeing.filter((name) => !this.#isShipped(name));
    if (others.length > 0) return { ship: shipQuietly(others) };
    const demanded = missing.filter(({ name }) => this.#request.external.includes(name));
    if (demanded.length > 0)
      throw problemsError(
        'BUILD_FAILED',
        demanded.map((gone) => this.#notInstalled(gone)),
      );

    const assets = paths.flatMap((source) => this.#assets.get(source) ?? []);
    const beside = assets.flatMap((asset) => asset.files);
    const folder = posix.dirname(file);
    const contentOf = (path: string): Uint8Array => {
      const target = resolve(this.#request.dir, path);
      return result.outputFiles.find((output) => output.path === target)?.contents ?? new Uint8Array();
    };
    const { code, map } = withoutIdlePreamble(contentOf(file), contentOf(`${file}.map`));
    const built: BuiltFile[] = [
      { path: file, mode: 0o644, content: code },
      { path: `${file}.map`, mode: 0o644, content: map },
    ];
    const sources = [...paths, ...assets.map((asset) => asset.source)];
    return {
      file,
      files: [...built, ...beside.map((part) => ({ ...part, path: posix.join(folder, part.path) }))],
      packages,
      sources: sources.filter((path) => this.#packageOf(path) === null),
      warnings: this.#warningsOf(inputs, packages, result),
    };
  }

  #importsOf(inputs: readonly string[], { metafile }: Result): PackageImport[] {
    return inputs.flatMap((input) =>
      (metafile.inputs[input]?.imports ?? [])
        .map((found) => ({ name: packageNameOf(found.path), importer: this.#absolute(input), ...found }))
        .filter((found) => found.external === true && this.#isShipped(found.name))
        .map(({ name, importer }) => ({ name, importer })),
    );
  }

  /** esbuild's warnings about the app's own sources in this bundle, and about packages that it needs as files. */
  #warningsOf(inputs: readonly string[], packages: ReadonlyMap<string, string>, result: Result): Problem[] {
    const own = result.warnings.filter(
      ({ location }) =>
        location !== null &&
        inputs.includes(location.file) &&
        this.#packageOf(this.#absolute(location.file)) === null,
    );
    const shipped = [...this.#request.shipped].filter(([name]) => packages.has(name));
    return [...own.map(problemFrom), ...shipped.flatMap(([, problem]) => problem ?? [])];
  }

  #notInstalled({ name, importer }: PackageImport): Problem {
    const place = { file: posix.relative(this.#request.dir, importer), line: null, column: null };
    return problemAt(place, `package "${name}" is not installed`, `install it: npm install ${name}`);
  }

  #isShipped(name: string): boolean {
    const { external, provided, shipped } = this.#request;
    return !provided.includes(name) && (external.includes(name) || shipped.has(name));
  }

  #packageOf(file: string) {
    return packageOf(file, this.#request.dir);
  }

  /** Absolute path of a metafile's input; empty for inputs that are no files. */
  #absolute(input: string): string {
    return input === '' || /^[a-z-]+:/.test(input) ? '' : resolve(this.#request.dir, input);
  }
}

function shipQuietly(names: Iterable<string>): ShippedPackages {
  return new Map([...names].map((name) => [name, null]));
}

function outputOf(entry: BundleEntry): string {
  return posix.join(posix.dirname(entry.file), entry.name);
}
