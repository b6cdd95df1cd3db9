import { MayflyError, toMayflyError } from '../../domain/errors.ts';
import { KeyedLock } from '../../kit/keyed-lock.ts';
import { Semaphore } from '../../kit/semaphore.ts';
import type { Push, PushGate, Repositories } from '../../ports/repositories.ts';
import type { BuiltRelease, SourceBuilder } from '../../ports/source-builder.ts';
import type { DeployTarget } from './deploy-target.ts';
import { type BranchDeploy, type PushPlan, planPush, refused } from './push-plan.ts';

interface GitDeploymentsDeps {
  readonly repositories: Repositories;
  readonly builder: SourceBuilder;
  readonly target: DeployTarget;
  /** Builds at a time on this node. */
  readonly buildsMax: number;
  /** Told what is the platform's own fault. */
  readonly onDefect: (error: MayflyError) => void;
}

/** Pushes of one app that may wait for one another. */
const WAITING_MAX = 8;

/**
 * Deploys what is pushed, before the push is accepted: a build, a test or an activation that fails refuses the push, so that the branch on
 * the node is always what was deployed of it. Pushes to one app happen one after another.
 */
export class GitDeployments {
  readonly #deps: GitDeploymentsDeps;
  readonly #lock = new KeyedLock();
  readonly #waiting = new Map<string, number>();
  readonly #builds: Semaphore;

  constructor(deps: GitDeploymentsDeps) {
    this.#deps = deps;
    this.#builds = new Semaphore(deps.buildsMax);
  }

  /** The gate for pushes of `by` to an app. What it throws, it has told the pusher. */
  gate(app: string, by: string): PushGate {
    return async (push) => {
      try {
        await this.#inTurn(app, push, () => this.#accept(app, push, by));
      } catch (thrown) {
        const error = toMayflyError(thrown);
        if (error.blame === 'platform') this.#deps.onDefect(error);
        const shown = error.code === 'INTERNAL' ? 'The node failed to handle the push.' : error.message;
        push.say('');
        push.say(`error: ${shown} [${error.code}]`);
        push.say('The push is refused: no branch on the node has changed.');
        throw error;
      }
    };
  }

  /** Holds the app until the push is over, its references moved and all. */
  async #inTurn(app: string, push: Push, accept: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(app) ?? 0;
    if (waiting >= WAITING_MAX) throw refused('Too many pushes to this app are waiting already.');
    if (waiting > 0) push.say('Waiting for another push to this app …');
    this.#waiting.set(app, waiting + 1);
    const decided = Promise.withResolvers<void>();
    void this.#lock.run(app, async () => {
      await accept().then(decided.resolve, decided.reject);
      await push.ended;
      const left = (this.#waiting.get(app) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(app);
      else this.#waiting.set(app, left);
    });
    await decided.promise;
  }

  async #accept(app: string, push: Push, by: string): Promise<void> {
    const repository = await this.#deps.repositories.find(app);
    if (repository === null) throw refused('The repository has been removed.');
    const plan = planPush(app, repository.productionBranch, push.updates);
    await this.#check(app, push, plan);
    // Everything is built and tested before anything goes live.
    const built: [BranchDeploy, BuiltRelease][] = [];
    for (const deploy of plan.deploys) built.push([deploy, await this.#build(app, push, deploy)]);
    for (const [deploy, release] of built) await this.#deploy(app, push, deploy, release, by);
    for (const environment of plan.removals) await this.#remove(app, push, environment);
  }

  async #check(app: string, push: Push, plan: PushPlan): Promise<void> {
    const { target } = this.#deps;
    for (const { ref, before } of push.updates) {
      // Git itself would notice only after the deploy.
      if ((await push.current(ref)) !== before) throw refused(`${ref} has moved meanwhile: fetch it first.`);
    }
    for (const { branch, before, commit, kind, environment } of plan.deploys) {
      const production = kind === 'permanent';
      if (production && before !== null && !(await push.isAncestor(before, commit))) {
        throw refused(
          `"${branch}" is the production branch, and this push would take commits away from it (it is not a fast-forward). Merge or rebase onto it, or go back with "mayfly rollback".`,
        );
      }
      if (!production && target.kindOf(app, environment) === 'permanent') {
        throw refused(
          `The branch "${branch}" would replace the environment "${environment}", which is no preview. Rename the branch.`,
        );
      }
    }
  }

  #build(app: string, push: Push, { branch, commit, environment }: BranchDeploy): Promise<BuiltRelease> {
    if (this.#builds.waiting > 0) push.say('Waiting for other builds …');
    return this.#builds.run(async () => {
      push.say(`${app}: ${branch} (${commit.slice(0, 10)}) → ${environment}`);
      return this.#deps.builder.build({
        app,
        checkOut: (folder) => push.checkOut(commit, folder),
        say: (line) => push.say(line),
        signal: push.signal,
      });
    });
  }

  async #deploy(
    app: string,
    push: Push,
    { commit, environment, kind }: BranchDeploy,
    built: BuiltRelease,
    by: string,
  ): Promise<void> {
    const { target } = this.#deps;
    if (push.signal.aborted) throw new MayflyError('CLIENT_CLOSED', 'Nobody waits for the push any more.');
    const message = `${commit.slice(0, 10)} ${await push.subject(commit)}`.slice(0, 4_096);
    push.say(`Deploying to ${environment}`);
    try {
      const { release } = await target.deploy(app, { ...built, environment, kind, message }, by, (line) =>
        push.say(line),
      );
      push.say(`Release ${release} is live: ${target.urlOf(app, environment)}`);
    } catch (thrown) {
      const error = toMayflyError(thrown);
      // A push that lost its connection after the deploy is sent again.
      if (error.code !== 'ALREADY_LIVE') {
        const live = target.liveIn(app, environment);
        if (live !== null) push.say(`Release ${live} stays live in ${environment}.`);
        throw error;
      }
      push.say(`Nothing differs: ${target.urlOf(app, environment)}`);
    }
  }

  async #remove(app: string, push: Push, environment: string): Promise<void> {
    const { target } = this.#deps;
    if (target.kindOf(app, environment) !== 'preview') return;
    await target.removeEnvironment(app, environment);
    push.say(`The preview ${environment} is removed.`);
  }
}
