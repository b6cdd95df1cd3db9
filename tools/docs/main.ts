/**
 * Checks that the generated parts of the documents are those of the code, and that every link and path in them leads
 * somewhere; with `--write`, renews what is generated.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeGraph } from '../architecture/check.ts';
import { renderConfigSchema } from './config-schema.ts';
import { renderConstants } from './constants.ts';
import { renderErrors } from './errors.ts';
import { replaceSection } from './marked-section.ts';
import { findDeadReferences } from './references.ts';
import { renderRooms } from './rooms.ts';
import { renderFunctionSettings, renderNodeSettings, renderSchedulerLimits } from './settings.ts';

const root = resolve(import.meta.dirname, '../..');

/** What is generated: whole documents, or sections. The graph in ARCHITECTURE.md belongs to the architecture check. */
const GENERATED: readonly {
  readonly path: string;
  readonly section?: string;
  readonly render: () => string;
}[] = [
  { path: 'schema/mayfly.schema.json', render: renderConfigSchema },
  { path: 'docs/ERRORS.md', render: renderErrors },
  { path: 'docs/ARCHITECTURE.md', section: 'rooms', render: renderRooms },
  { path: 'docs/SPECIFICATION.md', section: 'function-settings', render: renderFunctionSettings },
  { path: 'docs/SPECIFICATION.md', section: 'node-settings', render: renderNodeSettings },
  { path: 'docs/SPECIFICATION.md', section: 'scheduler-limits', render: renderSchedulerLimits },
  { path: 'docs/SPECIFICATION.md', section: 'constants', render: () => renderConstants(root) },
];

const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
for (const { path, section, render } of GENERATED) {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  const after = section === undefined ? render() : replaceSection(before, section, render());
  if (after === before) continue;
  if (options.write) writeFileSync(file, after);
  else {
    console.log(
      `${path}${section === undefined ? '' : ` (${section})`} is not what the code says: run "npm run docs".`,
    );
    process.exitCode = 1;
  }
}
if (options.write) writeGraph(root);

const dead = findDeadReferences(root);
for (const reference of dead) console.log(reference);
if (dead.length > 0) process.exitCode = 1;
