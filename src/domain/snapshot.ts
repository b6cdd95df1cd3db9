import type { BoundTrigger } from './bound-trigger.ts';
import type { FunctionVersion } from './function-version.ts';
import type { Route } from './route.ts';

/**
 * One release as one environment of its app serves it: the whole of it, with that environment's configuration.
 * Immutable; activating another release replaces the object, never a part of it.
 */
export interface AppSnapshot {
  readonly app: string;
  readonly environment: string;
  readonly release: string;
  /**
   * Proof that a call belongs to this release: whoever shows it is served by it, whatever is active meanwhile. Given to
   * the release's own functions only; nobody else can guess it.
   */
  readonly pin: string;
  readonly functions: ReadonlyMap<string, FunctionVersion>;
  readonly routes: readonly Route[];
  /** Left out when no function has any. */
  readonly triggers?: readonly BoundTrigger[];
}

/** What an environment serves right now; replaced as a whole. */
export interface EnvironmentSnapshot {
  readonly app: string;
  readonly environment: string;
  /** Null: nothing has been activated yet, only its candidates are there. */
  readonly stable: AppSnapshot | null;
  readonly canary: CanaryTrack | null;
  /** Releases that only their pin reaches: they are being checked before they are activated. */
  readonly candidates: readonly AppSnapshot[];
}

/** The release that a share of the clients is served by. */
export interface CanaryTrack {
  readonly snapshot: AppSnapshot;
  /** Names the canary: a client keeps its side as long as it lives, and draws anew for the next one. */
  readonly id: string;
  /** Share of the clients, in basis points: 0 to 10,000. */
  readonly weight: number;
  readonly key: StickyKey;
}

/** By what a client is recognised, so that it stays on its side. */
export type StickyKey =
  /** A cookie of the gateway's own. */
  | { readonly kind: 'cookie' }
  /** The value of a request header; without it, as `cookie`. */
  | { readonly kind: 'header'; readonly name: string }
  /** The client's address. */
  | { readonly kind: 'address' };

export const WEIGHT_MAX = 10_000;

const PRODUCTION = 'production';

/** The name in `NAME.localhost` and `/@NAME/`: `APP`, or `APP--ENV` for what is not production. */
export function addressOf(app: string, environment: string): string {
  return environment === PRODUCTION ? app : `${app}--${environment}`;
}
