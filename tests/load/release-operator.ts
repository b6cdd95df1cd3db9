import assert from 'node:assert/strict';
import type { BuiltApp } from '../../src/build/built-app.ts';
import { deployBuild } from '../../src/cli/deployment.ts';
import type {
  CanaryRequest,
  DeployRequest,
  EnvironmentDescription,
  TrafficAnswer,
} from '../../src/contract/release-api.ts';
import type { MayflyError } from '../../src/domain/errors.ts';
import type { NodeDriver } from '../harness/node-driver.ts';

/** Nothing but the operator moves it: steps wait for a word, and no guard looks. */
const PLAN: NonNullable<DeployRequest['canary']> = {
  steps: [
    { weight: 2_000, holdMs: null },
    { weight: 6_000, holdMs: null },
  ],
  key: { kind: 'cookie' },
  guards: { callsMin: 1_000, falseAlarm: 0.01, errors: null, p99: null, coldStarts: null, metrics: {} },
};

/** An entry of the history, without what the node alone knows. */
interface Entry {
  readonly action: string;
  readonly release: string | null;
  readonly canary: { readonly release: string; readonly weight: number } | null;
}

interface Given {
  readonly node: NodeDriver;
  readonly app: string;
  /** What may be deployed, by generation; the first one is live. */
  readonly built: readonly BuiltApp[];
  readonly random: () => number;
}

/** Somebody who deploys, tries out, takes back and promotes in random order, and remembers what must have come of it. */
export class ReleaseOperator {
  /** What must stand in the environment's history, oldest first. */
  readonly history: Entry[] = [];
  /** Releases that may serve after as many changes as their place says. */
  readonly tracks: ReadonlySet<string>[] = [];
  /** Generation of each release that was deployed. */
  readonly generations = new Map<string, number>();
  /** Changes that were sent, the one on its way included. */
  begun = 0;
  refused = 0;
  readonly #given: Given;
  #stable = '';
  #past: string[] = [];
  #canary: { release: string; weight: number; paused: boolean } | null = null;
  #next = 0;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Changes that were answered. */
  get answered(): number {
    return this.tracks.length;
  }

  async first(): Promise<void> {
    await this.#deploy('yes');
  }

  /** One change, chosen among those that are possible now; sometimes one that is not, and is refused. */
  async act(): Promise<void> {
    const choices = this.#canary === null ? this.#withoutCanary() : this.#withCanary(this.#canary);
    await this.#one(choices)();
  }

  /** Ends a canary, if there is one. */
  async settle(): Promise<void> {
    if (this.#canary !== null) await this.#steer({ action: 'finish' });
  }

  describe(): Promise<EnvironmentDescription> {
    return this.#given.node.client.get<EnvironmentDescription>(this.#path());
  }

  #withoutCanary(): (() => Promise<void>)[] {
    const others = [...this.generations.keys()].filter((release) => release !== this.#stable);
    return [
      () => this.#deploy('yes'),
      () => this.#deploy('yes'),
      () => this.#deploy('canary'),
      () => this.#deploy('canary'),
      ...(others.length === 0
        ? []
        : [() => this.#promote(this.#one(others)), () => this.#promote(this.#one(others), PLAN)]),
      ...(this.#past.length === 0 ? [] : [() => this.#rollBack()]),
    ];
  }

  #withCanary({ paused }: { paused: boolean }): (() => Promise<void>)[] {
    const set = () => this.#steer({ action: 'set', weight: Math.floor(this.#given.random() * 10_001) });
    return [
      set,
      set,
      set,
      () => this.#steer({ action: paused ? 'resume' : 'pause' }),
      () => this.#steer({ action: 'finish' }),
      () => this.#steer({ action: 'finish' }),
      () => this.#steer({ action: 'abort' }),
      () => this.#rollBack(),
      () => this.#refuse(),
    ];
  }

  /** A generation that does not serve now: a new one as long as there is one, then any. */
  #generation(): number {
    const { built } = this.#given;
    if (this.#next < built.length) return this.#next++;
    const live = [this.#stable, this.#canary?.release].map((release) => this.generations.get(release ?? ''));
    return this.#one([...built.keys()].filter((generation) => !live.includes(generation)));
  }

  async #deploy(activate: 'yes' | 'canary'): Promise<void> {
    const { node, built } = this.#given;
    const generation = this.#generation();
    this.begun++;
    const request = { environment: 'production', activate, ...(activate === 'yes' ? {} : { canary: PLAN }) };
    const { release, state } = await deployBuild(node.client, built[generation]!, request);
    this.generations.set(release, generation);
    if (activate === 'yes') this.#stands(release);
    else this.#begins(release);
    assert.equal(state, activate === 'yes' ? 'live' : 'canary');
    this.#did(activate === 'yes' ? 'deploy' : 'canary-start');
  }

  async #promote(release: string, canary?: typeof PLAN): Promise<void> {
    const answer = await this.#send('promote', { release, ...(canary === undefined ? {} : { canary }) });
    if (canary === undefined) this.#stands(release);
    else this.#begins(release);
    this.#did(canary === undefined ? 'promote' : 'canary-start', answer);
  }

  async #rollBack(): Promise<void> {
    const answer = await this.#send('rollback', {});
    const ended = this.#canary !== null;
    if (!ended) this.#stable = this.#past.pop()!;
    this.#canary = null;
    this.#did(ended ? 'canary-abort' : 'rollback', answer);
  }

  async #steer(request: CanaryRequest): Promise<void> {
    const answer = await this.#send('canary', request);
    const canary = this.#canary!;
    const { action, weight = canary.weight } = request;
    if (action === 'finish') this.#stands(canary.release);
    else if (action === 'abort') this.#canary = null;
    else {
      const paused = action === 'pause' || (action === 'set' && (canary.paused || weight < canary.weight));
      this.#canary = { ...canary, weight, paused };
    }
    this.#did(`canary-${action}`, answer);
  }

  /** A canary of a canary: refused, and nothing has changed. */
  async #refuse(): Promise<void> {
    const { node, built } = this.#given;
    const known = new Set(
      [this.#stable, this.#canary!.release].map((release) => this.generations.get(release)),
    );
    const other = built[this.#one([...this.generations.values()].filter((one) => !known.has(one)))];
    if (other === undefined) return;
    const request = { environment: 'production', activate: 'canary' as const, canary: PLAN };
    await assert.rejects(deployBuild(node.client, other, request), (error: MayflyError) => {
      assert.equal(error.code, 'CANARY_ACTIVE');
      return true;
    });
    this.refused++;
  }

  #send(action: 'promote' | 'rollback' | 'canary', body: object): Promise<TrafficAnswer> {
    this.begun++;
    return this.#given.node.client.post<TrafficAnswer>(`${this.#path()}/${action}`, body);
  }

  #stands(release: string): void {
    if (this.#stable !== '') this.#past.push(this.#stable);
    this.#stable = release;
    this.#canary = null;
  }

  #begins(release: string): void {
    this.#canary = { release, weight: PLAN.steps[0]!.weight, paused: false };
  }

  #did(action: string, answer?: TrafficAnswer): void {
    const canary =
      this.#canary === null ? null : { release: this.#canary.release, weight: this.#canary.weight };
    const entry: Entry = { action, release: this.#stable, canary };
    if (answer !== undefined) {
      assert.deepEqual({ release: answer.release, canary: answer.canary }, { release: this.#stable, canary });
    }
    this.history.push(entry);
    this.tracks.push(new Set([this.#stable, ...(canary === null ? [] : [canary.release])]));
  }

  #path(): string {
    return `/v1/apps/${this.#given.app}/environments/production`;
  }

  #one<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#given.random() * choices.length)]!;
  }
}
