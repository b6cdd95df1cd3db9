import { Ticket } from '../ticket.ts';
import type { Random } from './random.ts';

/** A call as the simulated world knows it. */
export class Call extends Ticket {
  readonly serviceMs: number;
  readonly label: string;

  constructor(serviceMs: number, label: string) {
    super();
    this.serviceMs = serviceMs;
    this.label = label;
  }
}

/** The process behind an instance. */
export class Process {
  alive = true;
  readonly calls = new Set<Call>();
  /** Its own fate, the same however the run around it is shrunk. */
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }
}
