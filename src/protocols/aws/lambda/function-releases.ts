import { artifactDigest } from '../../../contract/artifact-digest.ts';
import { LAYERS_FOLDER } from '../../../contract/layers.ts';
import type {
  ArtifactFileManifest,
  FunctionManifest,
  LimitsManifest,
  ReleaseManifest,
} from '../../../contract/manifest.ts';
import type { Language } from '../../../contract/runtimes.ts';
import type { ControlPlane } from '../../../controlplane/control-plane.ts';
import { releaseIdOf } from '../../../controlplane/releases/release-id.ts';
import { MayflyError } from '../../../domain/errors.ts';
import type { ArtifactFile, ArtifactStore } from '../../../ports/artifacts.ts';
import type {
  LambdaCode,
  LambdaImage,
  LambdaStore,
  LambdaVersionRecord,
} from '../../../ports/lambda-store.ts';
import { invalidParameter } from '../aws-error.ts';
import { capacityPlanOf, type VersionCapacity } from './capacity.ts';
import type { LambdaQuotas } from './code-packages.ts';
import type { FunctionSettings, ImageConfig } from './function-settings.ts';
import { locateHandler } from './handler-location.ts';
import { environmentOf, functionOfApp, versionOfEnvironment } from './lambda-app.ts';
import type { Layers } from './layers.ts';
import { missingHandler } from './missing-handler.ts';
import { LATEST } from './names.ts';
import { runtimeOf } from './runtime-names.ts';

/** A version of a function, to be served. */
export interface VersionToServe {
  readonly name: string;
  readonly app: string;
  /** 0: `$LATEST`. */
  readonly version: number;
  readonly settings: FunctionSettings;
  readonly code: Pick<LambdaCode, 'artifact' | 'image'>;
}

interface FunctionReleasesDeps {
  readonly plane: Pick<ControlPlane, 'live' | 'deploys' | 'environments' | 'releases'>;
  readonly artifacts: ArtifactStore;
  readonly layers: Layers;
  readonly store: LambdaStore;
  readonly quotas: LambdaQuotas;
}

const INIT_TIMEOUT_MS = 10_000;
const QUEUE_MAX = 1_000;
const QUEUE_TIMEOUT_MS = 10_000;
/** Where layers hold packages, and where in the code they are then found as well: no path of a language leads to `/opt`. */
const LAYER_PACKAGES: Readonly<Record<Language, readonly (readonly [RegExp, string])[]>> = {
  javascript: [[/^nodejs\/(?:node\d+\/)?node_modules\//, 'node_modules/']],
  python: [
    [/^python\/lib\/python3\.\d+\/site-packages\//, ''],
    [/^python\//, ''],
  ],
};

/** Makes releases of versions of functions, and serves them: each version in its environment of the function's app. */
export class FunctionReleases {
  readonly #deps: FunctionReleasesDeps;

  constructor(deps: FunctionReleasesDeps) {
    this.#deps = deps;
  }

  /** Answers the release's id. @throws AwsError InvalidParameterValueException; MayflyError as `Deploys.deploy` */
  async serve(serving: VersionToServe, by: string): Promise<string> {
    const { manifest, files } = await this.#releaseOf(serving);
    const environment = environmentOf(serving.version);
    try {
      const artifacts = [files as ArtifactFileManifest[]];
      const request = { environment, manifest, artifacts, message: `Lambda API: ${serving.name}` };
      return (await this.#deps.plane.deploys.deploy(serving.app, request, by)).release;
    } catch (thrown) {
      // Only what no release says has changed: the description, the role.
      if (thrown instanceof MayflyError && thrown.code === 'ALREADY_LIVE') return releaseIdOf(manifest);
      throw thrown;
    }
  }

  /** Fails as `serve` would, and does nothing. */
  async check(serving: VersionToServe): Promise<void> {
    await this.#releaseOf(serving);
  }

  /** Serves what a record says, if something else is served. */
  async follow(
    app: string,
    { version, release }: Pick<LambdaVersionRecord, 'version' | 'release'>,
  ): Promise<void> {
    const { plane } = this.#deps;
    const environment = environmentOf(version);
    if (plane.live.find(app, environment)?.record.traffic.stable === release) return;
    const command = { release, reason: 'As the Lambda API says.' };
    await plane.environments.promote(app, environment, command, 'mayfly');
  }

  /** Serves no version any more but these. */
  async withdrawAllBut(app: string, versions: ReadonlySet<number>): Promise<void> {
    const { plane } = this.#deps;
    for (const { record } of plane.live.environmentsOf(app)) {
      const version = versionOfEnvironment(record.name);
      if (version !== null && !versions.has(version)) await plane.environments.remove(app, record.name);
    }
  }

  /** Serves a version no more; nothing happens when it is not served. */
  async withdraw(app: string, version: number): Promise<void> {
    const { plane } = this.#deps;
    const environment = environmentOf(version);
    if (plane.live.find(app, environment) !== null) await plane.environments.remove(app, environment);
  }

  /** Nothing is left of the app; nothing happens when there is nothing. */
  async withdrawAll(app: string): Promise<void> {
    try {
      await this.#deps.plane.releases.remove(app);
    } catch (thrown) {
      if (!(thrown instanceof MayflyError) || thrown.code !== 'APP_NOT_FOUND') throw thrown;
    }
  }

  async #releaseOf(serving: VersionToServe): Promise<{ manifest: ReleaseManifest; files: ArtifactFile[] }> {
    const { settings, code } = serving;
    if (code.image !== undefined) return await this.#imageReleaseOf(serving, code.image);
    const { runtime, language } = runtimeOf(settings.Runtime);
    const tree = await this.#treeOf(code, settings, language);
    let handler = locateHandler(settings.Handler, language, (path) => tree.has(path));
    if (handler === null) {
      const stand = missingHandler(settings.Handler, language);
      await this.#deps.artifacts.putBlob(stand.file.sha256, stand.file.bytes, stand.content());
      tree.set(stand.file.path, stand.file);
      handler = { file: stand.file.path, export: 'handler' };
    }
    if (language === null && tree.get(handler.file)?.mode !== 0o755) {
      throw invalidParameter(
        `"${handler.file}" has no run bit in the archive, and could not be started: chmod 755 it before zipping.`,
      );
    }
    const files = [...tree.values()];
    const own = { handler, runtime, artifact: artifactDigest(files) };
    return { manifest: await this.#manifestOf(serving, own), files };
  }

  async #imageReleaseOf(
    serving: VersionToServe,
    { file }: LambdaImage,
  ): Promise<{ manifest: ReleaseManifest; files: ArtifactFile[] }> {
    const { settings, code } = serving;
    const files = [...(await this.#deps.artifacts.listFiles(code.artifact))];
    const command = imageCommandOf(settings.ImageConfig);
    const handler = { file, export: '' };
    const own = {
      handler,
      runtime: 'container',
      artifact: code.artifact,
      ...(command === null ? {} : { command }),
    };
    return { manifest: await this.#manifestOf(serving, own), files };
  }

  async #manifestOf(
    { name, app, version, settings }: VersionToServe,
    own: Pick<FunctionManifest, 'handler' | 'runtime' | 'artifact' | 'command'>,
  ): Promise<ReleaseManifest> {
    const fn: FunctionManifest = {
      name: functionOfApp(app),
      dialect: 'lambda',
      env: {
        ...settings.Environment?.Variables,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: version === 0 ? LATEST : String(version),
      },
      limits: limitsOf(settings, (await capacityPlanOf(this.#deps.store, name)).of(version)),
      routes: [],
      ...own,
    };
    return { app, functions: [fn] };
  }

  /** The code with its layers, which are `/opt`: a later layer over an earlier one. */
  async #treeOf(
    { artifact }: Pick<LambdaCode, 'artifact'>,
    { Layers }: FunctionSettings,
    language: Language | null,
  ): Promise<Map<string, ArtifactFile>> {
    const { artifacts, layers, quotas } = this.#deps;
    const tree = new Map((await artifacts.listFiles(artifact)).map((file) => [file.path, file]));
    const own = new Set(tree.keys());
    for (const arn of Layers) {
      for (const file of await artifacts.listFiles(await layers.artifactOf(arn))) {
        tree.set(`${LAYERS_FOLDER}/${file.path}`, { ...file, path: `${LAYERS_FOLDER}/${file.path}` });
        const seen = language === null ? null : packagePathOf(file.path, language);
        if (seen !== null && !own.has(seen)) tree.set(seen, { ...file, path: seen });
      }
    }
    let bytes = 0;
    for (const [path, file] of tree) if (own.has(path) || path.startsWith(LAYERS_FOLDER)) bytes += file.bytes;
    if (bytes > quotas.lambdaCodeBytesMax) {
      throw invalidParameter(
        `Function code combined with layers exceeds the maximum allowed size of ${quotas.lambdaCodeBytesMax} bytes. The actual size is ${bytes} bytes.`,
      );
    }
    return tree;
  }
}

/** What takes the place of the image's own entrypoint and command; null: nothing does. @throws AwsError InvalidParameterValueException */
function imageCommandOf({
  EntryPoint = [],
  Command = [],
  WorkingDirectory = '',
}: ImageConfig = {}): string[] | null {
  if (WorkingDirectory !== '')
    throw invalidParameter(
      'ImageConfig.WorkingDirectory is not supported by this node: say it in the image.',
    );
  if (EntryPoint.length > 0) return [...EntryPoint, ...Command];
  if (Command.length === 0) return null;
  throw invalidParameter(
    "ImageConfig.Command takes the place of the image's command only together with EntryPoint on this node: give both.",
  );
}

function packagePathOf(path: string, language: Language): string | null {
  const found = LAYER_PACKAGES[language].find(([pattern]) => pattern.test(path));
  return found === undefined ? null : path.replace(found[0], found[1]);
}

function limitsOf(
  { MemorySize, Timeout }: FunctionSettings,
  { maxInstances, provisioned }: VersionCapacity,
): LimitsManifest {
  return {
    memoryMb: MemorySize,
    timeoutMs: Timeout * 1_000,
    initTimeoutMs: INIT_TIMEOUT_MS,
    network: 'full',
    perInstance: 1,
    maxInstances,
    provisioned,
    queueMax: QUEUE_MAX,
    queueTimeoutMs: QUEUE_TIMEOUT_MS,
    keepAliveMs: null,
  };
}
