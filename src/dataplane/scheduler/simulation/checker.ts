import type { ErrorCode, MayflyError } from '../../../domain/errors.ts';
import type { FunctionVersion } from '../../../domain/function-version.ts';
import type { SchedulerEffects } from '../effects.ts';
import type { Instance } from '../instance.ts';
import type { Ticket } from '../ticket.ts';
import type { Books, InstanceBook } from './books.ts';

/**
 * Stands between a scheduler and the simulated world, writes down what passes, and throws a `Violation` when a rule is
 * broken. It takes nothing from the scheduler's own books.
 */
export class Checker implements SchedulerEffects {
  readonly #books: Books;
  readonly #world: SchedulerEffects;

  constructor(books: Books, world: SchedulerEffects) {
    this.#books = books;
    this.#world = world;
  }

  // What goes in.

  submitted(ticket: Ticket, version: FunctionVersion): void {
    this.#books.outcomes.set(ticket, 'waiting');
    this.#books.of(version).waiting.add(ticket);
  }

  /** The caller gave up; true: the scheduler must forget the ticket. */
  cancelled(ticket: Ticket): boolean {
    if (this.#books.outcomes.get(ticket) !== 'waiting') return false;
    this.#books.end(ticket, 'cancelled');
    return true;
  }

  released(ticket: Ticket): void {
    if (this.#books.outcomes.get(ticket) !== 'assigned') return;
    this.#books.outcomes.set(ticket, 'served');
    const book = this.#books.instances.get(ticket.instance!);
    if (book === undefined) return;
    book.inUse--;
    if (book.stage === 'serving') book.version!.slotsUsed--;
  }

  activated(version: FunctionVersion, active: boolean): void {
    this.#books.of(version).active = active;
  }

  booted(instance: Instance): void {
    const book = this.#books.instances.get(instance)!;
    if (book.stage === 'booting') book.stage = 'prewarmed';
  }

  ready(instance: Instance): void {
    const book = this.#books.instances.get(instance)!;
    if (book.stage !== 'specialising') return;
    book.stage = 'serving';
    book.version!.specialising--;
    book.version!.serving++;
  }

  failed(instance: Instance, error: MayflyError): void {
    const book = this.#books.instances.get(instance)!;
    if (book.version !== null) book.version.failed = true;
    if (error.blame === 'platform') this.#books.platformFailed = true;
    this.#books.withdraw(book);
  }

  condemned(instance: Instance): void {
    this.#books.withdraw(this.#books.instances.get(instance)!);
  }

  gone(instance: Instance): void {
    const book = this.#books.instances.get(instance)!;
    if (book.stage === 'booting' || book.stage === 'specialising') {
      this.#books.platformFailed = true;
      if (book.version !== null) book.version.failed = true;
    }
    this.#books.withdraw(book);
    this.#books.instances.delete(instance);
    this.#books.memoryMb -= book.memoryMb;
    if (book.version !== null) book.version.existing--;
  }

  closing(): void {
    this.#books.closing = true;
  }

  // What comes out.

  assign(ticket: Ticket, instance: Instance): void {
    const version = this.#books.versions.get(ticket.version!.key)!;
    this.#outcome(ticket, 'assigned', () => {
      const book = this.#books.instances.get(instance);
      // It may have died in this same moment; then the world fails the call.
      if (book === undefined || (book.stage === 'ending' && !book.dismissed)) return;
      this.#books.rule(book.stage === 'serving', `assigned to an instance that is ${book.stage}`);
      this.#books.rule(book.version === version, `assigned to an instance of ${book.version?.version.key}`);
      this.#books.rule(!book.frozen, 'assigned to a frozen instance');
      this.#books.rule(book.inUse < version.version.limits.perInstance, 'assigned to a full instance');
      const [oldest] = version.waiting;
      this.#books.rule(oldest === ticket, 'assigned before an older call of the same version');
      book.inUse++;
      version.slotsUsed++;
    });
    this.#world.assign(ticket, instance);
  }

  reject(ticket: Ticket, code: ErrorCode, retryAfterMs: number, cause: MayflyError | null): void {
    const { version, waiting, failed } = this.#books.versions.get(ticket.version!.key)!;
    const waitedMs = this.#books.now() - ticket.submittedAt;
    this.#outcome(ticket, `rejected ${code}`, () => {
      this.#books.rule(Number.isFinite(retryAfterMs) && retryAfterMs >= 0, `retry after ${retryAfterMs} ms`);
      const { limits, faultless } = this.#books.scenario;
      const tooLarge = this.#books.provisions || version.limits.memoryMb > limits.memoryMbMax;
      if (code === 'QUEUE_FULL')
        this.#books.rule(waiting.size > version.limits.queueMax, 'refused by a queue with room');
      else if (code === 'QUEUE_TIMEOUT') {
        this.#books.rule(waitedMs >= version.limits.queueTimeoutMs, 'timed out early');
        this.#books.rule(this.#books.provisions || !faultless, 'timed out although nothing failed');
      } else if (code === 'SHUTTING_DOWN')
        this.#books.rule(this.#books.closing, 'refused by a shutdown that was not');
      else if (code === 'FUNCTION_INIT_FAILED')
        this.#books.rule(failed, 'failed by an init that did not fail');
      else
        this.#books.rule(
          code === 'SANDBOX_FAILED' && (this.#books.platformFailed || tooLarge),
          `failed by ${code}`,
        );
      this.#books.rule(
        (cause === null) === /QUEUE|SHUTTING/.test(code),
        'rejected with the wrong kind of cause',
      );
    });
    this.#world.reject(ticket, code, retryAfterMs, cause);
  }

  boot(instance: Instance): void {
    this.#books.rule(!this.#books.instances.has(instance), 'booted twice');
    this.#books.rule(!this.#books.closing, 'booted during shutdown');
    const book: InstanceBook = {
      stage: 'booting',
      version: null,
      frozen: false,
      dismissed: false,
      inUse: 0,
      memoryMb: this.#books.scenario.limits.genericMemoryMb,
    };
    this.#books.instances.set(instance, book);
    this.#books.memoryMb += book.memoryMb;
    this.#checkNode();
    this.#checkRefill(instance);
    this.#world.boot(instance);
  }

  specialise(instance: Instance, version: FunctionVersion): void {
    const book = this.#books.instances.get(instance);
    // A guest that died in this same moment; the world says so again.
    if (book === undefined || (book.stage === 'ending' && !book.dismissed)) {
      this.#world.specialise(instance, version);
      return;
    }
    const of = this.#books.of(version);
    this.#books.rule(book.stage === 'prewarmed', `specialised an instance that is ${book.stage}`);
    this.#books.rule(
      instance.kind.network === version.limits.network,
      'specialised an instance of another kind',
    );
    book.stage = 'specialising';
    book.version = of;
    const memoryMb = this.#books.memoryOf(of);
    this.#books.memoryMb += memoryMb - book.memoryMb;
    book.memoryMb = memoryMb;
    of.specialising++;
    of.existing++;
    const { maxInstances } = version.limits;
    const { projectInstancesMax } = this.#books.scenario.limits;
    this.#books.rule(
      of.specialising <= this.#books.startsUseful(of),
      'more starts in flight than calls waiting',
    );
    this.#books.rule(
      of.existing <= maxInstances,
      `${of.existing} instances of a function that may have ${maxInstances}`,
    );
    this.#books.rule(
      this.#books.inProject(of) <= projectInstancesMax,
      `${this.#books.inProject(of)} instances in a project`,
    );
    this.#checkNode();
    this.#world.specialise(instance, version);
  }

  freeze(instance: Instance): void {
    const book = this.#books.instances.get(instance);
    if (book !== undefined) {
      this.#books.rule(
        book.stage === 'serving' && book.inUse === 0 && !book.frozen,
        'froze what was not idle',
      );
      book.frozen = true;
    }
    this.#world.freeze(instance);
  }

  thaw(instance: Instance): void {
    const book = this.#books.instances.get(instance);
    if (book !== undefined) {
      this.#books.rule(book.frozen, 'thawed what was not frozen');
      book.frozen = false;
    }
    this.#world.thaw(instance);
  }

  drain(instance: Instance): void {
    const book = this.#books.instances.get(instance);
    if (book !== undefined) {
      this.#books.rule(book.stage === 'serving', `drained an instance that is ${book.stage}`);
      this.#books.rule(book.inUse === 0, 'drained while it serves');
      this.#books.rule(!book.frozen, 'drained while it is frozen');
      this.#books.withdraw(book);
      book.dismissed = true;
    }
    this.#world.drain(instance);
  }

  kill(instance: Instance): void {
    const book = this.#books.instances.get(instance);
    if (book !== undefined) {
      this.#books.rule(!book.dismissed, 'told to end twice');
      this.#books.withdraw(book);
      book.dismissed = true;
    }
    this.#world.kill(instance);
  }

  #outcome(ticket: Ticket, outcome: string, check: () => void): void {
    const before = this.#books.outcomes.get(ticket);
    this.#books.rule(before === 'waiting', `${outcome}: a ticket that is ${before ?? 'unknown'}`);
    check();
    this.#books.end(ticket, outcome);
  }

  #checkNode(): void {
    const { instancesMax, memoryMbMax } = this.#books.scenario.limits;
    this.#books.rule(
      this.#books.instances.size <= instancesMax,
      `${this.#books.instances.size} instances on the node`,
    );
    this.#books.rule(this.#books.memoryMb <= memoryMbMax, `${this.#books.memoryMb} MB on the node`);
  }

  /** A boot while a call waits for one must itself be for a call. Only told with certainty when nothing failed. */
  #checkRefill(instance: Instance): void {
    if (!this.#books.scenario.faultless || this.#books.scenario.limits.projectInstancesMax < 1_000) return;
    if (this.#books.provisions) return;
    let useful = 0;
    let urgent = false;
    for (const book of this.#books.versions.values()) {
      if (book.waiting.size > 0 && book.serving + book.specialising === 0) {
        if (book.existing < book.version.limits.maxInstances) urgent = true;
      }
      if (book.version.limits.network !== instance.kind.network) continue;
      useful += Math.max(0, this.#books.startsUseful(book) - book.specialising);
    }
    let booting = 0;
    for (const [other, each] of this.#books.instances) {
      if (each.stage === 'booting' && other.kind.network === instance.kind.network) booting++;
    }
    this.#books.rule(!urgent || booting <= useful, 'refilled while a call waits for a guest');
  }
}
