import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSection, replaceSection } from '../docs/marked-section.ts';
import { drawGraph } from './graph.ts';
import { type Repository, readRepository } from './repository.ts';
import { checkCycles } from './rules/cycles.ts';
import { checkLayers } from './rules/layers.ts';
import { checkPowers } from './rules/powers.ts';
import { checkShape } from './rules/shape.ts';
import type { Violation } from './violation.ts';

const GRAPH_DOCUMENT = 'docs/ARCHITECTURE.md';
const GRAPH_SECTION = 'graph';

/** Everything that is wrong with the architecture of the repository at `root`, in the order of the rules. */
export function checkArchitecture(root: string): { files: number; violations: Violation[] } {
  const repository = readRepository(root);
  const violations = [
    ...checkLayers(repository),
    ...checkPowers(repository),
    ...checkCycles(repository),
    ...checkShape(repository),
    ...checkGraph(root, repository),
  ];
  return { files: repository.files.length, violations };
}

/** Draws the graph into docs/ARCHITECTURE.md. */
export function writeGraph(root: string): void {
  const path = join(root, GRAPH_DOCUMENT);
  const document = readFileSync(path, 'utf8');
  writeFileSync(path, replaceSection(document, GRAPH_SECTION, drawGraph(readRepository(root))));
}

function checkGraph(root: string, repository: Repository): Violation[] {
  const document = readFileSync(join(root, GRAPH_DOCUMENT), 'utf8');
  if (readSection(document, GRAPH_SECTION) === drawGraph(repository)) return [];
  return [
    {
      file: GRAPH_DOCUMENT,
      line: 1,
      rule: 'graph',
      message: 'The graph is not the one of the code: run "npm run docs".',
      severity: 'error',
    },
  ];
}
