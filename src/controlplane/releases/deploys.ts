import type { ReleaseManifest } from '../../contract/manifest.ts';
import type { DeployAnswer, DeployRequest, DeployStage } from '../../contract/release-api.ts';
import { RUNTIMES } from '../../contract/runtimes.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';
import { NO_TRAFFIC, type Traffic } from '../../domain/traffic.ts';
import type { ArtifactStore } from '../../ports/artifacts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImageStore } from '../../ports/image-store.ts';
import type { ReleaseRecord, ReleaseStore } from '../../ports/release-store.ts';
import type { Runtimes } from '../runtimes/runtimes.ts';
import type { Activations } from './activations.ts';
import type { AppUrls } from './app-urls.ts';
import { canaryStart } from './canary-start.ts';
import type { Candidate, Candidates } from './candidates.ts';
import type { Checkpoint } from './checkpoint.ts';
import { deployAnswerOf } from './deploy-answer.ts';
import type { LiveApps } from './live-apps.ts';
import type { LiveEnvironment } from './live-environment.ts';
import { checkRelease } from './release-check.ts';
import { releaseIdOf } from './release-id.ts';
import type { Abilities } from './release-rules.ts';
import type { ResourceGuard } from './resource-guard.ts';
import type { Retention } from './retention.ts';
import type { TrafficCommand } from './traffic/traffic-command.ts';
import { decide } from './traffic/traffic-decision.ts';

interface DeploysDeps {
  readonly store: ReleaseStore;
  readonly artifacts: ArtifactStore;
  readonly live: LiveApps;
  readonly activations: Activations;
  readonly candidates: Candidates;
  readonly resources: ResourceGuard;
  readonly retention: Retention;
  readonly urls: AppUrls;
  readonly clock: Clock;
  readonly abilities: Abilities;
  readonly runtimes: Runtimes;
  readonly imageStore: ImageStore;
  readonly checkpoint: Checkpoint;
}

/** Told of each stage as it begins. */
export type DeployListener = (stage: DeployStage, message: string) => void;

/**
 * Deploys: check → (fetch runtimes) → upload → (unpack images) → resources → warm → smoke → activate. What fails before the last stage leaves everything as it was; the
 * last one is one transaction. Several deploys of one app may be on their way; they are activated one after another.
 */
export class Deploys {
  readonly #deps: DeploysDeps;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(deps: DeploysDeps) {
    this.#deps = deps;
  }

  /**
   * Records a release and serves it as the request says. A release that serves already is ALREADY_LIVE, with the answer that a deploy
   * would have had in `details.answer`.
   * @throws MayflyError VALIDATION_FAILED, CONFLICT (a preview of a name that is taken), ALREADY_LIVE, CANARY_ACTIVE, RESOURCES_LOST, SMOKE_FAILED, FUNCTION_INIT_FAILED,
   * FUNCTION_INIT_TIMEOUT, RUNTIME_UNAVAILABLE, STORAGE_FULL, SHUTTING_DOWN
   */
  async deploy(
    app: string,
    request: DeployRequest,
    by: string,
    onStage: DeployListener = () => {},
  ): Promise<DeployAnswer> {
    if (this.#closed) throw new MayflyError('SHUTTING_DOWN', 'The node is draining.');
    const running = this.#deploy(app, request, by, onStage);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Refuses what comes from now on, ends the checks under way, and waits for what cannot be ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#deps.candidates.close();
    await Promise.allSettled(this.#running);
  }

  async #deploy(
    app: string,
    request: DeployRequest,
    by: string,
    onStage: DeployListener,
  ): Promise<DeployAnswer> {
    const { artifacts, resources, candidates, runtimes, abilities, checkpoint } = this.#deps;
    const { environment, manifest, message = '' } = request;
    onStage('check', `${manifest.functions.length} functions`);
    checkRelease({ app, environment, manifest, artifacts: request.artifacts }, abilities);
    const release = { id: releaseIdOf(manifest), app, createdBy: by, message, manifest };
    const command = commandOf(request, release.id);
    this.#refuseAsPreview(app, request);
    this.#tryOut(app, environment, command);
    checkpoint('deploy.checked');
    const needed = manifest.functions.map(({ runtime }) => runtime);
    await runtimes.ensure(needed, (name) => onStage('runtime', name));
    onStage('upload', `${request.artifacts.length} artifacts`);
    for (const files of request.artifacts) await artifacts.assemble(files);
    await this.#prepareImages(manifest, onStage);
    checkpoint('deploy.assembled');
    onStage('resources', `${manifest.resources?.length ?? 0} declared`);
    await resources.check({ app, environment, manifest, allowDestroy: request.allowDestroy ?? false });
    const place = { app, environment, release: release.id, manifest };
    const candidate = await candidates.check(place, onStage);
    try {
      onStage('activate', activationText(command));
      const live = await this.#activate(request, command, release, candidate);
      const { traffic } = live?.record ?? { traffic: NO_TRAFFIC };
      const [serving, state] =
        traffic.stable === release.id
          ? ([live?.stable, 'live'] as const)
          : traffic.canary?.release === release.id
            ? ([live?.canary, 'canary'] as const)
            : ([candidate.snapshot, 'inactive'] as const);
      return this.#answer(serving ?? candidate.snapshot, state);
    } finally {
      candidates.drop(candidate);
    }
  }

  /** So that whoever made a bad image is told, and no call waits for it. */
  async #prepareImages({ functions }: ReleaseManifest, onStage: DeployListener): Promise<void> {
    const images = functions.filter(({ runtime }) => RUNTIMES[runtime]?.image === true);
    for (const { name, artifact } of images) {
      onStage('image', name);
      await this.#deps.imageStore.prepare(artifact);
    }
  }

  /** Whoever deploys a preview must not replace what an environment of that name is there for. */
  #refuseAsPreview(app: string, { environment, kind }: DeployRequest): void {
    if (kind !== 'preview' || this.#deps.live.find(app, environment)?.record.kind !== 'permanent') return;
    throw new MayflyError('CONFLICT', `${environment} of ${app} exists already, and is no preview.`);
  }

  /** Says early what the activation would refuse. */
  #tryOut(app: string, environment: string, command: TrafficCommand | null): void {
    if (command === null) return;
    const { live, clock } = this.#deps;
    const serving = live.find(app, environment);
    this.#decide(serving, command, serving?.record.traffic ?? NO_TRAFFIC, clock.wall());
  }

  #decide(
    serving: LiveEnvironment | null,
    command: TrafficCommand,
    traffic: Traffic,
    now: number,
  ): ReturnType<typeof decide> {
    try {
      return decide(traffic, command, now);
    } catch (thrown) {
      if (!(thrown instanceof MayflyError) || thrown.code !== 'ALREADY_LIVE' || !serving?.stable)
        throw thrown;
      const answer = this.#answer(serving.stable, 'live');
      throw new MayflyError('ALREADY_LIVE', thrown.message, { details: { answer } });
    }
  }

  async #activate(
    { environment, kind }: DeployRequest,
    command: TrafficCommand | null,
    release: Omit<ReleaseRecord, 'createdAt'>,
    candidate: Candidate,
  ): Promise<LiveEnvironment | null> {
    const { store, live, activations, retention, clock, checkpoint } = this.#deps;
    const { app, createdBy: by } = release;
    if (command === null) {
      await store.insertRelease({ ...release, createdAt: clock.wall() });
      checkpoint('release.recorded');
      await retention.prune(app);
      return live.find(app, environment);
    }
    const activated = await activations.change({
      app,
      environment,
      by,
      release,
      candidate,
      ...(kind === undefined ? {} : { kind }),
      decide: (traffic, now) => this.#decide(live.find(app, environment), command, traffic, now),
    });
    await retention.prune(app);
    return activated?.live ?? null;
  }

  #answer(snapshot: AppSnapshot, state: DeployAnswer['state']): DeployAnswer {
    return deployAnswerOf(snapshot, state, this.#deps.urls);
  }
}

/** Null: it is kept, and serves nobody. @throws MayflyError VALIDATION_FAILED (a canary without a plan, production as a preview) */
function commandOf(request: DeployRequest, release: string): TrafficCommand | null {
  const { activate = 'yes', environment, kind, message = '' } = request;
  if (kind === 'preview' && environment === 'production') {
    throw new MayflyError('VALIDATION_FAILED', 'The environment "production" is no preview.');
  }
  if (activate === 'no') return null;
  if (activate === 'yes') return { kind: 'activate', cause: 'deploy', release, reason: message };
  const plan = request.canary ?? request.manifest.canary;
  return canaryStart(plan, { cause: 'deploy', release, reason: message });
}

function activationText(command: TrafficCommand | null): string {
  if (command === null) return 'kept, not activated';
  return command.kind === 'canary-start' ? 'for a share of the clients' : 'for everybody';
}
