import assert from 'node:assert/strict';
import type { BuiltApp } from '../../src/build/built-app.ts';
import { deployBuild } from '../../src/cli/deployment.ts';
import type {
  CanaryRequest,
  DeployAnswer,
  DeployRequest,
  EnvironmentDescription,
  TrafficAnswer,
} from '../../src/contract/release-api.ts';
import { releaseIdOf } from '../../src/controlplane/releases/release-id.ts';
import { MayflyError } from '../../src/domain/errors.ts';
import { WEIGHT_MAX } from '../../src/domain/snapshot.ts';
import type { NodeDriver } from './node-driver.ts';

const WEIGHT_FIRST = 2_000;
/** Nothing but the operator moves it: no guard looks, there is no other step, and nobody goes below the one that there is. */
const PLAN: NonNullable<DeployRequest['canary']> = {
  steps: [{ weight: WEIGHT_FIRST, holdMs: null }],
  key: { kind: 'cookie' },
  guards: { callsMin: 1_000, falseAlarm: 0.01, errors: null, p99: null, coldStarts: null, metrics: {} },
};

/** The environment's description shows the newest. */
const HISTORY_SHOWN = 100;

/** An entry of the history, without what the node alone knows. */
interface Entry {
  readonly action: string;
  readonly release: string | null;
  readonly canary: { readonly release: string; readonly weight: number } | null;
}

interface Change {
  readonly action: string;
  readonly send: () => Promise<TrafficAnswer | DeployAnswer>;
  /** Remembers what it does. */
  readonly become: () => void;
}

interface Given {
  /** Another one after a restart. */
  node: NodeDriver;
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
  readonly #given: Given;
  #stable = '';
  #past: string[] = [];
  #canary: { release: string; weight: number; paused: boolean } | null = null;
  #next = 0;
  /** The change that was sent and not answered: how to send it, and what comes of it. */
  #open: Change | null = null;

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

  /**
   * Goes on at a node that was started again after it was killed. The change that had no answer is wholly done or not at all; one that is
   * not done is sent again, and is done.
   * @returns whether there was such a change, and whether it was done
   */
  async resume(node: NodeDriver): Promise<'none' | 'done' | 'undone'> {
    this.#given.node = node;
    const open = this.#open;
    const { history } = await this.describe();
    const done = open !== null && history[0]!.seq === this.history.length + 1;
    if (done) this.#did(open);
    await this.check();
    if (open === null || done) return open === null ? 'none' : 'done';
    this.begun--;
    await this.#change(open);
    await this.check();
    return 'undone';
  }

  /** What the node says of the environment is what came of the changes, and all of them are in its history in their order. */
  async check(): Promise<void> {
    const { release, canary, history } = await this.describe();
    const last = this.history.at(-1)!;
    const trial = canary === null ? null : { release: canary.release, weight: canary.weight };
    assert.deepEqual({ release, canary: trial }, { release: last.release, canary: last.canary });
    const shown = history.map((entry) => ({
      seq: entry.seq,
      action: entry.action,
      release: entry.release,
      canary: entry.canary,
    }));
    const expected = this.history.map((entry, index) => ({ seq: index + 1, ...entry }));
    assert.deepEqual(shown.reverse(), expected.slice(-HISTORY_SHOWN));
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
    const weight = WEIGHT_FIRST + Math.floor(this.#given.random() * (WEIGHT_MAX - WEIGHT_FIRST + 1));
    const set = () => this.#steer({ action: 'set', weight });
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
    const { built } = this.#given;
    const generation = this.#generation();
    const app = built[generation]!;
    const release = releaseIdOf(app.manifest);
    this.generations.set(release, generation);
    const isCanary = activate === 'canary';
    const request = { environment: 'production', activate, ...(isCanary ? { canary: PLAN } : {}) };
    await this.#change({
      action: isCanary ? 'canary-start' : 'deploy',
      send: () => deployBuild(this.#given.node.client, app, request),
      become: () => (isCanary ? this.#begins(release) : this.#stands(release)),
    });
  }

  async #promote(release: string, canary?: typeof PLAN): Promise<void> {
    await this.#change({
      action: canary === undefined ? 'promote' : 'canary-start',
      send: () => this.#post('promote', { release, ...(canary === undefined ? {} : { canary }) }),
      become: () => (canary === undefined ? this.#stands(release) : this.#begins(release)),
    });
  }

  async #rollBack(): Promise<void> {
    const ends = this.#canary !== null;
    await this.#change({
      action: ends ? 'canary-abort' : 'rollback',
      send: () => this.#post('rollback', {}),
      become: () => {
        if (!ends) this.#stable = this.#past.pop()!;
        this.#canary = null;
      },
    });
  }

  async #steer(request: CanaryRequest): Promise<void> {
    const canary = this.#canary!;
    const { action, weight = canary.weight } = request;
    await this.#change({
      action: `canary-${action}`,
      send: () => this.#post('canary', request),
      become: () => {
        if (action === 'finish') return this.#stands(canary.release);
        const paused = action === 'pause' || (action === 'set' && (canary.paused || weight < canary.weight));
        this.#canary = action === 'abort' ? null : { ...canary, weight, paused };
      },
    });
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
    const refused = await deployBuild(node.client, other, request).catch((error: MayflyError) => error);
    assert.ok(refused instanceof MayflyError, 'a canary of a canary');
    if (refused.code !== 'CANARY_ACTIVE') throw refused;
  }

  #post(action: 'promote' | 'rollback' | 'canary', body: object): Promise<TrafficAnswer> {
    return this.#given.node.client.post<TrafficAnswer>(`${this.#path()}/${action}`, body);
  }

  async #change(change: Change): Promise<void> {
    this.#open = change;
    this.begun++;
    const answer = await change.send();
    this.#did(change);
    const { release, canary } = this.history.at(-1)!;
    if ('state' in answer) assert.equal(answer.state, canary === null ? 'live' : 'canary');
    else assert.deepEqual({ release: answer.release, canary: answer.canary }, { release, canary });
  }

  #stands(release: string): void {
    if (this.#stable !== '') this.#past.push(this.#stable);
    this.#stable = release;
    this.#canary = null;
  }

  #begins(release: string): void {
    this.#canary = { release, weight: WEIGHT_FIRST, paused: false };
  }

  #did({ action, become }: Change): void {
    become();
    this.#open = null;
    const { release, weight } = this.#canary ?? {};
    const canary = release === undefined || weight === undefined ? null : { release, weight };
    this.history.push({ action, release: this.#stable, canary });
    this.tracks.push(new Set([this.#stable, ...(canary === null ? [] : [canary.release])]));
  }

  #path(): string {
    return `/v1/apps/${this.#given.app}/environments/production`;
  }

  #one<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#given.random() * choices.length)]!;
  }
}
