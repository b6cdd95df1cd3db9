import type { FunctionVersion } from './function-version.ts';
import type { Route } from './route.ts';

/**
 * What one environment of one app serves right now: the whole of one release, or nothing of it.
 * Immutable; activating another release replaces the object, never a part of it.
 */
export interface AppSnapshot {
  readonly app: string;
  readonly environment: string;
  readonly release: string;
  readonly functions: ReadonlyMap<string, FunctionVersion>;
  readonly routes: readonly Route[];
}

const PRODUCTION = 'production';

/** The name in `NAME.localhost` and `/@NAME/`: `APP`, or `APP--ENV` for what is not production. */
export function addressOf(app: string, environment: string): string {
  return environment === PRODUCTION ? app : `${app}--${environment}`;
}
