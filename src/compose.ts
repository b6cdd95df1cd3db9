import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { openFilesystemArtifacts } from './adapters/artifacts/filesystem-artifacts.ts';
import { systemClock } from './adapters/clock/system-clock.ts';
import { DataFolder } from './adapters/data-folder/data-folder.ts';
import { openRepositories } from './adapters/git/bare-repositories.ts';
import { HeapTrimmer } from './adapters/heap/heap-trimmer.ts';
import { NewSpaceBound } from './adapters/heap/new-space-bound.ts';
import { NodeHttpProbe } from './adapters/http-probe/node-http-probe.ts';
import { openMachineLoad } from './adapters/machine-load/proc-load.ts';
import { NpmBuilder } from './adapters/npm-builds/npm-builder.ts';
import { openBubblewrap } from './adapters/sandboxes/bubblewrap.ts';
import { openPlainWorkspaces } from './adapters/sandboxes/plain-workspaces.ts';
import { openProcesses } from './adapters/sandboxes/process.ts';
import type { SandboxOptions } from './adapters/sandboxes/sandbox-options.ts';
import { openSandboxedWorkspaces } from './adapters/sandboxes/sandboxed-workspaces.ts';
import { logCodec } from './adapters/segments/log-codec.ts';
import { SegmentDirectory } from './adapters/segments/segment-directory.ts';
import { LOG_SEGMENT_LIMITS, USAGE_SEGMENT_LIMITS } from './adapters/segments/segment-limits.ts';
import { SegmentStore } from './adapters/segments/segment-store.ts';
import { usageCodec } from './adapters/segments/usage-codec.ts';
import { SqliteAsyncInvocationStore } from './adapters/sqlite/async-invocation-store.ts';
import { openDatabase } from './adapters/sqlite/database.ts';
import { SqliteReleaseStore } from './adapters/sqlite/release-store.ts';
import { SqliteWebhookStore } from './adapters/sqlite/webhook-store.ts';
import { HttpWebhookSender } from './adapters/webhooks/http-webhook-sender.ts';
import type { Config } from './config.ts';
import type { Status } from './contract/control-api.ts';
import { createControlApi } from './controlplane/api/control-api.ts';
import { startControlPlane } from './controlplane/control-plane.ts';
import { GitDeployments } from './controlplane/git/git-deployments.ts';
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
import { type MayflyError, toMayflyError } from './domain/errors.ts';
import type { LogRecord, UsageRecord } from './domain/invocation.ts';
import type { ArtifactStore } from './ports/artifacts.ts';
import type { SandboxDriver } from './ports/sandbox.ts';
import type { SourceBuilder } from './ports/source-builder.ts';
import { AsyncInvocations } from './services/async-invocations/async-invocations.ts';
import { LogSink } from './services/logs/log-sink.ts';
import { StoredLogReader } from './services/logs/stored-log-reader.ts';
import { WatchedReleases } from './services/release-health/watched-releases.ts';
import { TelemetryRecorder } from './services/telemetry/telemetry-recorder.ts';
import { LedgerReporter } from './services/usage/ledger-reporter.ts';
import { type UsageSums, usageRollup } from './services/usage/usage-rollup.ts';

/** A node that serves. */
export interface RunningNode {
  readonly dataDir: string;
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  /** Stops accepting, finishes calls within `drainTimeoutMs`, flushes what was recorded, frees the data folder. */
  close(): Promise<void>;
}

const RUNTIME = 'nodejs24';
const DIALECTS = ['fetch', 'event', 'lambda'];
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

type OnClose = <T>(part: T, close: (part: T) => Promise<void> | void) => T;

async function assemble(
  config: Config,
  onClose: OnClose,
): Promise<Pick<RunningNode, 'gatewayUrl' | 'controlUrl'>> {
  const clock = systemClock;
  const startedAt = clock.wall();
  const data = onClose(DataFolder.open(config.data), (folder) => folder.close());
  // First, since it may be a newer Mayfly's: then nothing else in the folder is touched.
  const database = openDatabase(join(data.path, 'mayfly.db'));
  const store = onClose(new SqliteReleaseStore(database), (part) => part.close());
  onClose(new HeapTrimmer(), (part) => part.stop());
  const { ledger, logs, recorder, health } = await openTelemetry(config, data, onClose);
  const artifacts = openFilesystemArtifacts({
    dataDir: data.path,
    trees: config.isolation === 'sandbox' ? 'link' : 'copy',
  });
  onClose(artifacts, (part) => part.close());
  const driver = await openDriver(config, data);

  const gatewayPlace = Promise.withResolvers<GatewayPlace>();
  const dispatcher = new Dispatcher(
    {
      driver,
      artifacts,
      telemetry: recorder,
      clock,
      load: openMachineLoad(),
      gateway: gatewayPlace.promise,
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
  const notifications = new Notifications({
    store: webhooks,
    sender: new HttpWebhookSender(),
    sealer: new SecretSealer(data.masterKey()),
    clock,
    urlOf: (app, environment) => `${plane.urls.baseOf(app, environment)}/`,
    onDefect: (error) => reportDefect(error, 'notification'),
  });
  onClose(notifications, (part) => part.close());
  const plane = await startControlPlane({
    onActivity: notifications.tell,
    store,
    artifacts,
    publisher: live,
    warmness: new ReleaseWarmness(live, dispatcher),
    health,
    probe: new NodeHttpProbe(),
    retention: config,
    clock,
    masterKey: data.masterKey(),
    operatorToken: data.operatorToken(),
    abilities: { runtimes: [RUNTIME], dialects: DIALECTS },
    gatewayUrl: () => gatewayUrl,
  });
  onClose(plane.collector, (part) => part.stop()).start((thrown) =>
    reportDefect(toMayflyError(thrown), 'collector'),
  );
  onClose(plane.canaries, (part) => part.stop()).start((thrown) =>
    reportDefect(toMayflyError(thrown), 'canary'),
  );
  onClose(plane.deploys, (part) => part.close());
  // After the control plane: what was left from before needs its functions to be live.
  const asyncInvoker = await AsyncInvocations.start({
    store: new SqliteAsyncInvocationStore(database),
    invoker,
    clock,
    random: Math.random,
    onDefect: (error) => reportDefect(error, 'async'),
  });
  intake.push(asyncInvoker);
  const status = (): Status => ({
    version: VERSION,
    node: process.version,
    pid: process.pid,
    startedAt,
    isolation: { driver: driver.name, guarantees: { ...driver.guarantees } },
    listeners: { gateway: gatewayUrl, control: controlUrl },
    ...plane.live.count(),
    ...liveCounts(dispatcher),
    asyncCalls: asyncInvoker.counts(),
    memory: memoryNow(),
  });
  const repositories = openRepositories(data.folder('git', 0o700));
  onClose(repositories, (part) => part.close());
  const api = await createControlApi({
    ...plane,
    webhooks,
    notifications,
    repositories,
    gitDeployments: new GitDeployments({
      repositories,
      builder: lazyBuilder(() => openBuilder(config, data, artifacts, onClose)),
      target: new PlaneTarget(plane),
      buildsMax: config.buildsMax,
      onDefect: (error) => reportDefect(error, 'git'),
    }),
    artifacts,
    invoker,
    asyncInvoker,
    logs: new StoredLogReader(logs),
    usage: new LedgerReporter(ledger, clock),
    clock,
    status,
    hosts: [config.host],
    version: VERSION,
    onDefect: (error, requestId) => reportDefect(error, requestId),
  });
  intake.push(api);

  const gatewayPort = await gateway.listen(config.gatewayPort, config.host);
  const gatewayUrl = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${gatewayPort}`;
  gatewayPlace.resolve({ url: gatewayUrl, domains: config.domains });
  const controlUrl = await api.listen({ host: config.host, port: config.controlPort });
  data.announce({ pid: process.pid, gatewayUrl, controlUrl });
  dispatcher.prewarm(RUNTIME, 'full');
  onClose(new NewSpaceBound(), (part) => part.stop());
  return { gatewayUrl, controlUrl };
}

/** What brings calls in. */
interface Intake {
  /** Takes nothing new at once; waits for what is under way up to `graceMs`, and little longer. */
  close(graceMs: number): Promise<void>;
}

/** Takes no more calls, then lets those under way end, all of them within one and the same `graceMs`. */
async function drain(intake: readonly Intake[], dispatcher: Dispatcher, graceMs: number): Promise<void> {
  const until = systemClock.now() + graceMs;
  const closed = Promise.all(intake.map((part) => part.close(graceMs)));
  // A request that is still on its way in may become a call.
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    closed,
    new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    }),
  ]);
  clearTimeout(timer);
  await dispatcher.close(Math.max(0, until - systemClock.now()));
  await closed;
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

interface Telemetry {
  readonly ledger: SegmentStore<UsageRecord, UsageSums>;
  readonly logs: SegmentStore<LogRecord>;
  readonly recorder: TelemetryRecorder;
  readonly health: WatchedReleases;
}

async function openTelemetry(config: Config, data: DataFolder, onClose: OnClose): Promise<Telemetry> {
  const clock = systemClock;
  const ledger = await SegmentStore.open({
    directory: new SegmentDirectory(data.folder('usage', 0o700)),
    codec: usageCodec,
    limits: { ...USAGE_SEGMENT_LIMITS, bytesMax: config.usageBytesMax, ageMsMax: config.usageAgeMsMax },
    clock,
    rollup: usageRollup,
    onFailure: reportDefect,
  });
  onClose(ledger, (part) => part.close());
  const logs = await SegmentStore.open<LogRecord>({
    directory: new SegmentDirectory(data.folder('logs', 0o700)),
    codec: logCodec,
    limits: { ...LOG_SEGMENT_LIMITS, bytesMax: config.logBytesMax, ageMsMax: config.logAgeMsMax },
    clock,
    onFailure: reportDefect,
  });
  onClose(logs, (part) => part.close());
  const sink = onClose(new LogSink(logs, clock), (part) => part.close());
  const health = new WatchedReleases(clock);
  return { ledger, logs, recorder: new TelemetryRecorder(ledger, sink, health), health };
}

async function openDriver(config: Config, data: DataFolder): Promise<SandboxDriver> {
  const { partsOf } = await import('./build/guest-code-cache.ts');
  const guestFile = await findGuest(data);
  const options: SandboxOptions = {
    runDir: data.folder('run'),
    runtimes: {
      [RUNTIME]: { executable: process.execPath, arguments: [], guestFile, guestParts: partsOf(guestFile) },
    },
  };
  return config.isolation === 'sandbox' ? openBubblewrap(options) : openProcesses(options);
}

/** Most nodes never build: what that needs is opened at the first build. */
function lazyBuilder(open: () => Promise<SourceBuilder>): SourceBuilder {
  let opened: Promise<SourceBuilder> | null = null;
  return {
    build: async (build) => {
      opened ??= open();
      opened.catch(() => {
        opened = null;
      });
      return (await opened).build(build);
    },
  };
}

/** Builds of pushed source run as isolated as functions do. */
async function openBuilder(
  config: Config,
  data: DataFolder,
  artifacts: ArtifactStore,
  onClose: OnClose,
): Promise<SourceBuilder> {
  const { program, readable } = ownProgram();
  const folder = data.folder('builds', 0o700);
  const programs = { node: realpathSync(process.execPath), readable };
  const limits = { memoryMb: config.buildMemoryMbMax };
  const open = config.isolation === 'sandbox' ? openSandboxedWorkspaces : openPlainWorkspaces;
  const workspaces = onClose(await open(folder, programs, limits), (part) => part.close());
  return new NpmBuilder({ workspaces, artifacts, mayfly: ['node', program], stepMs: config.buildTimeoutMs });
}

/** The file that starts Mayfly, and what it reads to run: its own code and its packages, no other file of a checkout. */
function ownProgram(): { readonly program: string; readonly readable: readonly string[] } {
  const program = ['main.ts', 'main.js'].map((name) => join(import.meta.dirname, name)).find(existsSync)!;
  const root = join(import.meta.dirname, '..');
  const own = ['package.json', 'src', 'dist', 'guest', 'schema', 'templates'].map((name) => join(root, name));
  const beside = dirname(root);
  const packages = [join(root, 'node_modules'), ...(basename(beside) === 'node_modules' ? [beside] : [])];
  const present = [...own, ...packages].filter(existsSync);
  return { program, readable: [...new Set([...present, ...present.map((path) => realpathSync(path))])] };
}

/** The guest: shipped ready in the published package, bundled at the start of a checkout. */
async function findGuest(data: DataFolder): Promise<string> {
  const shipped = join(import.meta.dirname, 'guest', 'node.cjs');
  if (existsSync(shipped)) {
    const { guestWithCodeCache } = await import('./build/guest-code-cache.ts');
    return guestWithCodeCache(shipped, data.folder('guest'));
  }
  const { bundleGuest } = await import('./build/guest-bundle.ts');
  const bundled = join(data.folder('guest'), 'node.cjs');
  await bundleGuest(bundled);
  return bundled;
}

/** The platform's own log: what the operator must know goes to standard error, one line each. */
function reportDefect(error: MayflyError, subject = ''): void {
  const about = subject === '' ? '' : ` [${subject}]`;
  const cause = typeof error.cause === 'string' ? `\n${error.cause}` : '';
  process.stderr.write(
    `${new Date().toISOString()} ${error.code}${about} ${error.stack ?? error.message}${cause}\n`,
  );
}
