import type { Repository } from '../repository.ts';
import type { SourceFile } from '../source-file.ts';
import type { Violation } from '../violation.ts';

/** No file reaches itself through its imports, type imports included. One violation a knot, at its first import. */
export function checkCycles(repository: Repository): Violation[] {
  const byPath = new Map(repository.files.map((file) => [file.path, file]));
  const edges = new Map(repository.files.map((file) => [file.path, targetsOf(repository, file)]));
  return findKnots(edges).map((knot): Violation => {
    const members = new Set(knot);
    const start = [...knot].sort()[0] ?? '';
    const round = walkRound(start, members, edges);
    const line = byPath
      .get(start)
      ?.imports.find(
        (entry) => repository.target(byPath.get(start) as SourceFile, entry.specifier) === round[1],
      )?.line;
    return {
      file: start,
      line: line ?? 1,
      rule: 'cycle',
      message: `Imports run in a circle: ${round.join(' → ')}.`,
      severity: 'error',
    };
  });
}

function targetsOf(repository: Repository, file: SourceFile): string[] {
  const targets = file.imports.map(({ specifier }) => repository.target(file, specifier));
  return targets.filter((target): target is string => target !== null && repository.has(target));
}

/** Strongly connected components of more than one file, or of one that imports itself (Tarjan). */
function findKnots(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const knots: string[][] = [];

  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.get(node) ?? 0);
    stack.push(node);
    onStack.add(node);
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
      } else if (onStack.has(next)) {
        low.set(node, Math.min(low.get(node) ?? 0, order.get(next) ?? 0));
      }
    }
    if (low.get(node) !== order.get(node)) return;
    const knot = stack.splice(stack.indexOf(node));
    for (const member of knot) onStack.delete(member);
    if (knot.length > 1 || edges.get(node)?.includes(node)) knots.push(knot);
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return knots;
}

/** The shortest way from `start` back to itself inside its knot. */
function walkRound(
  start: string,
  members: ReadonlySet<string>,
  edges: ReadonlyMap<string, readonly string[]>,
): string[] {
  const paths = [[start]];
  const seen = new Set<string>();
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    for (const next of edges.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return [...path, start];
      if (!members.has(next) || seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return [start];
}
