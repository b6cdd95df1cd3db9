const { on } = process;

/** Errors that nobody caught, rejections that nobody handled; the process must end after one. */
export type CrashListener = (thrown: unknown, origin: 'uncaughtException' | 'unhandledRejection') => void;

/**
 * Listens for crashes. Listeners of the author's (error trackers have some) run too, after this one; an
 * `unhandledRejection` listener of theirs takes rejections away from it, as Node documents.
 */
export function guardCrashes(crashed: CrashListener): void {
  Reflect.apply(on, process, ['uncaughtException', crashed]);
}
