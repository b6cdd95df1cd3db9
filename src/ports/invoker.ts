import type { Outcome } from '../domain/invocation.ts';

/** Calls a deployed function with an event: the only way in for services and for the control API. */
export interface Invoker {
  /**
   * Runs one call to its end and collects its result.
   * Errors of the function are a result (`outcome` is not `ok`), not an exception.
   * @throws MayflyError NOT_FOUND, RELEASE_NOT_FOUND, QUEUE_FULL, QUEUE_TIMEOUT, SANDBOX_FAILED, SHUTTING_DOWN
   */
  invoke(call: EventCall): Promise<EventResult>;
  /**
   * The release that a call of this event falls to now, and that `invoke` would choose itself: whoever may have to make a call
   * several times asks once and keeps the answer. `wish` is what an `x-mayfly-release` header said, and goes before.
   * @throws MayflyError NOT_FOUND, RELEASE_NOT_FOUND (a wish that leads nowhere)
   */
  releaseFor(app: string, environment: string, eventId: string, wish?: string): string;
}

export interface EventCall {
  readonly app: string;
  readonly environment: string;
  readonly function: string;
  /**
   * Id of the release that it belongs to, active or not. Without one, or null: the environment's stable release or its
   * canary, by weight, the same for the same event.
   */
  readonly release?: string | null;
  /** What caused it: `invoke`, `schedule`, `queue` …; stands in the ledger. */
  readonly trigger: string;
  /** CloudEvents envelope without data; see `InvokeMessage.event`. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly requestId?: string;
  readonly traceparent?: string;
  readonly signal?: AbortSignal;
  /** Whether `peakMemoryMb` is wanted: asking the kernel takes longer than a small call. */
  readonly measuresMemory?: boolean;
  /**
   * Takes the parts of the result as they come; they are not collected then, and `body` stays empty. The function waits while
   * it has not taken them.
   */
  readonly onPart?: (part: Buffer) => Promise<void>;
  /**
   * Told the answer's status and headers (flat), before its parts. A function that streams may say them to an HTTP client behind an event;
   * otherwise the status is 200 and the content type all there is.
   */
  readonly onHead?: (status: number, headers: readonly string[]) => void;
}

export interface EventResult {
  readonly requestId: string;
  readonly outcome: Outcome;
  /** When `outcome` is not `ok`: what the function reported. */
  readonly error: { readonly name: string; readonly message: string; readonly stack: string } | null;
  readonly contentType: string;
  readonly body: Buffer;
  readonly cold: boolean;
  readonly durationMs: number;
  /** What a cold start took before; 0 of a warm call. */
  readonly initMs: number;
  readonly billedMs: number;
  /** The most that the instance has used so far; null unless asked for, or when it has gone. */
  readonly peakMemoryMb: number | null;
}
