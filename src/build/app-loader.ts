import { MayflyError } from '../domain/errors.ts';
import type { AppConfig } from './app-config.ts';

/**
 * Reads the app in `dir`: `mayfly.yaml`, or `mayfly.config.ts`, or nothing but `functions/`.
 * @throws MayflyError CONFIG_INVALID; `details.problems` has every problem found (`Problem[]`).
 */
export async function loadApp(dir: string): Promise<AppConfig> {
  throw new MayflyError('CONFIG_INVALID', `${dir}: not built yet`);
}
