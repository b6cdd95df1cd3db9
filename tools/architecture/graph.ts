import type { Repository } from './repository.ts';

/** The rooms and who really imports whom, as a Mermaid flowchart, in a stable order. Tests are left out. */
export function drawGraph(repository: Repository): string {
  const rooms = new Set<string>();
  const edges = new Set<string>();
  for (const file of repository.files) {
    const from = repository.roomOf(file.path);
    if (from === null || file.isTest || isOutside(from.name)) continue;
    rooms.add(from.name);
    for (const { specifier } of file.imports) {
      const target = repository.target(file, specifier);
      const to = target === null || !repository.has(target) ? null : repository.roomOf(target);
      if (to !== null && to.name !== from.name) edges.add(`  ${idOf(from.name)} --> ${idOf(to.name)}`);
    }
  }
  const nodes = [...rooms].sort().map((name) => `  ${idOf(name)}["${name.replace(/^src\//, '')}"]`);
  return ['```mermaid', 'flowchart LR', ...nodes, ...[...edges].sort(), '```'].join('\n');
}

/** Rooms that look at the whole from outside would draw a line to everything. */
function isOutside(room: string): boolean {
  return ['tests', 'tools', 'bench'].includes(room);
}

function idOf(room: string): string {
  return room.replace(/[^a-z0-9]+/g, '_');
}
