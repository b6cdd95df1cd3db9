import { randomInt } from 'node:crypto';
import { MayflyError } from '../../domain/errors.ts';

/**
 * Hands out host user ids so that no two living sandboxes share one. They begin somewhere in the range: another node on this machine
 * has the same range, and few sandboxes of the two should be one user.
 */
export class HostUserIds {
  readonly #free: number[];

  constructor(first: number, count: number, start = randomInt(count)) {
    this.#free = Array.from({ length: count }, (_, index) => first + ((start + count - 1 - index) % count));
  }

  /** @throws MayflyError SANDBOX_FAILED when all are taken. */
  take(): number {
    const uid = this.#free.pop();
    if (uid === undefined) {
      throw new MayflyError('SANDBOX_FAILED', 'Every user id for sandboxes is taken; raise "uidCount".');
    }
    return uid;
  }

  give(uid: number): void {
    this.#free.push(uid);
  }
}
