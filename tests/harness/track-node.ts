import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openFilesystemArtifacts } from '../../src/adapters/artifacts/filesystem-artifacts.ts';
import { systemClock } from '../../src/adapters/clock/system-clock.ts';
import { openBubblewrap } from '../../src/adapters/sandboxes/bubblewrap.ts';
import { buildApp } from '../../src/build/app-builder.ts';
import { loadApp } from '../../src/build/app-loader.ts';
import { bundleGuest } from '../../src/build/guest-bundle.ts';
import { partsOf } from '../../src/build/guest-code-cache.ts';
import { loadConfig } from '../../src/config.ts';
import { Dispatcher } from '../../src/dataplane/dispatch/dispatcher.ts';
import { FunctionInvoker } from '../../src/dataplane/dispatch/function-invoker.ts';
import { LiveApps } from '../../src/dataplane/dispatch/live-apps.ts';
import { ReleaseWarmness } from '../../src/dataplane/dispatch/release-warmness.ts';
import { Gateway } from '../../src/dataplane/gateway/gateway.ts';
import type { GatewayPlace } from '../../src/dataplane/sandbox/own-address.ts';
import { DEFAULT_SCHEDULER_LIMITS } from '../../src/dataplane/scheduler/limits.ts';
import type { FunctionVersion } from '../../src/domain/function-version.ts';
import type { UsageRecord } from '../../src/domain/invocation.ts';
import type { AppSnapshot, EnvironmentSnapshot } from '../../src/domain/snapshot.ts';
import { versionDigest, versionKey } from '../../src/domain/version-digest.ts';
import { NodeDriver } from './node-driver.ts';

const RUNTIME = 'nodejs24';

/**
 * The data plane of a node, with real sandboxes and no control plane: a test says which snapshots are served. Only what
 * `NodeDriver` asks the gateway works here.
 */
export class TrackNode extends NodeDriver implements AsyncDisposable {
  readonly live: LiveApps;
  readonly invoker: FunctionInvoker;
  readonly warmness: ReleaseWarmness;
  readonly ledger: UsageRecord[] = [];
  /** What the control plane would still have of releases that serve nowhere. */
  readonly stored = new Map<string, AppSnapshot>();
  readonly #artifacts;
  readonly #dispatcher: Dispatcher;
  readonly #gateway: Gateway;

  private constructor(parts: Parts, gatewayUrl: string) {
    super({ gatewayUrl, controlUrl: gatewayUrl, token: '', folder: parts.folder });
    this.#artifacts = parts.artifacts;
    this.#dispatcher = parts.dispatcher;
    this.#gateway = parts.gateway;
    this.live = parts.live;
    this.ledger = parts.ledger;
    this.stored = parts.stored;
    this.invoker = parts.invoker;
    this.warmness = new ReleaseWarmness(parts.live, parts.dispatcher);
  }

  static async start(): Promise<TrackNode> {
    const place = Promise.withResolvers<GatewayPlace>();
    const parts = await assemble(place.promise);
    const port = await parts.gateway.listen(0, '127.0.0.1');
    const url = `http://127.0.0.1:${port}`;
    place.resolve({ url, domains: ['localhost'] });
    parts.dispatcher.prewarm(RUNTIME, 'full');
    return new TrackNode(parts, url);
  }

  /** Builds a release of an app of these files; `env` stands for what makes an environment's values its own. */
  async release(id: string, files: Readonly<Record<string, string>>, app = 'shop'): Promise<AppSnapshot> {
    const folder = join(this.folder, 'sources', id, app);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const built = await buildApp(await loadApp(folder));
    for (const [sha256, blob] of built.blobs) await this.#artifacts.putBlob(sha256, blob.bytes, blob.open());
    for (const list of built.artifacts) await this.#artifacts.assemble(list);
    const environment = 'production';
    const functions = new Map<string, FunctionVersion>();
    for (const { routes: _, ...fn } of built.manifest.functions) {
      const version = versionDigest(fn);
      const key = versionKey(app, environment, fn.name, version);
      functions.set(fn.name, { ...fn, key, version, app, environment, project: 'default' });
    }
    const routes = built.manifest.functions.flatMap((fn) =>
      fn.routes.map((route) => ({ ...route, function: fn.name })),
    );
    return { app, environment, release: id, pin: `${id}.${'0'.repeat(32)}`, functions, routes };
  }

  /** Serves these from now on. */
  publish(stable: AppSnapshot | null, rest: Partial<EnvironmentSnapshot> = {}): void {
    const app = 'shop';
    this.live.publish({ app, environment: 'production', stable, canary: null, candidates: [], ...rest });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.#gateway.close(1_000);
    await this.#dispatcher.close(1_000);
    await this.#artifacts.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

type Parts = Awaited<ReturnType<typeof assemble>>;

async function assemble(place: Promise<GatewayPlace>) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-tracks-'));
  const guestFile = join(folder, 'guest.cjs');
  await bundleGuest(guestFile);
  const dataDir = join(folder, 'data');
  await mkdir(join(dataDir, 'run'), { recursive: true });
  const artifacts = openFilesystemArtifacts({ dataDir, trees: 'link' });
  const program = { executable: process.execPath, arguments: [], guestFile, guestParts: partsOf(guestFile) };
  const driver = await openBubblewrap({
    runDir: join(dataDir, 'run'),
    runtimes: { find: async () => program },
  });
  const ledger: UsageRecord[] = [];
  const stored = new Map<string, AppSnapshot>();
  const dispatcher = new Dispatcher(
    {
      driver,
      artifacts,
      telemetry: { usage: (record) => void ledger.push(record), log() {} },
      clock: systemClock,
      load: { runnablePerCpu: () => 0 },
      gateway: place,
      onDefect: (error) => {
        throw error;
      },
    },
    { ...DEFAULT_SCHEDULER_LIMITS, prewarmMin: 2 },
  );
  const live = new LiveApps((change) => dispatcher.swapped(change));
  const releases = { find: async (_app: string, _environment: string, id: string) => stored.get(id) ?? null };
  const invoker = new FunctionInvoker({ live, dispatcher, releases, resultBytesMax: 1_000_000 });
  const gateway = new Gateway(live, dispatcher, { limits: loadConfig({}, {}), domains: ['localhost'] });
  return { folder, artifacts, dispatcher, live, invoker, gateway, ledger, stored };
}
