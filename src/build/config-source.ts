import type { Place, Problem } from './problem.ts';
import type { KeyPath } from './schema-mismatch.ts';

/** A configuration as read, before anything in it is believed. */
export interface ConfigSource {
  /** Absolute path; `null` when the app has no configuration file. */
  readonly file: string | null;
  readonly value: unknown;
  /** What kept it from being read; `value` means nothing when there is any. */
  readonly problems: readonly Problem[];
  /** Where a key or its value stands; the nearest enclosing thing when it is not written down. */
  placeOf(path: KeyPath, at: 'key' | 'value'): Place;
}
