import type { AppConfig } from './app-config.ts';
import { BuildSession } from './build-session.ts';
import type { BuildOptions, BuiltApp } from './built-app.ts';

/**
 * Builds every function of an app. Writes nothing to the app's folder but what it may keep in `.mayfly/` (installed packages of Python), and leaves no process behind.
 * @throws MayflyError BUILD_FAILED; `details.problems` has every problem found (`Problem[]`). The signal's reason
 *   when the build was aborted.
 */
export async function buildApp(config: AppConfig, options: BuildOptions = {}): Promise<BuiltApp> {
  const session = new BuildSession(false);
  try {
    return await session.build(config, null, options);
  } finally {
    await session.close();
  }
}
