import type { ErrorCode, MayflyError } from '../../../domain/errors.ts';
import type { FunctionVersion } from '../../../domain/function-version.ts';
import type { SchedulerEffects } from '../effects.ts';
import type { Instance } from '../instance.ts';
import type { SchedulerStats } from '../stats.ts';
import type { Ticket } from '../ticket.ts';
import type { Scenario } from './scenario.ts';

/** In a world where nothing fails; see `scenario.ts` and `world.ts`. */
const LONGEST_CALL_MS = 200;
const LONGEST_START_MS = 600;
const LONGEST_END_MS = 50;
/**
 * How often every other function may have its turn before one that has no instance. The worst of 40,000 seeds is 0.9, and 1.4
 * where functions of different sizes share a memory that is short: a large one gathers its room in turns that double.
 */
const STARVING_ROUNDS_MAX = 1.2;
const STARVING_ROUNDS_MAX_BY_MEMORY = 2.5;

/** A rule that the scheduler broke. */
export class Violation extends Error {}

/** What the checker knows of a version, from what it saw going in and out and from nothing else. */
class VersionBook {
  readonly version: FunctionVersion;
  readonly waiting = new Set<Ticket>();
  active = false;
  specialising = 0;
  /** Ready and not told to end. */
  serving = 0;
  /** Of those, slots in use. */
  slotsUsed = 0;
  /** Specialised and not gone. */
  existing = 0;
  failed = false;
  /** Since when calls wait and no instance serves or loads, ms. */
  starvingSince = Number.NaN;

  constructor(version: FunctionVersion) {
    this.version = version;
  }
}

interface InstanceBook {
  stage: 'booting' | 'prewarmed' | 'specialising' | 'serving' | 'ending';
  version: VersionBook | null;
  frozen: boolean;
  /** The scheduler told it to end. */
  dismissed: boolean;
  inUse: number;
  memoryMb: number;
}

/**
 * Stands between a scheduler and the simulated world, keeps books of its own, and throws a `Violation` when a rule is broken. It
 * reads nothing the scheduler wrote, save for the summary at the very end.
 */
export class Checker implements SchedulerEffects {
  /** Longest time that a version with waiting calls had no instance, in units of the bound it may not pass. */
  starvedMost = 0;
  readonly #scenario: Scenario;
  readonly #world: SchedulerEffects;
  readonly #now: () => number;
  readonly #versions = new Map<string, VersionBook>();
  readonly #instances = new Map<Instance, InstanceBook>();
  readonly #outcomes = new Map<Ticket, string>();
  #memoryMb = 0;
  readonly #anyProvisioned: boolean;
  #platformFailed = false;
  #closing = false;

  constructor(scenario: Scenario, world: SchedulerEffects, now: () => number) {
    this.#scenario = scenario;
    this.#world = world;
    this.#now = now;
    this.#anyProvisioned = scenario.functions.some((each) => each.limits.provisioned > 0);
  }

  // What goes in.

  submitted(ticket: Ticket, version: FunctionVersion): void {
    this.#outcomes.set(ticket, 'waiting');
    this.#book(version).waiting.add(ticket);
  }

  /** The caller gave up; true: the scheduler must forget the ticket. */
  cancelled(ticket: Ticket): boolean {
    if (this.#outcomes.get(ticket) !== 'waiting') return false;
    this.#end(ticket, 'cancelled');
    return true;
  }

  released(ticket: Ticket): void {
    if (this.#outcomes.get(ticket) !== 'assigned') return;
    this.#outcomes.set(ticket, 'served');
    const book = this.#instances.get(ticket.instance!);
    if (book === undefined) return;
    book.inUse--;
    if (book.stage === 'serving') book.version!.slotsUsed--;
  }

  activated(version: FunctionVersion, active: boolean): void {
    this.#book(version).active = active;
  }

  booted(instance: Instance): void {
    const book = this.#instances.get(instance)!;
    if (book.stage === 'booting') book.stage = 'prewarmed';
  }

  ready(instance: Instance): void {
    const book = this.#instances.get(instance)!;
    if (book.stage !== 'specialising') return;
    book.stage = 'serving';
    book.version!.specialising--;
    book.version!.serving++;
  }

  failed(instance: Instance, error: MayflyError): void {
    const book = this.#instances.get(instance)!;
    if (book.version !== null) book.version.failed = true;
    if (error.blame === 'platform') this.#platformFailed = true;
    this.#withdraw(book);
  }

  condemned(instance: Instance): void {
    this.#withdraw(this.#instances.get(instance)!);
  }

  gone(instance: Instance): void {
    const book = this.#instances.get(instance)!;
    if (book.stage === 'booting' || book.stage === 'specialising') {
      this.#platformFailed = true;
      if (book.version !== null) book.version.failed = true;
    }
    this.#withdraw(book);
    this.#instances.delete(instance);
    this.#memoryMb -= book.memoryMb;
    if (book.version !== null) book.version.existing--;
  }

  closing(): void {
    this.#closing = true;
  }

  // What comes out.

  assign(ticket: Ticket, instance: Instance): void {
    const version = this.#versions.get(ticket.version!.key)!;
    this.#outcome(ticket, 'assigned', () => {
      const book = this.#instances.get(instance);
      // It may have died in this same moment; then the world fails the call.
      if (book === undefined || (book.stage === 'ending' && !book.dismissed)) return;
      this.#rule(book.stage === 'serving', `assigned to an instance that is ${book.stage}`);
      this.#rule(book.version === version, `assigned to an instance of ${book.version?.version.key}`);
      this.#rule(!book.frozen, 'assigned to a frozen instance');
      this.#rule(book.inUse < version.version.limits.perInstance, 'assigned to a full instance');
      const [oldest] = version.waiting;
      this.#rule(oldest === ticket, 'assigned before an older call of the same version');
      book.inUse++;
      version.slotsUsed++;
    });
    this.#world.assign(ticket, instance);
  }

  reject(ticket: Ticket, code: ErrorCode, retryAfterMs: number, cause: MayflyError | null): void {
    const { version, waiting, failed } = this.#versions.get(ticket.version!.key)!;
    const waitedMs = this.#now() - ticket.submittedAt;
    this.#outcome(ticket, `rejected ${code}`, () => {
      this.#rule(Number.isFinite(retryAfterMs) && retryAfterMs >= 0, `retry after ${retryAfterMs} ms`);
      const { limits, faultless } = this.#scenario;
      const tooLarge = this.#anyProvisioned || version.limits.memoryMb > limits.memoryMbMax;
      if (code === 'QUEUE_FULL')
        this.#rule(waiting.size > version.limits.queueMax, 'refused by a queue with room');
      else if (code === 'QUEUE_TIMEOUT') {
        this.#rule(waitedMs >= version.limits.queueTimeoutMs, 'timed out early');
        this.#rule(this.#anyProvisioned || !faultless, 'timed out although nothing failed');
      } else if (code === 'SHUTTING_DOWN') this.#rule(this.#closing, 'refused by a shutdown that was not');
      else if (code === 'FUNCTION_INIT_FAILED') this.#rule(failed, 'failed by an init that did not fail');
      else this.#rule(code === 'SANDBOX_FAILED' && (this.#platformFailed || tooLarge), `failed by ${code}`);
      this.#rule((cause === null) === /QUEUE|SHUTTING/.test(code), 'rejected with the wrong kind of cause');
    });
    this.#world.reject(ticket, code, retryAfterMs, cause);
  }

  boot(instance: Instance): void {
    this.#rule(!this.#instances.has(instance), 'booted twice');
    this.#rule(!this.#closing, 'booted during shutdown');
    const book: InstanceBook = {
      stage: 'booting',
      version: null,
      frozen: false,
      dismissed: false,
      inUse: 0,
      memoryMb: this.#scenario.limits.genericMemoryMb,
    };
    this.#instances.set(instance, book);
    this.#memoryMb += book.memoryMb;
    this.#checkNode();
    this.#checkRefill(instance);
    this.#world.boot(instance);
  }

  specialise(instance: Instance, version: FunctionVersion): void {
    const book = this.#instances.get(instance);
    // A guest that died in this same moment; the world says so again.
    if (book === undefined || (book.stage === 'ending' && !book.dismissed)) {
      this.#world.specialise(instance, version);
      return;
    }
    const of = this.#book(version);
    this.#rule(book.stage === 'prewarmed', `specialised an instance that is ${book.stage}`);
    this.#rule(instance.kind.network === version.limits.network, 'specialised an instance of another kind');
    book.stage = 'specialising';
    book.version = of;
    const memoryMb = this.#memoryOf(of);
    this.#memoryMb += memoryMb - book.memoryMb;
    book.memoryMb = memoryMb;
    of.specialising++;
    of.existing++;
    const { maxInstances } = version.limits;
    const { projectInstancesMax } = this.#scenario.limits;
    this.#rule(of.specialising <= this.#startsUseful(of), 'more starts in flight than calls waiting');
    this.#rule(
      of.existing <= maxInstances,
      `${of.existing} instances of a function that may have ${maxInstances}`,
    );
    this.#rule(this.#inProject(of) <= projectInstancesMax, `${this.#inProject(of)} instances in a project`);
    this.#checkNode();
    this.#world.specialise(instance, version);
  }

  freeze(instance: Instance): void {
    const book = this.#instances.get(instance);
    if (book !== undefined) {
      this.#rule(book.stage === 'serving' && book.inUse === 0 && !book.frozen, 'froze what was not idle');
      book.frozen = true;
    }
    this.#world.freeze(instance);
  }

  thaw(instance: Instance): void {
    const book = this.#instances.get(instance);
    if (book !== undefined) {
      this.#rule(book.frozen, 'thawed what was not frozen');
      book.frozen = false;
    }
    this.#world.thaw(instance);
  }

  drain(instance: Instance): void {
    const book = this.#instances.get(instance);
    if (book !== undefined) {
      this.#rule(book.stage === 'serving', `drained an instance that is ${book.stage}`);
      this.#rule(book.inUse === 0, 'drained while it serves');
      this.#rule(!book.frozen, 'drained while it is frozen');
      this.#withdraw(book);
      book.dismissed = true;
    }
    this.#world.drain(instance);
  }

  kill(instance: Instance): void {
    const book = this.#instances.get(instance);
    if (book !== undefined) {
      this.#rule(!book.dismissed, 'told to end twice');
      this.#withdraw(book);
      book.dismissed = true;
    }
    this.#world.kill(instance);
  }

  // What must hold whenever the scheduler has come to rest.

  settled(): void {
    for (const book of this.#versions.values()) {
      if (book.waiting.size > 0) {
        const { key, limits } = book.version;
        if (book.serving * limits.perInstance > book.slotsUsed) {
          for (const [instance, each] of this.#instances) {
            const usable = each.version === book && each.stage === 'serving' && instance.state !== 'draining';
            this.#rule(
              !usable || each.inUse >= limits.perInstance,
              `a call of ${key} waits beside a free slot`,
            );
          }
        }
        if (this.#scenario.faultless)
          this.#rule(!this.#stalls(book), `a call of ${key} waits, and nothing is done`);
      }
      if (this.#scenario.faultless) this.#checkStarvation(book);
    }
  }

  /** After all load has ended and all deadlines have passed: nothing is left that should not be. */
  idle(stats: SchedulerStats): void {
    const { limits, bootFails, faultless } = this.#scenario;
    for (const [ticket, outcome] of this.#outcomes) {
      const ended = outcome !== 'waiting' && outcome !== 'assigned';
      this.#rule(ended, `a call of ${ticket.version!.key} is ${outcome} for ever`);
    }
    this.#rule(stats.waiting === 0, `${stats.waiting} calls are counted as waiting`);
    const roomy =
      limits.instancesMax >= 40 && limits.memoryMbMax >= 100_000 && limits.projectInstancesMax >= 40;
    for (const book of this.#versions.values()) {
      const { key } = book.version;
      const most = this.#provisioned(book);
      this.#rule(book.existing <= most, `${book.existing} instances of ${key} are left`);
      const kept = !roomy || !faultless || book.existing === most;
      this.#rule(kept, `${book.existing} of ${most} provisioned instances of ${key}`);
    }
    if (this.#anyProvisioned) return;
    const guests = this.#instances.size;
    this.#rule(guests <= limits.prewarmMin, `${guests} empty guests are left`);
    this.#rule(!roomy || bootFails > 0 || guests === limits.prewarmMin, `${guests} empty guests are kept`);
    this.#rule(
      stats.memoryMb === this.#memoryMb,
      `the books say ${stats.memoryMb} MB of ${this.#memoryMb} MB`,
    );
    this.#rule(stats.functions.length === 0, `${stats.functions.length} functions are remembered for ever`);
  }

  /** After a shutdown: nothing at all is left, and the books say so. */
  closed(stats: SchedulerStats): void {
    this.#rule(this.#instances.size === 0, `${this.#instances.size} instances survive the shutdown`);
    this.#rule(stats.memoryMb === 0, `the books say ${stats.memoryMb} MB after the shutdown`);
    this.#rule(stats.starts === 0 && stats.waiting === 0, 'something is counted after the shutdown');
  }

  #book(version: FunctionVersion): VersionBook {
    let book = this.#versions.get(version.key);
    if (book === undefined) {
      book = new VersionBook(version);
      this.#versions.set(version.key, book);
    }
    return book;
  }

  #outcome(ticket: Ticket, outcome: string, check: () => void): void {
    const before = this.#outcomes.get(ticket);
    this.#rule(before === 'waiting', `${outcome}: a ticket that is ${before ?? 'unknown'}`);
    check();
    this.#end(ticket, outcome);
  }

  #end(ticket: Ticket, outcome: string): void {
    this.#outcomes.set(ticket, outcome);
    this.#versions.get(ticket.version!.key)!.waiting.delete(ticket);
  }

  /** It serves no more calls. */
  #withdraw(book: InstanceBook): void {
    if (book.stage === 'specialising') book.version!.specialising--;
    if (book.stage === 'serving') {
      book.version!.serving--;
      book.version!.slotsUsed -= book.inUse;
    }
    book.stage = 'ending';
  }

  #checkNode(): void {
    const { instancesMax, memoryMbMax } = this.#scenario.limits;
    this.#rule(this.#instances.size <= instancesMax, `${this.#instances.size} instances on the node`);
    this.#rule(this.#memoryMb <= memoryMbMax, `${this.#memoryMb} MB on the node`);
  }

  #provisioned({ active, version }: VersionBook): number {
    return active && !this.#closing ? Math.min(version.limits.provisioned, version.limits.maxInstances) : 0;
  }

  /** Starts that the waiting calls, or the provisioned instances that are missing, can use. */
  #startsUseful(book: VersionBook): number {
    const forCalls = Math.ceil(book.waiting.size / book.version.limits.perInstance);
    return Math.max(forCalls, this.#provisioned(book) - book.serving);
  }

  #memoryOf(book: VersionBook): number {
    return Math.max(book.version.limits.memoryMb, this.#scenario.limits.genericMemoryMb);
  }

  #inProject(book: VersionBook): number {
    let existing = 0;
    for (const other of this.#versions.values()) {
      if (other.version.project === book.version.project) existing += other.existing;
    }
    return existing;
  }

  /** A boot while a call waits for one must itself be for a call. Only told with certainty when nothing failed. */
  #checkRefill(instance: Instance): void {
    if (!this.#scenario.faultless || this.#scenario.limits.projectInstancesMax < 1_000) return;
    if (this.#anyProvisioned) return;
    let useful = 0;
    let urgent = false;
    for (const book of this.#versions.values()) {
      if (book.waiting.size > 0 && book.serving + book.specialising === 0) {
        if (book.existing < book.version.limits.maxInstances) urgent = true;
      }
      if (book.version.limits.network !== instance.kind.network) continue;
      useful += Math.max(0, this.#startsUseful(book) - book.specialising);
    }
    let booting = 0;
    for (const [other, each] of this.#instances) {
      if (each.stage === 'booting' && other.kind.network === instance.kind.network) booting++;
    }
    this.#rule(!urgent || booting <= useful, 'refilled while a call waits for a guest');
  }

  /** Calls wait that no start covers, there is room, and nothing that could be in the way is under way. */
  #stalls(book: VersionBook): boolean {
    const { limits } = this.#scenario;
    const { perInstance, maxInstances } = book.version.limits;
    const memoryMb = this.#memoryOf(book);
    if (this.#closing || memoryMb > limits.memoryMbMax) return false;
    // What is provisioned is promised, even while it is not there.
    if (this.#anyProvisioned) return false;
    if (book.waiting.size <= book.specialising * perInstance || book.existing >= maxInstances) return false;
    if (this.#inProject(book) >= limits.projectInstancesMax) return false;
    if (this.#instances.size >= limits.instancesMax || this.#memoryMb + memoryMb > limits.memoryMbMax)
      return false;
    // Others wait for room too, and it may be their turn first.
    for (const other of this.#versions.values()) if (other !== book && other.waiting.size > 0) return false;
    for (const each of this.#instances.values()) {
      if (each.stage === 'booting' || each.stage === 'ending') return false;
    }
    return true;
  }

  /** A function with calls waiting and no instance gets one within the turns of all the others. */
  #checkStarvation(book: VersionBook): void {
    const starves = book.waiting.size > 0 && book.serving + book.specialising === 0;
    if (!starves) {
      book.starvingSince = Number.NaN;
      return;
    }
    if (Number.isNaN(book.starvingSince)) book.starvingSince = this.#now();
    const { limits } = this.#scenario;
    // Provisioned instances are never given up, so others may starve beside them for good.
    if (this.#anyProvisioned) return;
    if (book.version.limits.memoryMb > limits.memoryMbMax) return;
    const turnMs = limits.fairTenureMs + LONGEST_CALL_MS + LONGEST_START_MS + LONGEST_END_MS;
    const turns = (this.#now() - book.starvingSince) / (turnMs * this.#versions.size);
    this.starvedMost = Math.max(this.starvedMost, turns);
    const most = limits.memoryMbMax >= 100_000 ? STARVING_ROUNDS_MAX : STARVING_ROUNDS_MAX_BY_MEMORY;
    this.#rule(turns <= most, `calls of ${book.version.key} starve`);
  }

  #rule(holds: boolean, broken: string): void {
    if (!holds) throw new Violation(`at ${this.#now().toFixed(2)} ms: ${broken}`);
  }
}
