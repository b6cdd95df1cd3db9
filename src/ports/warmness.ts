import type { MayflyError } from '../domain/errors.ts';

/** How far the instances of a release have come that are kept ready although nobody calls. */
export interface Warmness {
  /** One row a function that keeps instances; null: the release is neither a track nor a candidate of that environment. */
  of(app: string, environment: string, release: string): readonly FunctionWarmness[] | null;
}

export interface FunctionWarmness {
  readonly function: string;
  /** Instances that are to be ready. */
  readonly wanted: number;
  /** Instances that can take a call now; more than `wanted` when it is called already. */
  readonly ready: number;
  /** Why none can be started, as far as is known: its code does not load. */
  readonly error: MayflyError | null;
}
