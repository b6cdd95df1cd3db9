import { matchRoom, type Repository } from '../repository.ts';
import type { Room } from '../table.ts';
import type { Violation } from '../violation.ts';

/** Every import leads where the table allows; every file stands in a room, every room has a file. */
export function checkLayers(repository: Repository): Violation[] {
  return [...checkImports(repository), ...checkRooms(repository)];
}

function checkImports(repository: Repository): Violation[] {
  const violations: Violation[] = [];
  for (const file of repository.files) {
    const from = repository.roomOf(file.path);
    if (from === null || file.isTest) continue;
    for (const { specifier, line } of file.imports) {
      const target = repository.target(file, specifier);
      if (target === null || !repository.has(target)) continue;
      const to = repository.roomOf(target);
      if (to === null || to.name === from.name || allows(from.row, target)) continue;
      violations.push({
        file: file.path,
        line,
        rule: 'layer',
        message: `${from.name} may not import ${to.name} (${target}); it may import ${describe(from.row)}.`,
        severity: 'error',
      });
    }
  }
  return violations;
}

function checkRooms(repository: Repository): Violation[] {
  const violations: Violation[] = [];
  const inhabited = new Set<Room>();
  for (const file of repository.files) {
    const room = repository.roomOf(file.path);
    if (room !== null) inhabited.add(room.row);
    else {
      violations.push({
        file: file.path,
        line: 1,
        rule: 'room',
        message: 'No row of the import table (tools/architecture/table.ts) covers this file.',
        severity: 'error',
      });
    }
  }
  for (const row of repository.rooms) {
    if (inhabited.has(row)) continue;
    violations.push({
      file: 'tools/architecture/table.ts',
      line: 1,
      rule: 'room',
      message: `${row.path} has no file: remove its row.`,
      severity: 'error',
    });
  }
  return violations;
}

function allows(row: Room, target: string): boolean {
  return row.imports.some((allowed) => allowed === '**' || matchRoom(target, allowed) !== null);
}

function describe(row: Room): string {
  return row.imports.length === 0 ? 'nothing of ours' : row.imports.join(', ');
}
