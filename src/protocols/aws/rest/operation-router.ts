import { pathOf, queryOf } from '../sigv4/signed-request.ts';
import type { Operation } from './operation.ts';

interface Row {
  readonly operation: Operation;
  /** Literal segments as they are; parameters `{Name}`. */
  readonly segments: readonly string[];
  /** `find=LayerVersion`. */
  readonly query: string | null;
}

export interface OperationMatch {
  readonly operation: Operation;
  /** Members that the path holds, decoded. */
  readonly path: Readonly<Record<string, string>>;
}

/** Finds the operation that a method and a path ask for. */
export class OperationRouter {
  /** By method and number of segments; a row that also asks for a query comes first. */
  readonly #rows = new Map<string, Row[]>();

  /** @throws RangeError when two operations are called in the same place */
  constructor(operations: readonly Operation[]) {
    const taken = new Set<string>();
    for (const operation of operations) {
      const place = `${operation.method} ${operation.path.replace(/\{\w+\}/g, '{}')}`;
      if (taken.has(place)) throw new RangeError(`Two operations are called by ${place}.`);
      taken.add(place);
      const [path, query = null] = operation.path.split('?') as [string, string?];
      const segments = segmentsOf(path);
      const key = `${operation.method} ${segments.length}`;
      const rows = this.#rows.get(key) ?? [];
      if (query === null) rows.push({ operation, segments, query });
      else rows.unshift({ operation, segments, query });
      this.#rows.set(key, rows);
    }
  }

  /** Null: no operation is called like this. */
  match(method: string, target: string): OperationMatch | null {
    const given = segmentsOf(pathOf(target));
    for (const row of this.#rows.get(`${method} ${given.length}`) ?? []) {
      const path = matchSegments(row.segments, given);
      if (path !== null && hasQuery(row.query, target)) return { operation: row.operation, path };
    }
    return null;
  }
}

/** A slash at the end means nothing. */
function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

function hasQuery(wanted: string | null, target: string): boolean {
  if (wanted === null) return true;
  return queryOf(target).some(([name, value]) => `${name}=${value}` === wanted);
}

function matchSegments(template: readonly string[], given: readonly string[]): Record<string, string> | null {
  const path: Record<string, string> = {};
  for (const [index, wanted] of template.entries()) {
    const segment = given[index]!;
    if (!wanted.startsWith('{')) {
      if (segment !== wanted) return null;
      continue;
    }
    const value = decoded(segment);
    if (value === null || value === '') return null;
    path[wanted.slice(1, -1)] = value;
  }
  return path;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
