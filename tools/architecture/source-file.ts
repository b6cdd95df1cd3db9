import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import type { Power } from './table.ts';
import { findTouches } from './touch.ts';

/** One parsed file of the repository, reduced to what the rules look at. */
export interface SourceFile {
  /** Relative to the root, `/`-separated. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly touches: readonly Touch[];
  /** Tests, benchmarks, fuzzers and conformance suites stand beside their subject, but are not part of it. */
  readonly isTest: boolean;
}

export interface Import {
  /** As written: `../domain/errors.ts`, `node:fs`, `fastify`. */
  readonly specifier: string;
  readonly line: number;
}

export interface Touch {
  readonly power: Power;
  /** As it stands in the source: `Date.now`, `node:fs`. */
  readonly what: string;
  readonly line: number;
}

/**
 * Parses one file.
 * @throws Error when it is not valid TypeScript: nothing can be said about its architecture then.
 */
export function readSourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const parsed = parseSync(path, text, { sourceType: 'module' });
  const first = parsed.errors[0];
  if (first !== undefined) throw new Error(`${path} cannot be parsed: ${first.message}`);
  const lineOf = lineFinder(text);
  const found = findTouches(parsed.program);
  const imports = found.imports.map(({ specifier, at }) => ({ specifier, line: lineOf(at) }));
  return {
    path,
    lines: text.endsWith('\n') ? lineOf(text.length) - 1 : lineOf(text.length),
    imports,
    touches: found.touches.map(({ power, what, at }) => ({ power, what, line: lineOf(at) })),
    isTest: /\.(test|bench|fuzz|conformance)\.ts$/.test(path),
  };
}

/** Offset → 1-based line, by bisection over the line starts. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
