import type { FunctionVersion } from '../../domain/function-version.ts';
import { Link } from '../../kit/linked-list.ts';
import type { Instance } from './instance.ts';

/**
 * One call's claim to a slot. The driver extends it with what it knows of the call; the scheduler alone writes these
 * fields. A ticket is submitted once and has exactly one outcome: assigned, rejected, or cancelled while it waited.
 */
export class Ticket {
  /** `settled`: released, rejected or cancelled; the scheduler has forgotten it. */
  state: 'new' | 'waiting' | 'assigned' | 'settled' = 'new';
  version: FunctionVersion | null = null;
  instance: Instance | null = null;
  /** When it was submitted and when it was handed to an instance, ms. */
  submittedAt = 0;
  assignedAt = 0;
  #link: Link<Ticket> | null = null;

  /** Place in the queue of its function; made when it first has to wait, which a warm call does not. */
  get link(): Link<Ticket> {
    this.#link ??= new Link<Ticket>(this);
    return this.#link;
  }
}
