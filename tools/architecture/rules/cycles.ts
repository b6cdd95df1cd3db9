import type { Repository } from '../repository.ts';
import type { SourceFile } from '../source-file.ts';
import type { Violation } from '../violation.ts';

/** Nothing reaches itself through its imports, type imports included: no file, and no room. */
export function checkCycles(repository: Repository): Violation[] {
  return [
    ...checkCircles(importsOfFiles(repository), 'cycle'),
    ...checkCircles(importsOfRooms(repository), 'room-cycle'),
  ];
}

/** What a file or a room imports, and where the first such import stands. */
type Edges = ReadonlyMap<string, ReadonlyMap<string, { readonly file: string; readonly line: number }>>;

/** One violation a knot, at the import that begins its shortest circle. */
function checkCircles(edges: Edges, rule: string): Violation[] {
  return findKnots(edges).map((knot): Violation => {
    const start = [...knot].sort()[0] ?? '';
    const round = walkRound(start, new Set(knot), edges);
    const first = edges.get(start)?.get(round[1] ?? start);
    return {
      file: first?.file ?? start,
      line: first?.line ?? 1,
      rule,
      message: `Imports run in a circle: ${round.join(' → ')}.`,
      severity: 'error',
    };
  });
}

function importsOfFiles(repository: Repository): Edges {
  const edges = new Map(repository.files.map(({ path }) => [path, new Map()]));
  for (const { from, to, line } of listEdges(repository))
    edges.get(from.path)?.set(to, { file: from.path, line });
  return edges;
}

function importsOfRooms(repository: Repository): Edges {
  const edges = new Map<string, Map<string, { file: string; line: number }>>();
  for (const { from, to, line } of listEdges(repository)) {
    const [own, other] = [repository.roomOf(from.path)?.name, repository.roomOf(to)?.name];
    if (from.isTest || own === undefined || other === undefined || own === other) continue;
    const known = edges.get(own) ?? new Map();
    if (!known.has(other)) known.set(other, { file: from.path, line });
    edges.set(own, known);
  }
  return edges;
}

function listEdges(repository: Repository): { from: SourceFile; to: string; line: number }[] {
  return repository.files.flatMap((from) =>
    from.imports.flatMap(({ specifier, line }) => {
      const to = repository.target(from, specifier);
      return to !== null && repository.has(to) ? [{ from, to, line }] : [];
    }),
  );
}

/** Strongly connected components of more than one member, or one that imports itself (Tarjan). */
function findKnots(edges: Edges): string[][] {
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
    for (const next of edges.get(node)?.keys() ?? []) {
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
    if (knot.length > 1 || edges.get(node)?.has(node)) knots.push(knot);
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return knots;
}

/** The shortest way from `start` back to itself inside its knot. */
function walkRound(start: string, members: ReadonlySet<string>, edges: Edges): string[] {
  const paths = [[start]];
  const seen = new Set<string>();
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    for (const next of edges.get(path.at(-1) ?? '')?.keys() ?? []) {
      if (next === start) return [...path, start];
      if (!members.has(next) || seen.has(next)) continue;
      seen.add(next);
      paths.push([...path, next]);
    }
  }
  return [start];
}
