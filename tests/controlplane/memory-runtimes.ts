import { MayflyError } from '../../src/domain/errors.ts';
import type { RuntimeRecord, RuntimeStore } from '../../src/ports/runtime-store.ts';

/** Runtimes that are fetched when a test says so: `fetchable` are missing until then, and fail with `refusal` when it is set. */
export class MemoryRuntimes implements RuntimeStore {
  readonly fetchable: ReadonlySet<string>;
  readonly here = new Set<string>();
  readonly fetched: string[] = [];
  refusal: MayflyError | null = null;

  constructor(fetchable: readonly string[] = []) {
    this.fetchable = new Set(fetchable);
  }

  list(): RuntimeRecord[] {
    return [...this.fetchable].map((name) => this.#recordOf(name));
  }

  isMissing(name: string): boolean {
    return this.fetchable.has(name) && !this.here.has(name);
  }

  async ensure(name: string): Promise<void> {
    if (this.isMissing(name)) await this.add(name);
  }

  async add(name: string): Promise<RuntimeRecord> {
    if (this.refusal !== null) throw this.refusal;
    this.fetched.push(name);
    this.here.add(name);
    return this.#recordOf(name);
  }

  async addPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<RuntimeRecord> {
    for await (const _ of content);
    return this.add(name);
  }

  async remove(name: string): Promise<void> {
    if (!this.here.delete(name)) throw new MayflyError('NOT_FOUND', `The runtime "${name}" is not here.`);
  }

  #recordOf(name: string): RuntimeRecord {
    const here = this.here.has(name);
    return {
      name,
      version: here ? '1.0.0' : null,
      bytes: here ? 1 : 0,
      from: here ? 'registry' : null,
      integrity: here ? 'sha512-x' : null,
      addedAt: here ? 1 : null,
    };
  }
}
