import { systemClock } from '../adapters/clock/system-clock.ts';
import type { Dispatcher } from '../dataplane/dispatch/dispatcher.ts';

/** What brings calls in. */
export interface Intake {
  /** Takes nothing new at once; waits for what is under way up to `graceMs`, and little longer. */
  close(graceMs: number): Promise<void>;
}

/** Takes no more calls, then lets those under way end, all of them within one and the same `graceMs`. */
export async function drain(
  intake: readonly Intake[],
  dispatcher: Dispatcher,
  graceMs: number,
): Promise<void> {
  const until = systemClock.now() + graceMs;
  const closed = Promise.all(intake.map((part) => part.close(graceMs)));
  // A request that is still on its way in may become a call.
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    closed,
    new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    }),
  ]);
  clearTimeout(timer);
  await dispatcher.close(Math.max(0, until - systemClock.now()));
  await closed;
}
