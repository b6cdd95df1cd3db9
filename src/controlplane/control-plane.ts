import { KeyedLock } from '../kit/keyed-lock.ts';
import type { ArtifactStore } from '../ports/artifacts.ts';
import type { Clock } from '../ports/clock.ts';
import type { SnapshotPublisher } from '../ports/data-plane.ts';
import type { ReleaseStore } from '../ports/release-store.ts';
import { AppUrls } from './releases/app-urls.ts';
import { ArtifactCollector } from './releases/artifact-collector.ts';
import { LiveApps } from './releases/live-apps.ts';
import type { Abilities } from './releases/release-rules.ts';
import { Releases } from './releases/releases.ts';
import { SnapshotBuilder } from './releases/snapshot-builder.ts';
import { SecretSealer } from './secrets/secret-sealer.ts';
import { Tokens } from './tokens/tokens.ts';
import { Variables } from './variables/variables.ts';

interface ControlPlaneDeps {
  readonly store: ReleaseStore;
  readonly artifacts: ArtifactStore;
  readonly publisher: SnapshotPublisher;
  readonly clock: Clock;
  /** 32 random bytes that seal the secrets. */
  readonly masterKey: Uint8Array;
  readonly operatorToken: string;
  readonly abilities: Abilities;
  /** Where the gateway listens, `http://127.0.0.1:8080`. */
  readonly gatewayUrl: () => string;
}

/** What changes what is deployed. */
export interface ControlPlane {
  readonly live: LiveApps;
  readonly releases: Releases;
  readonly variables: Variables;
  readonly tokens: Tokens;
  readonly urls: AppUrls;
  /** To be started and stopped with the node. */
  readonly collector: ArtifactCollector;
}

/** Builds the control plane and publishes everything that the store says is active. */
export async function startControlPlane(deps: ControlPlaneDeps): Promise<ControlPlane> {
  const { store, artifacts, publisher, clock, abilities } = deps;
  const sealer = new SecretSealer(deps.masterKey);
  const builder = new SnapshotBuilder(sealer);
  const live = new LiveApps(publisher);
  const lock = new KeyedLock();
  await live.load(store, builder);
  return {
    live,
    releases: new Releases({ store, artifacts, live, builder, lock, clock, abilities }),
    variables: new Variables({ store, live, builder, sealer, lock, clock }),
    tokens: new Tokens(store, clock, deps.operatorToken),
    urls: new AppUrls(deps.gatewayUrl),
    collector: new ArtifactCollector(store, artifacts),
  };
}
