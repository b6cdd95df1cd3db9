import type {
  CanaryRequest,
  CloneRequest,
  EnvironmentDescription,
  EnvironmentList,
  PromoteRequest,
  RollbackRequest,
  TrafficAnswer,
} from '../../contract/release-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import { NO_TRAFFIC } from '../../domain/traffic.ts';
import type { KeyedLock } from '../../kit/keyed-lock.ts';
import type { ReleaseHealth } from '../../ports/release-health.ts';
import type { ReleaseRecord, ReleaseStore, VariableRecord } from '../../ports/release-store.ts';
import type { SecretSealer } from '../secrets/secret-sealer.ts';
import { type Activated, type Activations, releaseNotFound } from './activations.ts';
import type { AppUrls } from './app-urls.ts';
import { canaryStart } from './canary-start.ts';
import type { Candidates } from './candidates.ts';
import type { Checkpoint } from './checkpoint.ts';
import { environmentSummaryOf, historyOf } from './environment-description.ts';
import type { LiveApps } from './live-apps.ts';
import type { LiveEnvironment } from './live-environment.ts';
import { checkAddress } from './release-check.ts';
import { appNotFound } from './releases.ts';
import type { ResourceGuard } from './resource-guard.ts';
import { withoutCollected } from './traffic/past-releases.ts';
import type { TrafficCommand } from './traffic/traffic-command.ts';
import { decide } from './traffic/traffic-decision.ts';

interface EnvironmentsDeps {
  readonly store: ReleaseStore;
  readonly live: LiveApps;
  readonly activations: Activations;
  readonly candidates: Candidates;
  readonly resources: ResourceGuard;
  readonly sealer: SecretSealer;
  readonly health: ReleaseHealth;
  /** By app; shared with `Activations`. */
  readonly lock: KeyedLock;
  readonly urls: AppUrls;
  readonly checkpoint: Checkpoint;
}

const HISTORY_SHOWN_MAX = 100;

/** Moves the pointers: which release an environment serves, to whom. */
export class Environments {
  readonly #deps: EnvironmentsDeps;

  constructor(deps: EnvironmentsDeps) {
    this.#deps = deps;
  }

  /** @throws MayflyError APP_NOT_FOUND */
  async list(app: string): Promise<EnvironmentList> {
    const { store, live, urls, health } = this.#deps;
    const environments = live.environmentsOf(app);
    if (environments.length === 0 && (await store.listReleases(app, 1)).length === 0) throw appNotFound(app);
    return {
      environments: environments.map((environment) => environmentSummaryOf(environment, urls, health)),
    };
  }

  /** @throws MayflyError NOT_FOUND */
  async describe(app: string, environment: string): Promise<EnvironmentDescription> {
    const { store, urls, health } = this.#deps;
    const live = this.#mustExist(app, environment);
    const history = await store.listHistory(app, environment, HISTORY_SHOWN_MAX);
    return { ...environmentSummaryOf(live, urls, health), history: historyOf(history) };
  }

  /**
   * Serves a release that is kept already. It is checked in its new place as a deploy checks it; the environment may be new.
   * @throws MayflyError RELEASE_NOT_FOUND, NOT_FOUND (`from`), VALIDATION_FAILED, ALREADY_LIVE, CANARY_ACTIVE, RESOURCES_LOST,
   * SMOKE_FAILED, FUNCTION_INIT_FAILED, FUNCTION_INIT_TIMEOUT
   */
  async promote(
    app: string,
    environment: string,
    request: PromoteRequest,
    by: string,
  ): Promise<TrafficAnswer> {
    const { live, activations, candidates, resources } = this.#deps;
    checkAddress(app, environment);
    const release = await this.#promoted(app, request);
    const { manifest, id } = release;
    const command = commandOf(request, release);
    // Says early what the activation would refuse.
    decide(live.find(app, environment)?.record.traffic ?? NO_TRAFFIC, command, 0);
    await resources.check({ app, environment, manifest, allowDestroy: request.allowDestroy ?? false });
    const candidate = await candidates.check({ app, environment, release: id, manifest }, () => {});
    try {
      const order = { app, environment, by, candidate };
      return answerOf(
        await activations.change({ ...order, decide: (traffic, now) => decide(traffic, command, now) }),
      );
    } finally {
      candidates.drop(candidate);
    }
  }

  /** @throws MayflyError NOT_FOUND, RELEASE_NOT_FOUND, NO_EARLIER_RELEASE, ALREADY_LIVE */
  async rollback(
    app: string,
    environment: string,
    request: RollbackRequest,
    by: string,
  ): Promise<TrafficAnswer> {
    const { store, activations } = this.#deps;
    const { reason = '' } = request;
    const release = request.release ?? null;
    this.#mustExist(app, environment);
    const activated = await activations.change({
      app,
      environment,
      by,
      decide: async (traffic, now) => {
        const kept = await store.listReleaseIds(app);
        if (release !== null && !kept.has(release)) throw releaseNotFound(app, release);
        const possible = withoutCollected(traffic, (id) => kept.has(id));
        return decide(possible, { kind: 'rollback', release, reason }, now);
      },
    });
    return answerOf(activated);
  }

  /** @throws MayflyError NOT_FOUND, NO_CANARY, VALIDATION_FAILED, CONFLICT */
  async canary(
    app: string,
    environment: string,
    { action, weight, reason = '' }: CanaryRequest,
    by: string,
  ): Promise<TrafficAnswer> {
    this.#mustExist(app, environment);
    if ((action === 'set') !== (weight !== undefined)) {
      throw new MayflyError('VALIDATION_FAILED', '"set" needs a weight, and nothing else takes one.');
    }
    const command: TrafficCommand =
      weight === undefined
        ? { kind: `canary-${action as Exclude<typeof action, 'set'>}`, reason }
        : { kind: 'canary-set', weight, reason };
    const order = { app, environment, by };
    return answerOf(
      await this.#deps.activations.change({
        ...order,
        decide: (traffic, now) => decide(traffic, command, now),
      }),
    );
  }

  /**
   * Makes a new environment with the stable release and the variables of another; secrets are sealed for their new place.
   * @throws MayflyError NOT_FOUND, RELEASE_NOT_FOUND (it serves nothing), CONFLICT (the new one exists), VALIDATION_FAILED
   */
  async clone(
    app: string,
    environment: string,
    { to, kind = 'permanent' }: CloneRequest,
    by: string,
  ): Promise<EnvironmentDescription> {
    const { store, live, activations, checkpoint } = this.#deps;
    this.#mustExist(app, environment);
    checkAddress(app, to);
    if (kind === 'preview' && to === 'production') {
      throw new MayflyError('VALIDATION_FAILED', 'The environment "production" is no preview.');
    }
    await activations.change({
      app,
      environment: to,
      by,
      kind,
      variables: async () => {
        const moved = (await store.listVariables(app, environment)).map((one) => this.#moved(one, to));
        checkpoint('clone.sealed');
        return moved;
      },
      decide: (traffic, now) => {
        if (live.find(app, to) !== null) {
          throw new MayflyError('CONFLICT', `The environment "${to}" of "${app}" is there already.`);
        }
        const release = live.find(app, environment)?.record.traffic.stable ?? null;
        if (release === null)
          throw new MayflyError('RELEASE_NOT_FOUND', `"${environment}" of "${app}" serves nothing.`);
        const reason = `Cloned from ${environment}.`;
        return decide(traffic, { kind: 'activate', cause: 'promote', release, reason }, now);
      },
    });
    return await this.describe(app, to);
  }

  /**
   * Removes an environment with its variables and its history.
   * @throws MayflyError VALIDATION_FAILED (production goes only with its app), NOT_FOUND
   */
  async remove(app: string, environment: string): Promise<void> {
    const { store, live, lock, health } = this.#deps;
    if (environment === 'production') {
      const text = `"production" goes only with the app: "mayfly remove ${app}".`;
      throw new MayflyError('VALIDATION_FAILED', text);
    }
    await lock.run(app, async () => {
      if (!(await store.removeEnvironment(app, environment))) throw environmentNotFound(app, environment);
      live.withdrawEnvironment(app, environment);
      health.unwatch(app, environment);
    });
  }

  async #promoted(app: string, { release, from }: PromoteRequest): Promise<ReleaseRecord> {
    if ((release === undefined) === (from === undefined)) {
      throw new MayflyError('VALIDATION_FAILED', 'Name either a release or the environment that has it.');
    }
    const id = release ?? this.#mustExist(app, from!).record.traffic.stable;
    if (id === null) throw new MayflyError('RELEASE_NOT_FOUND', `"${from}" of "${app}" serves nothing.`);
    const kept = await this.#deps.store.getRelease(app, id);
    if (kept === null) throw releaseNotFound(app, id);
    return kept;
  }

  #mustExist(app: string, environment: string): LiveEnvironment {
    const live = this.#deps.live.find(app, environment);
    if (live === null) throw environmentNotFound(app, environment);
    return live;
  }

  #moved(variable: VariableRecord, environment: string): VariableRecord {
    const { sealer } = this.#deps;
    const place = { ...variable, environment };
    if (!variable.secret) return place;
    return { ...place, value: sealer.seal(sealer.open(variable.value, variable), place) };
  }
}

function commandOf({ canary, reason = '' }: PromoteRequest, { id, manifest }: ReleaseRecord): TrafficCommand {
  if (canary === undefined) return { kind: 'activate', cause: 'promote', release: id, reason };
  const plan = canary === 'plan' ? manifest.canary : canary;
  return canaryStart(plan, { cause: 'promote', release: id, reason });
}

function answerOf(activated: Activated | null): TrafficAnswer {
  const { live, activationMs } = activated!;
  const { app, name: environment, traffic } = live.record;
  const { canary, stable: release } = traffic;
  const trial = canary === null ? null : { release: canary.release, weight: canary.weight };
  return { app, environment, release, canary: trial, activationMs };
}

function environmentNotFound(app: string, environment: string): MayflyError {
  return new MayflyError('NOT_FOUND', `App "${app}" has no environment "${environment}".`);
}
