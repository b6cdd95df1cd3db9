/** Checks that the generated documents are those of the code; with `--write`, renews them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeGraph } from '../architecture/check.ts';
import { renderErrors } from './errors.ts';

const root = resolve(import.meta.dirname, '../..');
const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** Whole documents that are generated; the graph in ARCHITECTURE.md belongs to the architecture check. */
const DOCUMENTS: readonly { readonly path: string; readonly render: () => string }[] = [
  { path: 'docs/ERRORS.md', render: renderErrors },
];

for (const { path, render } of DOCUMENTS) {
  const current = render();
  if (options.write) writeFileSync(join(root, path), current);
  else if (readIfThere(join(root, path)) !== current) {
    console.log(`${path} is not what the code says: run "npm run docs".`);
    process.exitCode = 1;
  }
}
if (options.write) writeGraph(root);

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
