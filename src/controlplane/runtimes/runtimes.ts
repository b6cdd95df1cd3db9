import type { Runtime } from '../../contract/runtime-api.ts';
import { MayflyError } from '../../domain/errors.ts';
import type { AppSnapshot } from '../../domain/snapshot.ts';
import type { RuntimeRecord, RuntimeStore } from '../../ports/runtime-store.ts';

/** What is served now, and what is on trial. */
interface LiveReleases {
  list(): readonly {
    readonly record: { readonly app: string; readonly name: string };
    readonly stable: AppSnapshot | null;
    readonly canary: AppSnapshot | null;
  }[];
}

interface RuntimesDeps {
  readonly runtimeStore: RuntimeStore;
  readonly live: LiveReleases;
}

/** The runtimes of the node, and who needs them. */
export class Runtimes {
  readonly #store: RuntimeStore;
  readonly #live: LiveReleases;

  constructor({ runtimeStore, live }: RuntimesDeps) {
    this.#store = runtimeStore;
    this.#live = live;
  }

  list(): Runtime[] {
    return this.#store.list().map((record) => this.#described(record));
  }

  /** Fetches the newest version. @throws MayflyError as `RuntimeStore.add` */
  async add(name: string): Promise<Runtime> {
    return this.#described(await this.#store.add(name));
  }

  /** @throws MayflyError as `RuntimeStore.addPackage` */
  async addPackage(name: string, content: AsyncIterable<Uint8Array>): Promise<Runtime> {
    return this.#described(await this.#store.addPackage(name, content));
  }

  /** @throws MayflyError NOT_FOUND, CONFLICT (it is the platform's own, or something live needs it) */
  async remove(name: string): Promise<void> {
    const users = this.#usersOf(name);
    if (users.length > 0)
      throw new MayflyError('CONFLICT', `The runtime "${name}" is used by ${users.join(', ')}.`, {
        details: { usedBy: users },
      });
    await this.#store.remove(name);
  }

  /**
   * Fetches what is missing of the runtimes that these names say.
   * @param onFetch told before each download
   * @throws MayflyError RUNTIME_UNAVAILABLE, STORAGE_FULL
   */
  async ensure(names: Iterable<string>, onFetch: (name: string) => void = () => {}): Promise<void> {
    for (const name of new Set(names)) {
      if (!this.#store.isMissing(name)) continue;
      onFetch(name);
      await this.#store.ensure(name);
    }
  }

  #described(record: RuntimeRecord): Runtime {
    return { ...record, usedBy: this.#usersOf(record.name) };
  }

  /** `APP (ENVIRONMENT)` of what serves or tries a release with a function of that runtime. */
  #usersOf(name: string): string[] {
    return this.#live
      .list()
      .filter(({ stable, canary }) => [stable, canary].some((snapshot) => runtimesOf(snapshot).has(name)))
      .map(({ record }) => `${record.app} (${record.name})`);
  }
}

/** What a release needs. */
export function runtimesOf(snapshot: AppSnapshot | null): ReadonlySet<string> {
  return new Set([...(snapshot?.functions.values() ?? [])].map(({ runtime }) => runtime));
}
