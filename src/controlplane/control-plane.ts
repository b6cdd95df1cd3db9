import { KeyedLock } from '../kit/keyed-lock.ts';
import type { ActivityListener } from '../ports/activity-listener.ts';
import type { ArtifactStore } from '../ports/artifacts.ts';
import type { Clock } from '../ports/clock.ts';
import type { SnapshotPublisher } from '../ports/data-plane.ts';
import type { HttpProbe } from '../ports/http-probe.ts';
import type { ImageStore } from '../ports/image-store.ts';
import type { ReleaseHealth } from '../ports/release-health.ts';
import type { ReleaseSource } from '../ports/release-source.ts';
import type { ReleaseStore } from '../ports/release-store.ts';
import type { RuntimeStore } from '../ports/runtime-store.ts';
import type { Warmness } from '../ports/warmness.ts';
import { Activations } from './releases/activations.ts';
import { AppUrls } from './releases/app-urls.ts';
import { ArtifactCollector } from './releases/artifact-collector.ts';
import { CanaryTimer } from './releases/canary-timer.ts';
import { Candidates } from './releases/candidates.ts';
import type { Checkpoint } from './releases/checkpoint.ts';
import { Deploys } from './releases/deploys.ts';
import { Environments } from './releases/environments.ts';
import { GuardWatch } from './releases/guard-watch.ts';
import { LiveApps } from './releases/live-apps.ts';
import type { Abilities } from './releases/release-rules.ts';
import { Releases } from './releases/releases.ts';
import { ResourceGuard } from './releases/resource-guard.ts';
import { Retention, type RetentionSettings } from './releases/retention.ts';
import { SmokeTests } from './releases/smoke-tests.ts';
import { SnapshotBuilder } from './releases/snapshot-builder.ts';
import { StoredReleases } from './releases/stored-releases.ts';
import { Runtimes } from './runtimes/runtimes.ts';
import { SecretSealer } from './secrets/secret-sealer.ts';
import { Tokens } from './tokens/tokens.ts';
import { Variables } from './variables/variables.ts';

export interface ControlPlaneDeps {
  readonly store: ReleaseStore;
  readonly artifacts: ArtifactStore;
  readonly publisher: SnapshotPublisher;
  readonly warmness: Warmness;
  readonly health: ReleaseHealth;
  /** For smoke tests. */
  readonly probe: HttpProbe;
  readonly clock: Clock;
  /** 32 random bytes that seal the secrets. */
  readonly masterKey: Uint8Array;
  readonly operatorToken: string;
  readonly abilities: Abilities;
  readonly runtimeStore: RuntimeStore;
  /** Artifacts that others than releases need. */
  readonly furtherArtifacts?: () => Promise<ReadonlySet<string>>;
  readonly imageStore: ImageStore;
  readonly retention: RetentionSettings;
  /** Where the gateway listens, `http://127.0.0.1:8080`. */
  readonly gatewayUrl: () => string;
  /** Told of every change of an environment's traffic. */
  readonly onActivity?: ActivityListener;
  readonly checkpoint?: Checkpoint;
}

/** What changes what is deployed. */
export interface ControlPlane {
  readonly live: LiveApps;
  readonly releases: Releases;
  /** To be closed before the store is. */
  readonly deploys: Deploys;
  readonly environments: Environments;
  readonly health: ReleaseHealth;
  readonly stored: ReleaseSource;
  readonly variables: Variables;
  readonly tokens: Tokens;
  readonly runtimes: Runtimes;
  readonly urls: AppUrls;
  /** To be started and stopped with the node. */
  readonly canaries: CanaryTimer;
  /** To be started and stopped with the node. */
  readonly collector: ArtifactCollector;
}

/** Builds the control plane and publishes everything that the store says is active. */
export async function startControlPlane(deps: ControlPlaneDeps): Promise<ControlPlane> {
  const { publisher, checkpoint = () => {}, onActivity = () => {} } = deps;
  const sealer = new SecretSealer(deps.masterKey);
  const builder = new SnapshotBuilder(sealer, deps.abilities.triggerKinds);
  const live = new LiveApps(publisher);
  const urls = new AppUrls(deps.gatewayUrl);
  const { store, clock } = deps;
  const retention = new Retention(store, clock, deps.retention);
  const smoke = new SmokeTests(deps.probe, deps.gatewayUrl, clock);
  const resources = new ResourceGuard(store, live);
  const runtimes = new Runtimes({ ...deps, live });
  const parts = {
    ...deps,
    live,
    runtimes,
    builder,
    urls,
    retention,
    resources,
    sealer,
    checkpoint,
    onActivity,
  };
  const shared = { ...parts, smoke, lock: new KeyedLock() };
  await live.load(store, builder);
  const activations = new Activations(shared);
  activations.resume();
  const changing = { ...shared, activations, candidates: new Candidates(shared) };
  return {
    live,
    releases: new Releases(shared),
    deploys: new Deploys(changing),
    environments: new Environments(changing),
    health: deps.health,
    stored: new StoredReleases(store, builder),
    variables: new Variables(shared),
    tokens: new Tokens(store, clock, deps.operatorToken),
    runtimes,
    urls,
    canaries: new CanaryTimer({ ...changing, guards: new GuardWatch(deps.health) }),
    collector: new ArtifactCollector(shared),
  };
}
