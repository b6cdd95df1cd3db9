import type { KeyPath } from '../schema-mismatch.ts';
import { isMapping } from './section.ts';

/** What stands between the braces leads to a value, or to undefined. */
export type Resolve = (reference: string) => unknown;

/** A reference that leads nowhere, and where it stands. */
export interface MissingReference {
  readonly reference: string;
  readonly path: KeyPath;
}

const WHOLE = /^\$\{([^{}]*)\}$/;
const INNER = /\$\{([^{}]*)\}/g;
/** Values may refer to values that refer to others; more than this is a circle. */
const depthMax = 8;

/**
 * Fills in `${…}` everywhere in a value. A text that is one reference and nothing else takes the value's own type; a reference
 * that leads nowhere stays as it is.
 * @param missing gets the references that lead nowhere
 */
export function fillReferences(value: unknown, resolve: Resolve, missing: MissingReference[]): unknown {
  return fill(value, resolve, missing, [], 0);
}

function fill(
  value: unknown,
  resolve: Resolve,
  missing: MissingReference[],
  path: KeyPath,
  depth: number,
): unknown {
  const inner = (each: unknown, key: string | number) => fill(each, resolve, missing, [...path, key], depth);
  if (Array.isArray(value)) return value.map((each: unknown, index) => inner(each, index));
  if (isMapping(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each, key)]));
  }
  if (typeof value !== 'string') return value;
  const follows = (reference: string): unknown => {
    const found = depth >= depthMax ? undefined : resolve(reference.trim());
    if (found === undefined) missing.push({ reference: reference.trim(), path });
    return found === undefined ? undefined : fill(found, resolve, missing, path, depth + 1);
  };
  const whole = WHOLE.exec(value)?.[1];
  if (whole !== undefined) return follows(whole) ?? value;
  return value.replace(INNER, (all, reference: string) => {
    const found = follows(reference);
    return found === undefined || isMapping(found) ? all : String(found);
  });
}

/** Follows `a.b[0].c` into a value. */
export function follow(value: unknown, path: string): unknown {
  let found: unknown = value;
  for (const part of path.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    if (Array.isArray(found)) found = found[Number(part)];
    else if (isMapping(found)) found = found[part];
    else return undefined;
  }
  return found;
}
