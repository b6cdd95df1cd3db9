import { stop } from 'esbuild';

/**
 * esbuild works in a process of its own, started by its first use. It is stopped when its last user has gone, so
 * that a command which ends, fails or is interrupted leaves no stray process.
 */
let users = 0;

/** Keeps the process until the returned function is called. */
export function holdEsbuild(): () => Promise<void> {
  users += 1;
  let held = true;
  return async () => {
    if (!held) return;
    held = false;
    users -= 1;
    if (users === 0) await stop();
  };
}
