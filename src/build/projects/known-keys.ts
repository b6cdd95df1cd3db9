import type { Place } from '../problem.ts';
import type { KeyPath } from '../schema-mismatch.ts';
import { sayPath } from '../schema-mismatch.ts';
import type { AppDraft } from './app-draft.ts';

/**
 * What is known about the keys of a mapping: `read` (something is made of it), `idle` (it says nothing about running the code), or
 * what it means that nothing is made of it, beginning with `later: ` when a service of Mayfly's will.
 */
export type KnownKeys = Readonly<Record<string, string>>;

/** Tells every key of a mapping of which nothing is made. */
export function tellKeys(
  draft: AppDraft,
  value: unknown,
  path: KeyPath,
  known: KnownKeys,
  placeOf: (path: KeyPath) => Place,
  owner?: string,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const meaning = Object.hasOwn(known, key)
      ? known[key]
      : 'Mayfly does not know it, and makes nothing of it';
    if (
      meaning === undefined ||
      meaning === 'read' ||
      meaning === 'idle' ||
      inner === null ||
      inner === undefined
    )
      continue;
    const here = [...path, key];
    const what = sayPath(here);
    const own = owner === undefined ? {} : { function: owner };
    const said = { place: placeOf(here), what, ...own };
    if (meaning.startsWith('later: ')) draft.later({ ...said, means: meaning.slice('later: '.length) });
    else draft.ignored({ ...said, means: meaning });
  }
}
