import type { SchedulerStats } from '../stats.ts';
import type { Books, VersionBook } from './books.ts';

/** In a world where nothing fails; see `scenario.ts` and `world.ts`. */
const LONGEST_CALL_MS = 200;
const LONGEST_START_MS = 600;
const LONGEST_END_MS = 50;
/**
 * How often every other function may have its turn before one that has no instance. The worst of 100,000 seeds is 0.9, and
 * 2.0 where functions of different sizes share a memory that is short: a large one gathers its room in turns that double.
 */
const STARVING_ROUNDS_MAX = 1.2;
const STARVING_ROUNDS_MAX_BY_MEMORY = 3;

/** What must hold whenever the scheduler has come to rest, between two happenings, after the load, and after a shutdown. */
export class RestingRules {
  /** Longest time that a version with waiting calls had no instance, in rounds of everybody's turns. */
  starvedMost = 0;
  readonly #books: Books;

  constructor(books: Books) {
    this.#books = books;
  }

  /** @throws Violation */
  settled(): void {
    for (const book of this.#books.versions.values()) {
      if (book.waiting.size > 0) {
        const { key, limits } = book.version;
        if (book.serving * limits.perInstance > book.slotsUsed) {
          for (const [instance, each] of this.#books.instances) {
            const usable = each.version === book && each.stage === 'serving' && instance.state !== 'draining';
            this.#books.rule(
              !usable || each.inUse >= limits.perInstance,
              `a call of ${key} waits beside a free slot`,
            );
          }
        }
        if (this.#books.scenario.faultless)
          this.#books.rule(!this.#stalls(book), `a call of ${key} waits, and nothing is done`);
      }
      if (this.#books.scenario.faultless) this.#checkStarvation(book);
    }
  }

  /** After all load has ended and all deadlines have passed: nothing is left that should not be. */
  idle(stats: SchedulerStats): void {
    const { limits, bootFails, faultless } = this.#books.scenario;
    for (const [ticket, outcome] of this.#books.outcomes) {
      const ended = outcome !== 'waiting' && outcome !== 'assigned';
      this.#books.rule(ended, `a call of ${ticket.version!.key} is ${outcome} for ever`);
    }
    this.#books.rule(stats.waiting === 0, `${stats.waiting} calls are counted as waiting`);
    const roomy =
      limits.instancesMax >= 40 && limits.memoryMbMax >= 100_000 && limits.projectInstancesMax >= 40;
    for (const book of this.#books.versions.values()) {
      const { key } = book.version;
      const most = this.#books.provisioned(book);
      this.#books.rule(book.existing <= most, `${book.existing} instances of ${key} are left`);
      const kept = !roomy || !faultless || book.existing === most;
      this.#books.rule(kept, `${book.existing} of ${most} provisioned instances of ${key}`);
    }
    if (this.#books.provisions) return;
    const guests = this.#books.instances.size;
    this.#books.rule(guests <= limits.prewarmMin, `${guests} empty guests are left`);
    this.#books.rule(
      !roomy || bootFails > 0 || guests === limits.prewarmMin,
      `${guests} empty guests are kept`,
    );
    this.#books.rule(
      stats.memoryMb === this.#books.memoryMb,
      `the books say ${stats.memoryMb} MB of ${this.#books.memoryMb} MB`,
    );
    this.#books.rule(
      stats.functions.length === 0,
      `${stats.functions.length} functions are remembered for ever`,
    );
  }

  /** After a shutdown: nothing at all is left, and the books say so. */
  closed(stats: SchedulerStats): void {
    this.#books.rule(
      this.#books.instances.size === 0,
      `${this.#books.instances.size} instances survive the shutdown`,
    );
    this.#books.rule(stats.memoryMb === 0, `the books say ${stats.memoryMb} MB after the shutdown`);
    this.#books.rule(stats.starts === 0 && stats.waiting === 0, 'something is counted after the shutdown');
  }

  /** Calls wait that no start covers, there is room, and nothing that could be in the way is under way. */
  #stalls(book: VersionBook): boolean {
    const { limits } = this.#books.scenario;
    const { perInstance, maxInstances } = book.version.limits;
    const memoryMb = this.#books.memoryOf(book);
    if (this.#books.closing || memoryMb > limits.memoryMbMax) return false;
    // What is provisioned is promised, even while it is not there.
    if (this.#books.provisions) return false;
    if (book.waiting.size <= book.specialising * perInstance || book.existing >= maxInstances) return false;
    if (this.#books.inProject(book) >= limits.projectInstancesMax) return false;
    if (
      this.#books.instances.size >= limits.instancesMax ||
      this.#books.memoryMb + memoryMb > limits.memoryMbMax
    )
      return false;
    // An instance that is busy or on its way may take a call sooner than one more would, but not for ever.
    const overdue = [...book.waiting].filter(({ submittedAt }) => this.#isOverdue(submittedAt)).length;
    if (book.serving + book.specialising > 0 && overdue <= book.specialising * perInstance) return false;
    // Others wait for room too, and it may be their turn first.
    for (const other of this.#books.versions.values())
      if (other !== book && other.waiting.size > 0) return false;
    for (const [instance, each] of this.#books.instances) {
      if (instance.hurried || each.stage === 'booting' || each.stage === 'ending') return false;
    }
    return true;
  }

  #isOverdue(submittedAt: number): boolean {
    const { startHoldMaxMs, startHoldSaturatedMs } = this.#books.scenario.limits;
    const loads = this.#books.scenario.actions.some(({ name }) => name === 'load');
    return this.#books.now() - submittedAt > (loads ? startHoldSaturatedMs : startHoldMaxMs);
  }

  /** A function with calls waiting and no instance gets one within the turns of all the others. */
  #checkStarvation(book: VersionBook): void {
    const starves = book.waiting.size > 0 && book.serving + book.specialising === 0;
    if (!starves) {
      book.starvingSince = Number.NaN;
      return;
    }
    if (Number.isNaN(book.starvingSince)) book.starvingSince = this.#books.now();
    const { limits } = this.#books.scenario;
    // Provisioned instances are never given up, so others may starve beside them for good.
    if (this.#books.provisions) return;
    if (book.version.limits.memoryMb > limits.memoryMbMax) return;
    const turnMs = limits.fairTenureMs + LONGEST_CALL_MS + LONGEST_START_MS + LONGEST_END_MS;
    const turns = (this.#books.now() - book.starvingSince) / (turnMs * this.#books.versions.size);
    this.starvedMost = Math.max(this.starvedMost, turns);
    const most = limits.memoryMbMax >= 100_000 ? STARVING_ROUNDS_MAX : STARVING_ROUNDS_MAX_BY_MEMORY;
    this.#books.rule(turns <= most, `calls of ${book.version.key} starve`);
  }
}
