import { MayflyError } from '../../domain/errors.ts';

/** Hands out host user ids so that no two living sandboxes share one. */
export class HostUserIds {
  readonly #free: number[];

  constructor(first: number, count: number) {
    this.#free = Array.from({ length: count }, (_, index) => first + count - 1 - index);
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
