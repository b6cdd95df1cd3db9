import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import type { ConfigSource } from '../../config-source.ts';
import { type Place, problemAt } from '../../problem.ts';
import type { KeyPath } from '../../schema-mismatch.ts';

/** Values in one file, aliases counted each time; no honest file needs more, and nested aliases could make billions. */
const valuesMax = 100_000;

/** Short tags of CloudFormation whose long form has another name than `Fn::TAG`. */
const LONG_FORMS: Readonly<Record<string, string>> = { '!Ref': 'Ref', '!Condition': 'Condition' };

/**
 * Reads YAML or JSON as AWS's tools write it: CloudFormation's short tags (`!Ref x`, `!GetAtt a.b`) become their long form
 * (`{ Ref: x }`), and `<<` merges. Where everything stands is remembered, also what came by an alias or a merge.
 * @param file absolute path
 * @param name how problems call the file
 */
export function readTemplateDocument(file: string, name: string, text: string): ConfigSource {
  const lines = new LineCounter();
  // What a tag means is decided below; the parser only warns of those that it does not know.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: name, line, column: col };
  };
  const problems = document.errors.map((error) => problemAt(placeAt(error.pos[0]), error.message));
  const reader = new Reader(document);
  const value = problems.length > 0 ? null : reader.read();
  if (reader.tooLarge) problems.push(problemAt(placeAt(0), `the file has more than ${valuesMax} values`));
  return {
    file,
    value: value ?? {},
    problems,
    placeOf: (path, at) => placeAt(reader.offsetOf(path, at)),
  };
}

class Reader {
  tooLarge = false;
  readonly #document: Document.Parsed;
  readonly #keys = new Map<string, number>();
  readonly #values = new Map<string, number>();
  #count = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  read(): unknown {
    return this.#value(this.#document.contents, []);
  }

  /** Of the part itself, or of the nearest enclosing one. */
  offsetOf(path: KeyPath, at: 'key' | 'value'): number {
    for (let length = path.length; length >= 0; length -= 1) {
      const key = JSON.stringify(path.slice(0, length));
      const first = at === 'key' ? this.#keys.get(key) : undefined;
      const offset = first ?? this.#values.get(key) ?? this.#keys.get(key);
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  #value(node: unknown, path: KeyPath): unknown {
    this.#count += 1;
    if (this.#count > valuesMax) {
      this.tooLarge = true;
      return null;
    }
    if (isAlias(node)) return this.#value(node.resolve(this.#document), path);
    const offset = (node as Node | null)?.range?.[0];
    if (offset !== undefined) this.#values.set(JSON.stringify(path), offset);
    const tag = (node as Node | null)?.tag;
    if (typeof tag !== 'string' || !/^![A-Za-z]/.test(tag)) return this.#plain(node, path);
    const name = LONG_FORMS[tag] ?? `Fn::${tag.slice(1)}`;
    const inner = this.#plain(node, [...path, name]);
    return { [name]: tag === '!GetAtt' && typeof inner === 'string' ? splitOnce(inner) : inner };
  }

  #plain(node: unknown, path: KeyPath): unknown {
    if (isMap(node)) return this.#mapping(node.items as Pair[], path);
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, index]));
    if (isScalar(node)) return node.value instanceof Date ? String(node.source) : node.value;
    return null;
  }

  #mapping(items: readonly Pair[], path: KeyPath): Record<string, unknown> {
    const own: [string, unknown][] = [];
    const merged: [string, unknown][] = [];
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      if (name === '<<') {
        const at = JSON.stringify(path);
        const written = this.#values.get(at);
        const sources = isSeq(value) ? [...value.items].reverse() : [value];
        for (const source of sources) {
          const part = this.#value(source, path);
          if (typeof part === 'object' && part !== null) merged.push(...Object.entries(part));
        }
        // The mapping stands where it is written, not where its parts come from.
        if (written !== undefined) this.#values.set(at, written);
        continue;
      }
      const inner = [...path, name];
      const offset = (key as Node).range?.[0];
      if (offset !== undefined) this.#keys.set(JSON.stringify(inner), offset);
      own.push([name, this.#value(value, inner)]);
    }
    return Object.fromEntries([...merged, ...own]);
  }
}

/** `Table.StreamArn` → `['Table', 'StreamArn']`; attributes may have dots of their own. */
function splitOnce(text: string): string[] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}
