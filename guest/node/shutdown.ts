import { whenLoopIsEmpty } from './empty-loop.ts';
import { exitProcess } from './exit-guard.ts';
import { SHUTDOWN_MS_MAX } from './limits.ts';

const { emit, listenerCount } = process;

/**
 * Ends a drained process with 0. Listeners for SIGTERM, the way servers and libraries learn that it is time to go,
 * are told and may take a moment: until the event loop is empty, they exit themselves, or the time is up.
 */
export function shutDown(): void {
  if (Reflect.apply(listenerCount, process, ['SIGTERM']) === 0) exitProcess(0);
  whenLoopIsEmpty(() => exitProcess(0));
  setTimeout(() => exitProcess(0), SHUTDOWN_MS_MAX).unref();
  Reflect.apply(emit, process, ['SIGTERM', 'SIGTERM']);
}
