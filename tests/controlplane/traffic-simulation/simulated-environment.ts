import assert from 'node:assert/strict';
import { withoutCollected } from '../../../src/controlplane/releases/traffic/past-releases.ts';
import type { Decision, TrafficCommand } from '../../../src/controlplane/releases/traffic/traffic-command.ts';
import { MayflyError } from '../../../src/domain/errors.ts';
import type { CanaryPlan, Traffic } from '../../../src/domain/traffic.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { type Entry, outlineOf, refusalOf, replay } from './ledger-model.ts';
import { type Core, checkEnd, checkState, checkStep } from './traffic-rules.ts';

/** Bugs of what stands around the decisions, planted to see them noticed. */
export interface Weaknesses {
  /** The store takes a change whatever was committed since it was decided. */
  readonly blindStore?: boolean;
  /** After a crash memory goes on with what was last published. */
  readonly noReload?: boolean;
}

const RELEASES = ['r-a', 'r-b', 'r-c', 'r-d', 'r-e'];
const KINDS = ['fine', 'fine', 'fine', 'waiting', 'bad'] as const;
const ACTIONS = 120;
const CLIENTS = 40;
const MINUTE = 60_000;

/** Something decided and not yet committed: others may come between. */
interface Pending {
  readonly seq: number;
  readonly before: Traffic;
  readonly decision: Decision;
  /** Null: an operator's. */
  readonly verdict: { readonly kind: string | null } | null;
}

/**
 * One environment under two operators, a canary timer, a collector, clients and a machine that crashes between disk and
 * memory. Time is virtual; the seed says everything that happens.
 */
export class SimulatedEnvironment {
  readonly trace: string[] = [];
  readonly #core: Core;
  readonly #weak: Weaknesses;
  readonly #random: () => number;
  #now = 1_000;
  #canaries = 0;
  /** On disk; frozen, so that a decision that changes what it is given throws. */
  #disk: { readonly seq: number; readonly traffic: Traffic };
  readonly #history: Entry[] = [];
  /** In memory: what calls are served by. */
  #published: Traffic;
  readonly #operators: (Pending | null)[] = [null, null];
  #timer: Pending | null = null;
  #lowered: string | null = null;

  constructor(seed: number, core: Core, weak: Weaknesses) {
    this.#core = core;
    this.#weak = weak;
    this.#random = seededRandom(seed);
    this.#published = frozen({ stable: null, past: [], canary: null });
    this.#disk = { seq: 0, traffic: this.#published };
  }

  /** @throws AssertionError when a rule is broken */
  run(): void {
    for (let i = 0; i < ACTIONS; i++) {
      this.#now += Math.floor(this.#random() * 2 * MINUTE);
      const what = this.#random();
      if (what < 0.5) this.#operate(this.#random() < 0.5 ? 0 : 1);
      else if (what < 0.8) this.#time();
      else if (what < 0.85) this.#collect();
      else if (what < 0.9) this.#restart('crashed at rest');
      else this.#call();
    }
  }

  /** An operator looks and decides, or commits what he decided earlier. */
  #operate(who: number): void {
    const pending = this.#operators[who];
    if (pending !== null && pending !== undefined) {
      this.#operators[who] = null;
      this.#commit(`operator ${who}`, pending);
      return;
    }
    const command = this.#command();
    const { traffic, seq } = this.#disk;
    const expected = refusalOf(traffic, command);
    this.trace.push(
      `${this.#now} operator ${who} ${command.kind} ${'release' in command ? command.release : ''}`,
    );
    try {
      const decision = this.#core.decide(traffic, command, this.#now);
      assert.equal(expected, null, `${command.kind} was carried out instead of ${expected}`);
      this.#operators[who] = { seq, before: traffic, decision, verdict: null };
    } catch (thrown) {
      if (!(thrown instanceof MayflyError)) throw thrown;
      assert.equal(thrown.code, expected, `${command.kind} was refused: ${thrown.message}`);
    }
  }

  /** The canary timer asks, with a verdict that may be on an earlier canary, or commits what came of it. */
  #time(): void {
    if (this.#timer !== null) {
      const pending = this.#timer;
      this.#timer = null;
      this.#commit('timer', pending);
      return;
    }
    const { traffic, seq } = this.#disk;
    const kind = this.#pick(KINDS);
    const isOwn = this.#random() < 0.8;
    const canary = isOwn ? (traffic.canary?.id ?? 'c-0') : 'c-0';
    const watched = { canary, verdict: { kind, reason: kind, figures: [] } };
    const isKnown = this.#random() < 0.9;
    const { decision } = this.#core.tick(traffic, this.#now, isKnown ? watched : null);
    if (isKnown && isOwn && kind === 'bad' && traffic.canary !== null) {
      assert.equal(decision?.action, 'canary-abort', 'a bad canary lives on');
    }
    this.trace.push(`${this.#now} timer ${canary} ${kind}: ${decision?.action ?? 'nothing'}`);
    if (decision === null) return;
    this.#timer = { seq, before: traffic, decision, verdict: { kind: isOwn && isKnown ? kind : null } };
  }

  #commit(who: string, { seq, before, decision, verdict }: Pending): void {
    if (seq !== this.#disk.seq && !this.#weak.blindStore) {
      this.trace.push(`${who}: conflict`);
      return;
    }
    const { traffic, action } = decision;
    this.trace.push(`${who} commits ${action}: ${JSON.stringify(outlineOf(traffic))}`);
    if (this.#random() < 0.05) {
      this.#restart('crashed before the disk');
      return;
    }
    checkState(before, traffic);
    this.#checkLowered(before, decision);
    if (verdict !== null) checkStep(before.canary!, traffic.canary, this.#now, verdict.kind);
    this.#save(frozen(traffic), { ...outlineOf(traffic), action, release: traffic.stable });
    if (this.#random() < 0.05) this.#restart('crashed between disk and memory');
    else this.#published = this.#disk.traffic;
    checkEnd(this.#core, this.#disk.traffic, this.#now);
  }

  #save(traffic: Traffic, entry: Entry): void {
    this.#disk = { seq: this.#disk.seq + 1, traffic };
    this.#history.push(entry);
    assert.deepEqual(outlineOf(traffic), replay(this.#history), 'the history says otherwise');
  }

  /** Who lowered the weight by hand is not overruled by the schedule before he says so. */
  #checkLowered({ canary }: Traffic, { traffic, action }: Decision): void {
    if (canary === null || traffic.canary?.id !== canary.id || action === 'canary-resume')
      this.#lowered = null;
    else if (action === 'canary-set' && traffic.canary.weight < canary.weight) this.#lowered = canary.id;
    else if (action === 'canary-step')
      assert.notEqual(this.#lowered, canary.id, 'a lowered weight was raised');
  }

  #collect(): void {
    const { traffic } = this.#disk;
    const gone = RELEASES.filter(
      (release) => release !== traffic.stable && release !== traffic.canary?.release && this.#random() < 0.3,
    );
    this.trace.push(`collected ${gone.join(' ')}`);
    const after = withoutCollected(traffic, (release) => !gone.includes(release));
    checkState(traffic, after);
    assert.ok(!after.past.some((release) => gone.includes(release)), 'a rollback to what is gone');
    this.#save(frozen(after), { action: 'collect', gone });
    this.#published = after;
  }

  #restart(why: string): void {
    this.trace.push(why);
    this.#operators.fill(null);
    this.#timer = null;
    if (!this.#weak.noReload) this.#published = this.#disk.traffic;
  }

  /** A call of every client: each is served by a track of what is on disk. */
  #call(): void {
    const { stable, canary } = this.#published;
    if (stable === null) return;
    const tracks = [this.#disk.traffic.stable, this.#disk.traffic.canary?.release];
    for (let client = 0; client < CLIENTS; client++) {
      const bucket = canary === null ? 0 : bucketOf(client, canary.id);
      const release = canary !== null && bucket < canary.weight ? canary.release : stable;
      assert.ok(tracks.includes(release), `a call is served by ${release}, which is no track`);
    }
  }

  #command(): TrafficCommand {
    const reason = '';
    const release = this.#pick(RELEASES);
    const cause = this.#random() < 0.5 ? 'deploy' : 'promote';
    const kinds = ['activate', 'rollback', 'rollback', 'canary-start', 'canary-start'] as const;
    const steering = [
      'canary-set',
      'canary-pause',
      'canary-resume',
      'canary-finish',
      'canary-abort',
    ] as const;
    const kind = this.#random() < 0.5 ? this.#pick(kinds) : this.#pick(steering);
    switch (kind) {
      case 'activate':
        return { kind, cause, release, reason };
      case 'rollback':
        return { kind, release: this.#random() < 0.6 ? null : release, reason };
      case 'canary-start':
        return { kind, cause, release, plan: this.#plan(), id: `c-${++this.#canaries}`, reason };
      case 'canary-set':
        return { kind, weight: Math.floor(this.#random() * 10_001), reason };
      default:
        return { kind, reason };
    }
  }

  #plan(): CanaryPlan {
    const weights = new Set(
      Array.from(
        { length: 1 + Math.floor(this.#random() * 3) },
        () => 1 + Math.floor(this.#random() * 9_999),
      ),
    );
    if (this.#random() < 0.7) weights.add(10_000);
    const steps = [...weights]
      .sort((a, b) => a - b)
      .map((weight) => ({
        weight,
        holdMs: this.#random() < 0.85 ? Math.floor(this.#random() * 3 * MINUTE) : null,
      }));
    const guards = { callsMin: 1, falseAlarm: 0.01, errors: 0, p99: null, coldStarts: null, metrics: {} };
    return { steps, key: { kind: 'cookie' }, guards };
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }
}

function bucketOf(client: number, canary: string): number {
  let hash = client + 1;
  for (const char of canary) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return hash % 10_000;
}

function frozen<T extends object>(value: T): T {
  for (const each of Object.values(value)) {
    if (typeof each === 'object' && each !== null && !Object.isFrozen(each)) frozen(each as object);
  }
  return Object.freeze(value);
}
