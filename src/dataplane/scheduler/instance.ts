import type { FunctionVersion } from '../../domain/function-version.ts';
import { Link } from '../../kit/linked-list.ts';
import type { InstanceState } from './instance-state.ts';

/** What an empty guest is made for: it can become any function of the same kind. */
export interface GuestKind {
  /** `nodejs24`. */
  readonly runtime: string;
  readonly network: 'full' | 'none';
}

/**
 * One sandbox as the scheduler sees it. The scheduler makes it and alone writes to it, save for `guest`, which is the
 * driver's own; everybody may read.
 */
export class Instance<G = unknown> {
  /** Counts up from 1; never used twice in a scheduler's life. */
  readonly id: number;
  readonly kind: GuestKind;
  state: InstanceState = 'booting';
  /** What it became; null until it is specialised. */
  version: FunctionVersion | null = null;
  /** Memory it is accounted for, MB. */
  memoryMb: number;
  /** Calls it serves now. */
  inUse = 0;
  /** Calls it was ever given: 1 while it serves its first, which is then a cold one. */
  served = 0;
  /** When it began to specialise, and when it was ready, ms; their difference is the init time. */
  specialisedAt = 0;
  readyAt = 0;
  /** Since when it serves nothing, ms; meaningful while it is ready or frozen. */
  idleSince = 0;
  /** It was given its function before it had booted, and still boots. */
  hurried = false;
  /** It has been told to end and serves nothing: its room will be free soon. */
  leaving = false;
  /** The driver's link to the guest. */
  guest: G | undefined = undefined;

  deadline = 0;
  heapIndex = -1;
  /** Place among the idle or the open ones of its function, or among the prewarmed ones of its kind. */
  readonly poolLink: Link<Instance> = new Link<Instance>(this);
  /** Place in the order of last use, within its project and within the node. */
  readonly projectLink: Link<Instance> = new Link<Instance>(this);
  readonly nodeLink: Link<Instance> = new Link<Instance>(this);

  constructor(id: number, kind: GuestKind, memoryMb: number) {
    this.id = id;
    this.kind = kind;
    this.memoryMb = memoryMb;
  }
}
