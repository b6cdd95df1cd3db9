/** Runs tasks of one key one after another, in the order they came; tasks of different keys run side by side. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves or rejects as the task does; a task that fails does not stop the next. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
