import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { readRepository } from '../architecture/repository.ts';

/** `BODY_BYTES_MAX`, `DRAIN_TIMEOUT_MS`, `STREAM_WINDOW_BYTES`: what bounds a size, a count or a wait. */
const LIMIT_NAME = /^[A-Z][A-Z0-9_]*_(MAX|TIMEOUT_MS|WINDOW_BYTES)$/;

/** Every named limit of the platform and the guest that is a constant in the source, as a Markdown table. */
export function renderConstants(root: string): string {
  const files = readRepository(root).files.filter(
    ({ path, isTest }) => /^(src|guest)\//.test(path) && !isTest,
  );
  const rows = files.flatMap(({ path }) =>
    findConstants(readFileSync(join(root, path), 'utf8')).map(
      ({ name, value }) => `| \`${name}\` | ${value} | \`${path}\` |`,
    ),
  );
  return ['| limit | value | where |', '|---|---|---|', ...rows].join('\n');
}

/** Constants of one file with a name like a limit's and a numeric value, as it is written. */
function findConstants(text: string): { name: string; value: string }[] {
  const found: { name: string; value: string }[] = [];
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type !== 'Identifier' || init === null || !LIMIT_NAME.test(id.name)) return;
      const value = text.slice(init.start, init.end).replace(/\s+/g, ' ');
      if (/^[\d_.\s*+()/-]+$/.test(value)) found.push({ name: id.name, value: readable(value) });
    },
  }).visit(parseSync('source.ts', text, { sourceType: 'module' }).program);
  return found;
}

/** `64 * 1024` → `64 × 1024`, `5_000` → `5,000`. */
function readable(value: string): string {
  return value.replaceAll('**', '^').replaceAll('*', '×').replaceAll('_', ',');
}
