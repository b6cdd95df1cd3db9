import { MayflyError } from '../domain/errors.ts';
import type { AppConfig } from './app-config.ts';
import type { BuildOptions, BuiltApp } from './built-app.ts';

/**
 * Builds every function of an app. Writes nothing to the app's folder, and leaves no process behind.
 * @throws MayflyError BUILD_FAILED; `details.problems` has every problem found (`Problem[]`). The signal's reason
 *   when the build was aborted.
 */
export async function buildApp(config: AppConfig, _options: BuildOptions = {}): Promise<BuiltApp> {
  throw new MayflyError('BUILD_FAILED', `${config.dir}: not built yet`);
}
