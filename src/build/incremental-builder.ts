import { realpath } from 'node:fs/promises';
import { type LoadOptions, loadApp } from './app-loader.ts';
import { BuildSession } from './build-session.ts';
import type { BuildOptions, BuiltApp } from './built-app.ts';

/** Builds the same app again and again, as `mayfly dev` does, and each time only what has changed. */
export interface IncrementalBuilder {
  /**
   * Reads the configuration and builds. `changed`: absolute paths that changed since the last build; without it
   * everything is looked at. One build at a time: a second call waits for the first.
   * @throws MayflyError CONFIG_INVALID, BUILD_FAILED; the builder stays usable.
   */
  build(options?: BuildOptions & { readonly changed?: readonly string[] }): Promise<BuiltApp>;
  /** Waits for a build that is under way and ends the builder's processes. Idempotent. */
  close(): Promise<void>;
}

export function createIncrementalBuilder(dir: string, load: LoadOptions = {}): IncrementalBuilder {
  const session = new BuildSession(true);
  let last: Promise<unknown> = Promise.resolve();
  /** Changes of builds that failed before they were taken up. */
  let missed: readonly string[] | null = [];

  const build: IncrementalBuilder['build'] = async (options = {}) => {
    const { changed } = options;
    missed = changed === undefined || missed === null ? null : [...missed, ...(await resolved(changed))];
    const app = await loadApp(dir, load);
    const taken = missed;
    missed = [];
    return session.build(app, taken, options);
  };
  return {
    build(options) {
      const result = last.then(() => build(options));
      last = result.catch(() => {});
      return result;
    },
    async close() {
      await last;
      await session.close();
    },
  };
}

/** Sources are known by their real paths; a watcher may have come by another. A removed file keeps its path. */
function resolved(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map((path) => realpath(path).catch(() => path)));
}
