import type { FunctionVersion } from '../../../domain/function-version.ts';
import type { Instance } from '../instance.ts';
import type { Ticket } from '../ticket.ts';
import type { Scenario } from './scenario.ts';

/** A rule that the scheduler broke. */
export class Violation extends Error {}

/** What is known of a version. */
export class VersionBook {
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

export interface InstanceBook {
  stage: 'booting' | 'prewarmed' | 'specialising' | 'serving' | 'ending';
  version: VersionBook | null;
  frozen: boolean;
  /** The scheduler told it to end. */
  dismissed: boolean;
  inUse: number;
  memoryMb: number;
}

/** The books of a simulated run, kept from what went into the scheduler and came out of it. */
export class Books {
  readonly scenario: Scenario;
  readonly now: () => number;
  readonly versions = new Map<string, VersionBook>();
  readonly instances = new Map<Instance, InstanceBook>();
  /** `waiting`, `assigned`, `served`, `cancelled`, `rejected CODE`. */
  readonly outcomes = new Map<Ticket, string>();
  /** Some function has provisioned instances: they are never given up, so others may have to do without. */
  readonly provisions: boolean;
  memoryMb = 0;
  platformFailed = false;
  closing = false;

  constructor(scenario: Scenario, now: () => number) {
    this.scenario = scenario;
    this.now = now;
    this.provisions = scenario.functions.some((each) => each.limits.provisioned > 0);
  }

  of(version: FunctionVersion): VersionBook {
    let book = this.versions.get(version.key);
    if (book === undefined) {
      book = new VersionBook(version);
      this.versions.set(version.key, book);
    }
    return book;
  }

  /** The ticket's wait is over. */
  end(ticket: Ticket, outcome: string): void {
    this.outcomes.set(ticket, outcome);
    this.of(ticket.version!).waiting.delete(ticket);
  }

  /** It serves no more calls. */
  withdraw(book: InstanceBook): void {
    if (book.stage === 'specialising') book.version!.specialising--;
    if (book.stage === 'serving') {
      book.version!.serving--;
      book.version!.slotsUsed -= book.inUse;
    }
    book.stage = 'ending';
  }

  provisioned({ active, version }: VersionBook): number {
    return active && !this.closing ? Math.min(version.limits.provisioned, version.limits.maxInstances) : 0;
  }

  /** Starts that the waiting calls, or the provisioned instances that are missing, can use. */
  startsUseful(book: VersionBook): number {
    const forCalls = Math.ceil(book.waiting.size / book.version.limits.perInstance);
    return Math.max(forCalls, this.provisioned(book) - book.serving);
  }

  memoryOf(book: VersionBook): number {
    return Math.max(book.version.limits.memoryMb, this.scenario.limits.genericMemoryMb);
  }

  inProject(book: VersionBook): number {
    let existing = 0;
    for (const other of this.versions.values()) {
      if (other.version.project === book.version.project) existing += other.existing;
    }
    return existing;
  }

  /** @throws Violation */
  rule(holds: boolean, broken: string): void {
    if (!holds) throw new Violation(`at ${this.now().toFixed(2)} ms: ${broken}`);
  }
}
