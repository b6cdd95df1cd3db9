import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openFilesystemArtifacts } from './adapters/artifacts/filesystem-artifacts.ts';
import { systemClock } from './adapters/clock/system-clock.ts';
import { DataFolder } from './adapters/data-folder/data-folder.ts';
import { openRepositories } from './adapters/git/bare-repositories.ts';
import { HeapTrimmer } from './adapters/heap/heap-trimmer.ts';
import { NewSpaceBound } from './adapters/heap/new-space-bound.ts';
import { NodeHttpProbe } from './adapters/http-probe/node-http-probe.ts';
import { openMachineLoad } from './adapters/machine-load/proc-load.ts';
import { findProgram } from './adapters/sandboxes/machine.ts';
import { SqliteAsyncInvocationStore } from './adapters/sqlite/async-invocation-store.ts';
import { openDatabase } from './adapters/sqlite/database.ts';
import { SqliteLambdaStore } from './adapters/sqlite/lambda-store.ts';
import { SqliteReleaseStore } from './adapters/sqlite/release-store.ts';
import { SqliteWebhookStore } from './adapters/sqlite/webhook-store.ts';
import { HttpWebhookSender } from './adapters/webhooks/http-webhook-sender.ts';
import { ThreadUnpacker } from './adapters/zips/thread-unpacker.ts';
import type { OnClose } from './compose/closers.ts';
import { reportDefect } from './compose/defects.ts';
import { drain, type Intake } from './compose/draining.ts';
import { openEdge } from './compose/edge.ts';
import { imagesFor, openImageStore, withImages } from './compose/images.ts';
import { PythonRuntime, withPython, withPythonSource } from './compose/python-runtime.ts';
import { openRuntimeStore, runtimeSource } from './compose/runtimes.ts';
import { openDriver } from './compose/sandboxes.ts';
import { lazyBuilder, openBuilder } from './compose/source-builds.ts';
import { openTelemetry } from './compose/telemetry.ts';
import type { Config } from './config.ts';
import type { Status } from './contract/control-api.ts';
import { DEFAULT_RUNTIME, DIALECTS, RUNTIMES } from './contract/runtimes.ts';
import { createControlApi } from './controlplane/api/control-api.ts';
import { startControlPlane } from './controlplane/control-plane.ts';
import { AccessKeys } from './controlplane/credentials/access-keys.ts';
import { GitDeployments } from './controlplane/git/git-deployments.ts';
import { Hooks } from './controlplane/git/hooks.ts';
import { PlaneTarget } from './controlplane/git/plane-target.ts';
import { Notifications } from './controlplane/notifications/notifications.ts';
import { SecretSealer } from './controlplane/secrets/secret-sealer.ts';
import { Dispatcher } from './dataplane/dispatch/dispatcher.ts';
import { FunctionInvoker } from './dataplane/dispatch/function-invoker.ts';
import { LiveApps } from './dataplane/dispatch/live-apps.ts';
import { ReleaseWarmness } from './dataplane/dispatch/release-warmness.ts';
import { Gateway } from './dataplane/gateway/gateway.ts';
import type { GatewayPlace } from './dataplane/sandbox/own-address.ts';
import { DEFAULT_SCHEDULER_LIMITS, type SchedulerLimits } from './dataplane/scheduler/limits.ts';
import { toMayflyError } from './domain/errors.ts';
import { EventRules } from './protocols/aws/lambda/events/event-rules.ts';
import { AsyncInvocations } from './services/async-invocations/async-invocations.ts';
import { StoredLogReader } from './services/logs/stored-log-reader.ts';
import { LedgerReporter } from './services/usage/ledger-reporter.ts';

/** A node that serves. */
export interface RunningNode {
  readonly dataDir: string;
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  /** Where other vendors' wire protocols are spoken. */
  readonly edgeUrl: string;
  /** Stops accepting, finishes calls within `drainTimeoutMs`, flushes what was recorded, frees the data folder. */
  close(): Promise<void>;
}

/** Reading so many functions leaves more behind than collecting it costs (30 ms with 10,000). */
const FUNCTIONS_TO_COLLECT_AFTER = 500;
const VERSION = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version;

/**
 * Builds a node from its parts and starts it: the one place that knows every adapter.
 * What was opened is closed again, in reverse order, when a later part cannot start.
 * @throws MayflyError PORT_TAKEN, DATA_LOCKED, DATA_NEWER, SANDBOX_FAILED, STORAGE_FULL
 */
export async function startNode(config: Config): Promise<RunningNode> {
  const closers: (() => Promise<void> | void)[] = [];
  const onClose = <T>(part: T, close: (part: T) => Promise<void> | void): T => {
    closers.push(() => close(part));
    return part;
  };
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await assemble(config, onClose)), dataDir: config.data, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function assemble(
  config: Config,
  onClose: OnClose,
): Promise<Pick<RunningNode, 'gatewayUrl' | 'controlUrl' | 'edgeUrl'>> {
  const clock = systemClock;
  const startedAt = clock.wall();
  const data = onClose(DataFolder.open(config.data), (folder) => folder.close());
  // First, since it may be a newer Mayfly's: then nothing else in the folder is touched.
  const database = openDatabase(join(data.path, 'mayfly.db'));
  const store = onClose(new SqliteReleaseStore(database), (part) => part.close());
  const heap = onClose(new HeapTrimmer(), (part) => part.stop());
  const { ledger, logs, recorder, health } = await openTelemetry(config, data, onClose);
  const artifacts = openFilesystemArtifacts({
    dataDir: data.path,
    trees: config.isolation === 'sandbox' ? 'link' : 'copy',
  });
  onClose(artifacts, (part) => part.close());
  const fetched = await openRuntimeStore(data, clock);
  const python = new PythonRuntime(config.python, data, import.meta.dirname);
  const runtimes = withPython(fetched, python);
  const sources = withPythonSource(await runtimeSource(fetched, data, import.meta.dirname), python);
  const images = await openImageStore(data, artifacts, clock);
  const driver = await openDriver(config, data, withImages(sources, images));

  const gatewayPlace = Promise.withResolvers<GatewayPlace>();
  const dispatcher = new Dispatcher(
    {
      driver,
      artifacts,
      telemetry: recorder,
      clock,
      load: openMachineLoad(),
      gateway: gatewayPlace.promise,
      credentials: { issue: (version) => accessKeys.issue(version) },
      onDefect: (error) => reportDefect(error, 'guest'),
    },
    schedulerLimits(config),
  );
  const intake: Intake[] = [];
  onClose(dispatcher, (part) => drain(intake, part, config.drainTimeoutMs));
  const live = new LiveApps((change) => dispatcher.swapped(change));
  const invoker = new FunctionInvoker({
    live,
    dispatcher,
    releases: { find: (app, environment, release) => plane.stored.find(app, environment, release) },
    resultBytesMax: config.responseBytesMax,
  });
  const gateway = new Gateway(live, dispatcher, { limits: config, domains: config.domains });
  intake.push(gateway);
  const webhooks = new SqliteWebhookStore(database);
  const lambdaStore = new SqliteLambdaStore(database);
  const sealer = new SecretSealer(data.masterKey());
  const notifications = new Notifications({
    store: webhooks,
    sender: new HttpWebhookSender(),
    sealer,
    clock,
    urlOf: (app, environment) => `${plane.urls.baseOf(app, environment)}/`,
    onDefect: (error) => reportDefect(error, 'notification'),
  });
  onClose(notifications, (part) => part.close());
  const warmness = new ReleaseWarmness(live, dispatcher);
  const plane = await startControlPlane({
    onActivity: notifications.tell,
    store,
    artifacts,
    publisher: live,
    warmness,
    health,
    probe: new NodeHttpProbe(),
    retention: config,
    clock,
    runtimeStore: runtimes,
    imageStore: imagesFor(config, images),
    masterKey: data.masterKey(),
    operatorToken: data.operatorToken(),
    abilities: {
      runtimes: Object.keys(RUNTIMES),
      dialects: Object.keys(DIALECTS),
      resourceKinds: [],
      triggerKinds: [],
    },
    gatewayUrl: () => gatewayUrl,
    furtherArtifacts: () => lambdaStore.listArtifacts(),
  });
  const accessKeys = new AccessKeys({
    tokens: plane.tokens,
    masterKey: data.masterKey(),
    region: config.awsRegion,
    endpointUrl: () => nearUrl(edgeUrl),
  });
  if (plane.live.count().functions > FUNCTIONS_TO_COLLECT_AFTER) heap.collectAll();
  onClose(plane.collector, (part) => part.stop()).start((thrown) =>
    reportDefect(toMayflyError(thrown), 'collector'),
  );
  onClose(plane.canaries, (part) => part.stop()).start((thrown) =>
    reportDefect(toMayflyError(thrown), 'canary'),
  );
  onClose(plane.deploys, (part) => part.close());
  // Before the deploys that wait for them.
  onClose(fetched, (part) => part.close());
  onClose(images, (part) => part.close());
  // After the control plane: what was left from before needs its functions to be live.
  const asyncInvoker = await AsyncInvocations.start({
    store: new SqliteAsyncInvocationStore(database),
    invoker,
    clock,
    random: Math.random,
    rules: new EventRules({ store: lambdaStore, live: plane.live, clock, region: config.awsRegion }),
    onDefect: (error) => reportDefect(error, 'async'),
  });
  intake.push(asyncInvoker);
  const status = (): Status => ({
    version: VERSION,
    node: process.version,
    python: python.python?.version ?? null,
    pid: process.pid,
    startedAt,
    isolation: { driver: driver.name, guarantees: { ...driver.guarantees } },
    listeners: { gateway: gatewayUrl, control: controlUrl, edge: edgeUrl },
    ...plane.live.count(),
    ...liveCounts(dispatcher),
    asyncCalls: asyncInvoker.counts(),
    memory: memoryNow(),
  });
  const repositories = openRepositories(data.folder('git', 0o700), findProgram);
  onClose(repositories, (part) => part.close());
  const gitDeployments = new GitDeployments({
    repositories,
    builder: lazyBuilder(() => openBuilder(config, data, import.meta.dirname, artifacts, onClose)),
    target: new PlaneTarget(plane),
    buildsMax: config.buildsMax,
    onDefect: (error) => reportDefect(error, 'git'),
  });
  const hooks = new Hooks({
    store: webhooks,
    repositories,
    deployments: gitDeployments,
    sealer,
    clock,
    onDefect: (error) => reportDefect(error, 'hook'),
  });
  await onClose(hooks, (part) => part.close()).resume();
  const logReader = new StoredLogReader(logs);
  const api = await createControlApi({
    ...plane,
    webhooks,
    notifications,
    repositories,
    gitDeployments,
    hooks,
    artifacts,
    invoker,
    asyncInvoker,
    logs: logReader,
    usage: new LedgerReporter(ledger, clock),
    clock,
    accessKeys,
    edgeUrl: () => edgeUrl,
    status,
    hosts: [config.host],
    version: VERSION,
    onDefect: (error, requestId) => reportDefect(error, requestId),
  });
  intake.push(api);
  const edge = await openEdge({
    config,
    accessKeys,
    store: lambdaStore,
    plane,
    artifacts,
    invoker,
    asyncInvoker,
    logs: logReader,
    warmness,
    clock,
    region: config.awsRegion,
    quotas: config,
    masterKey: data.masterKey(),
    edgeUrl: () => nearUrl(edgeUrl),
    unpacker: onClose(new ThreadUnpacker(data.folder('unpacking', 0o700)), (part) => part.close()),
  });
  intake.push(edge);

  const { host } = config;
  const edgeUrl = urlOf(host, await edge.listen(config.edgePort, host));
  const gatewayUrl = urlOf(host, await gateway.listen(config.gatewayPort, host));
  gatewayPlace.resolve({ url: gatewayUrl, domains: config.domains });
  const controlUrl = await api.listen({ host, port: config.controlPort });
  data.announce({ pid: process.pid, gatewayUrl, controlUrl, edgeUrl });
  dispatcher.prewarm(DEFAULT_RUNTIME, 'full');
  // Nothing waits for it; who needs it learns what is wrong.
  python.look().catch(() => {});
  onClose(new NewSpaceBound(), (part) => part.stop());
  return { gatewayUrl, controlUrl, edgeUrl };
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The same listener as programs of this machine reach it. */
function nearUrl(url: string): string {
  return url.replace(/(?<=^http:\/\/)(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
}

function schedulerLimits(config: Config): SchedulerLimits {
  return {
    ...DEFAULT_SCHEDULER_LIMITS,
    instancesMax: config.instancesMax,
    projectInstancesMax: config.projectInstancesMax,
    memoryMbMax: config.instanceMemoryMbMax,
    prewarmMin: config.prewarmMin,
    prewarmMax: Math.max(config.prewarmMin, config.prewarmMax),
    idleFreezeMs: config.idleFreezeMs,
    bootsParallelMax: 2 * availableParallelism(),
  };
}

function liveCounts(dispatcher: Dispatcher): Pick<Status, 'instances' | 'calls'> {
  const { instances, ...calls } = dispatcher.counts();
  return { instances, calls };
}

function memoryNow(): Status['memory'] {
  const { rss, heapUsed } = process.memoryUsage();
  return { rssMb: Math.round(rss / 2 ** 20), heapMb: Math.round(heapUsed / 2 ** 20) };
}
