import { ROOMS } from '../architecture/table.ts';

/** The import table as a Markdown table, for docs/ARCHITECTURE.md. */
export function renderRooms(): string {
  const rows = ROOMS.map(({ path, purpose, imports, powers }) => {
    const may = imports.map((target) => (target === '**' ? 'everything' : code(short(target)))).join(', ');
    const can = powers.length === 8 ? 'all' : powers.map(code).join(' ');
    return `| ${code(short(path))} | ${purpose} | ${may || 'nothing of ours'} | ${can || 'none'} |`;
  });
  return ['| room | for | may import | powers |', '|---|---|---|---|', ...rows].join('\n');
}

function short(path: string): string {
  return path.replace(/^src\//, '');
}

function code(text: string): string {
  return `\`${text}\``;
}
