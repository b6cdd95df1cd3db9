import type { FailureMessage, HeadMessage, InvokeMessage } from '../../contract/guest-messages.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { Outcome } from '../../domain/invocation.ts';
import { Link } from '../../kit/linked-list.ts';
import type { GuestLink } from '../sandbox/guest-link.ts';
import type { GuestStream, StreamEvents } from '../sandbox/guest-stream.ts';
import { Ticket } from '../scheduler/ticket.ts';
import type { LiveRelease } from './live-release.ts';

/** Who waits for the answer: an HTTP exchange of the gateway, or the invoker's collector. */
export interface CallSink {
  /**
   * The response begins, with its first bytes.
   * @throws MayflyError RESPONSE_INVALID, RESPONSE_TOO_LARGE: the answer cannot be passed on; the call has failed.
   */
  head(head: HeadMessage, body: Buffer | null, end: boolean): void;
  chunk(body: Buffer, end: boolean): void;
  /** The request body may flow again. */
  writable(): void;
  /** The call failed; called at most once and nothing follows. `failure` is what the function reported. */
  fail(error: MayflyError, failure: FailureMessage | null): void;
  /** The call has settled and the ledger has it; called exactly once, last. */
  settled(): void;
}

/** What the dispatcher does for a call. */
export interface CallHost {
  cancelWaiting(call: Call): void;
  complete(call: Call): void;
  /** The call failed in a way after which its instance must not be used again. */
  poisoned(call: Call): void;
  report(call: Call, failure: FailureMessage): void;
}

/** What the guest is told of a call; its release is added, and its deadline when it starts. */
export type CallMessage = Omit<InvokeMessage, 'deadline' | 'release' | 'pin'>;

/**
 * One call on its way through the data plane.
 *
 * ```
 *  submitted ──assigned──► running ──settled | failed | timed out | instance gone──► completed
 *      └──rejected | cancelled────────────────────────────────────────────────────────► completed
 * ```
 * `detached`: nobody waits for the answer any more (client gone, time out, answer unusable); what still comes from
 * the guest is swallowed, and the instance stays occupied until the guest settles or dies.
 */
export class Call extends Ticket implements StreamEvents {
  readonly function: FunctionVersion;
  readonly release: LiveRelease;
  readonly trigger: string;
  readonly message: CallMessage;
  readonly sink: CallSink;
  readonly arrivedAt: number;
  /** Place among the calls that run in its instance, in the order in which they began. */
  readonly running: Link<Call> = new Link<Call>(this);
  readonly #host: CallHost;

  completed = false;
  detached = false;
  outcome: Outcome = 'ok';
  /** What is measured and paid, set when the call completes; ms. */
  durationMs = 0;
  billedMs = 0;
  cold = false;
  initMs = 0;
  cpuUs = 0;
  status = 0;
  bytesIn = 0;
  bytesOut = 0;
  #stream: GuestStream | null = null;
  #body: Buffer | null;
  #bodyEnded: boolean;

  constructor(
    host: CallHost,
    version: FunctionVersion,
    release: LiveRelease,
    trigger: string,
    message: CallMessage,
    body: Buffer | null,
    bodyEnded: boolean,
    arrivedAt: number,
    sink: CallSink,
  ) {
    super();
    this.#host = host;
    this.function = version;
    this.release = release;
    this.trigger = trigger;
    this.message = message;
    this.#body = body;
    this.#bodyEnded = bodyEnded;
    this.bytesIn = body === null ? 0 : body.length;
    this.arrivedAt = arrivedAt;
    this.sink = sink;
  }

  /** The scheduler found an instance. `deadline` is in ms since the epoch. */
  start(link: GuestLink, deadline: number): void {
    const { id, traceparent, http, event } = this.message;
    const { release, pin } = this.release.snapshot;
    const metaJson = JSON.stringify({ id, release, pin, deadline, traceparent, http, event });
    this.#stream = link.open(metaJson, this.#body, this.#bodyEnded, this);
    this.#body = null;
    if (!this.#bodyEnded) this.sink.writable();
  }

  /** A further part of the request body. False: stop until the sink's `writable`. */
  write(body: Buffer, end: boolean): boolean {
    if (this.detached || this.completed) return true;
    this.bytesIn += body.length;
    this.#bodyEnded = end;
    if (this.#stream !== null) return this.#stream.write(body, end);
    // Still waiting for an instance: keep what came and let the client wait too.
    this.#body = this.#body === null ? body : Buffer.concat([this.#body, body]);
    return false;
  }

  /** The client took `bytes` of the response. */
  consumed(bytes: number): void {
    this.#stream?.consumed(bytes);
  }

  /** Nobody wants the answer any more, for this reason. Running code is told by its abort signal. */
  abort(outcome: Outcome): void {
    if (this.completed || this.detached) return;
    this.outcome = outcome;
    this.detached = true;
    if (this.#stream === null) this.#host.cancelWaiting(this);
    else this.cancelStream();
  }

  /** The caller's own fault ends the call: told to the caller, and to the running code by its abort signal. */
  giveUp(error: MayflyError): void {
    if (this.completed || this.detached) return;
    const waiting = this.#stream === null;
    this.failNow(error);
    if (waiting) this.#host.cancelWaiting(this);
    else this.cancelStream();
  }

  /** The call fails now, whatever its instance does. */
  failNow(error: MayflyError, failure: FailureMessage | null = null): void {
    if (this.completed) return;
    if (!this.detached) {
      this.detached = true;
      this.outcome = error.code;
      this.status = error.status;
      this.sink.fail(error, failure);
    }
  }

  /** Tells the running code, by its abort signal, that its answer is of no use any more. */
  cancelStream(): void {
    this.#stream?.cancel();
  }

  head(head: HeadMessage, body: Buffer | null, end: boolean): void {
    if (this.detached) {
      if (body !== null) this.#stream?.consumed(body.length);
      return;
    }
    this.status = head.status;
    if (body !== null) this.bytesOut += body.length;
    try {
      this.sink.head(head, body, end);
    } catch (thrown) {
      this.#unusable(thrown);
    }
  }

  chunk(body: Buffer, end: boolean): void {
    if (this.detached) {
      this.#stream?.consumed(body.length);
      return;
    }
    this.bytesOut += body.length;
    try {
      this.sink.chunk(body, end);
    } catch (thrown) {
      this.#unusable(thrown);
    }
  }

  writable(): void {
    if (!this.detached) this.sink.writable();
  }

  settled(cpuUs: number): void {
    this.cpuUs = cpuUs;
    this.#host.complete(this);
  }

  failed(failure: FailureMessage): void {
    this.cpuUs = failure.cpuUs;
    this.#host.report(this, failure);
    this.failNow(new MayflyError(failure.code, `${failure.name}: ${failure.message}`), failure);
    if (failure.fatal) this.#host.poisoned(this);
    this.#host.complete(this);
  }

  #unusable(thrown: unknown): void {
    const error =
      thrown instanceof MayflyError
        ? thrown
        : new MayflyError('RESPONSE_INVALID', String(thrown), { cause: thrown });
    this.failNow(error);
    this.cancelStream();
  }
}
