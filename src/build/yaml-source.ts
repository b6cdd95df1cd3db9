import { basename } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  parseDocument,
} from 'yaml';
import type { ConfigSource } from './config-source.ts';
import { type Place, problemAt } from './problem.ts';
import type { KeyPath } from './schema-mismatch.ts';

/** Aliases may multiply a small file into a huge value; no honest configuration needs many. */
const aliasesMax = 100;

/** Reads `mayfly.yaml` (YAML 1.2), remembering where everything stands. */
export function readYamlSource(file: string, text: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return sourceOf(document, lines, file, basename(file));
}

/**
 * Reads a file of several documents, divided by `---`.
 * @param name of the file in problems: its path relative to the app's folder
 */
export function readYamlDocuments(file: string, name: string, text: string): ConfigSource[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  return [...documents].map((document) => sourceOf(document, lines, file, name));
}

function sourceOf(document: Document.Parsed, lines: LineCounter, file: string, name: string): ConfigSource {
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: name, line, column: col };
  };
  const problems = document.errors.map((error) => problemAt(placeAt(error.pos[0]), error.message));
  let value: unknown = null;
  try {
    // An empty file is an app that says nothing: the same as no file.
    if (problems.length === 0) value = document.toJS({ maxAliasCount: aliasesMax }) ?? {};
  } catch (thrown) {
    // Aliases: too many, or of what is not there.
    problems.push(problemAt(placeAt(0), (thrown as Error).message));
  }
  return {
    file,
    value,
    problems,
    placeOf: (path, at) => placeAt(offsetOf(document, path, at)),
  };
}

function offsetOf(document: Document.Parsed, path: KeyPath, at: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    let next: unknown = null;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      next = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      next = node.items[part];
    }
    node = (next as Node | null | undefined) ?? null;
    const isLast = index === path.length - 1;
    if (node?.range && !(isLast && at === 'key')) offset = node.range[0];
  }
  return offset;
}
