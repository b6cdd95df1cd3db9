import { Interrupted } from './shell.ts';

/**
 * A signal that comes again within this time is the same one, ms: a terminal sends Ctrl-C to every process of the group, and
 * launchers (`bin/mayfly`, npm) pass on what they got.
 */
const SAME_SIGNAL_MS = 500;

/** Turns SIGINT and SIGTERM into an abort with an `Interrupted`; a second, later one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (by: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(new Interrupted(by).exitCode);
      return;
    }
    firstAt = performance.now();
    controller.abort(new Interrupted(by));
  };
  process.on('SIGINT', () => onSignal('SIGINT'));
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  // A terminal that was closed: the same as being asked to end.
  process.on('SIGHUP', () => onSignal('SIGTERM'));
  return controller.signal;
}
