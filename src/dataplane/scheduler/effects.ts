import type { ErrorCode, MayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { Instance } from './instance.ts';
import type { Ticket } from './ticket.ts';

/**
 * What the scheduler asks of the world. Each effect is called when the decision is complete and the scheduler's state
 * consistent, in order, so an effect may call the scheduler back before it returns. Effects must not throw.
 *
 * Whatever was booted is reported `gone` exactly once, when its process has exited, or at once if there never was one.
 *
 * A driver may declare these methods with its own subclass of `Ticket` and its own `Instance<Guest>`.
 */
export interface SchedulerEffects {
  /**
   * Send this call to this instance; `release(ticket)` when it has settled. If the instance died in this same moment, fail
   * the call as any call of a dead instance.
   */
  assign(ticket: Ticket, instance: Instance): void;
  /**
   * Answer the call with an error. `retryAfterMs`: when a retry may succeed, 0 when it cannot be said. `cause`: the error of the start
   * that failed for it (`code` is then its code); null for `QUEUE_FULL`, `QUEUE_TIMEOUT`, `SHUTTING_DOWN`.
   */
  reject(ticket: Ticket, code: ErrorCode, retryAfterMs: number, cause: MayflyError | null): void;
  /** Start an empty guest of `instance.kind`, bounded to `instance.memoryMb`. Then `booted` or `failed`. */
  boot(instance: Instance): void;
  /** Make this prewarmed guest serve the version. Then `ready` or `failed`. */
  specialise(instance: Instance, version: FunctionVersion): void;
  freeze(instance: Instance): void;
  thaw(instance: Instance): void;
  /** Ask an instance that serves nothing to end, and kill it when it does not in good time. Then `gone`. */
  drain(instance: Instance): void;
  /** End it at once. Then `gone`. */
  kill(instance: Instance): void;
}
