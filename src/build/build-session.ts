import { join } from 'node:path';
import { artifactDigest } from '../contract/artifact-digest.ts';
import type { ArtifactFileManifest, FunctionManifest, ReleaseManifest } from '../contract/manifest.ts';
import type { AppConfig } from './app-config.ts';
import { ArtifactFiles } from './artifact-files.ts';
import type { BuildOptions, BuiltApp, BuiltBlob } from './built-app.ts';
import type { BuiltFile } from './built-file.ts';
import { BundleCache } from './bundle-cache.ts';
import { bundledFunction } from './bundled-function.ts';
import type { Bundle } from './bundler.ts';
import { holdEsbuild } from './esbuild-service.ts';
import type { FunctionBuild } from './function-build.ts';
import { planFunctions } from './function-plan.ts';
import { listIncludedFiles } from './included-files.ts';
import { layOutPackages } from './package-closure.ts';
import { listPackageFiles } from './package-files.ts';
import { NOWHERE, type Problem, problemAt, problemsError } from './problem.ts';
import { buildPrograms, planPrograms } from './programs/program-builds.ts';
import { isProgram } from './programs/program-plan.ts';
import { buildPython, isPython, planPython } from './python/python-builds.ts';
import type { ReleaseConfig } from './release-settings.ts';

/** What the control API takes for one artifact, and for one path in it. */
const artifactFilesMax = 100_000;
const pathLengthMax = 1_024;
/** Files whose change may move any import. */
const MOVES_IMPORTS = /\/(node_modules\/|package\.json$|tsconfig[^/]*\.json$)/;

/** Builds of one app that share what did not change between them: parsed sources, bundles, package files, digests. */
export class BuildSession {
  readonly #letGo = holdEsbuild();
  readonly #cache: BundleCache;
  readonly #artifactFiles = new ArtifactFiles();
  readonly #packageFiles = new Map<string, Promise<BuiltFile[]>>();

  /** @param repeated whether more builds will follow, so that parsed sources are worth their memory */
  constructor(repeated: boolean) {
    this.#cache = new BundleCache(repeated);
  }

  /**
   * @param changed absolute paths that changed since the last build; `null`: anything may have
   * @throws MayflyError BUILD_FAILED; the signal's reason
   */
  async build(app: AppConfig, changed: readonly string[] | null, options: BuildOptions): Promise<BuiltApp> {
    const { signal, onProgress } = options;
    const functions = app.functions.length;
    const anything = changed === null || changed.some((path) => MOVES_IMPORTS.test(path));
    if (anything) this.#packageFiles.clear();
    await this.#cache.forget(anything ? null : changed);
    signal?.throwIfAborted();

    onProgress?.({ step: 'analyse', functions });
    const [plans, programs, python] = await Promise.all([
      planFunctions(app),
      planPrograms(app),
      planPython(app),
    ]);
    signal?.throwIfAborted();
    onProgress?.({ step: 'bundle', functions });
    const bundles = await this.#cache.bundle(app.dir, plans, signal);
    onProgress?.({ step: 'package', functions });
    const builds = [
      ...plans.map((plan, index) => bundledFunction(plan, bundles[index] as Bundle)),
      ...(await buildPrograms(app, programs)),
      ...(await buildPython(app, python, signal)),
    ];
    return this.#package(app, builds.sort(byName), signal);
  }

  async close(): Promise<void> {
    await this.#cache.close();
    await this.#letGo();
  }

  async #package(
    app: AppConfig,
    builds: readonly FunctionBuild[],
    signal: AbortSignal | undefined,
  ): Promise<BuiltApp> {
    const blobs = new Map<string, BuiltBlob>();
    const artifacts = new Map<string, readonly ArtifactFileManifest[]>();
    const functions: FunctionManifest[] = [];
    const problems: Problem[] = [];
    const watchPaths = new Set([...(app.configFile === null ? [] : [app.configFile]), ...app.configParts]);
    for (const build of builds) {
      signal?.throwIfAborted();
      const { root, include, place } = build.config;
      // What is shipped as it lies there, include may also take away; what was compiled, it may not.
      const asItLies = isProgram(build.config) || isPython(build.config);
      const [fixed, first] = asItLies ? [[], build.files] : [build.files, []];
      const included = await listIncludedFiles(join(app.dir, root), include, first);
      for (const glob of included.empty) {
        const folder = root === '.' ? "the app's folder" : root;
        problems.push(problemAt(place, `include "${glob}" names no file in ${folder}`));
      }
      const packages = await this.#filesOf(build.packages);
      const files = await this.#artifactFiles.list([...fixed, ...packages, ...included.files], blobs);
      problems.push(...checkSize(build, files));
      const artifact = artifactDigest(files);
      artifacts.set(artifact, files);
      functions.push(manifestOf(build, artifact));
      for (const source of build.sources) watchPaths.add(source);
      for (const { content } of included.files) if ('file' in content) watchPaths.add(content.file);
    }
    if (problems.length > 0) throw problemsError('BUILD_FAILED', problems);
    return {
      manifest: { app: app.name, functions, ...declared(app.release) },
      artifacts: [...artifacts.values()],
      blobs,
      watchPaths: [...watchPaths].sort(),
      warnings: distinct(builds.flatMap((build) => build.warnings)),
      findings: app.findings,
      notices: app.notices,
    };
  }

  #filesOf(packages: ReadonlyMap<string, string>): Promise<BuiltFile[]> {
    const key = JSON.stringify([...packages].sort());
    const known = this.#packageFiles.get(key);
    const files = known ?? layOutPackages(packages).then(listPackageFiles);
    this.#packageFiles.set(key, files);
    return files;
  }
}

/** Only what the app says: an app that says nothing is the release that it always was. */
function declared({ canary, smoke, resources }: ReleaseConfig): Partial<ReleaseManifest> {
  return {
    ...(canary === null ? {} : { canary }),
    ...(smoke.length === 0 ? {} : { smoke: [...smoke] }),
    ...(resources.length === 0 ? {} : { resources: [...resources] }),
  };
}

function manifestOf(
  { config, dialect, handler, command }: FunctionBuild,
  artifact: string,
): FunctionManifest {
  const { limits, runtime, env, triggers } = config;
  return {
    name: config.name,
    handler,
    ...(command === null ? {} : { command: [...command] }),
    runtime,
    dialect,
    env,
    limits,
    routes: [...config.routes],
    ...(triggers.length === 0 ? {} : { triggers: [...triggers] }),
    artifact,
  };
}

function checkSize({ config }: FunctionBuild, files: readonly ArtifactFileManifest[]): Problem[] {
  const problems: Problem[] = [];
  if (files.length > artifactFilesMax) {
    problems.push(
      problemAt(config.place, `function "${config.name}" ships more than ${artifactFilesMax} files`),
    );
  }
  const long = files.find((file) => file.path.length > pathLengthMax);
  if (long !== undefined)
    problems.push(problemAt(NOWHERE, `the path ${long.path} is longer than ${pathLengthMax}`));
  return problems;
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function byName(one: FunctionBuild, other: FunctionBuild): number {
  return one.config.name < other.config.name ? -1 : 1;
}
