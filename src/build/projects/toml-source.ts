import { parse, TomlError } from 'smol-toml';
import type { ConfigSource } from '../config-source.ts';
import { type Place, problemAt } from '../problem.ts';
import type { KeyPath } from '../schema-mismatch.ts';

/** Reads TOML, remembering in which line every key and table stands; the parser itself keeps no places. */
export function readTomlSource(file: string, name: string, text: string): ConfigSource {
  const places = findKeys(text, name);
  const placeOf = (path: KeyPath): Place => {
    for (let length = path.length; length > 0; length -= 1) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return { file: name, line: 1, column: 1 };
  };
  try {
    return { file, value: parse(text), problems: [], placeOf };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const place = { file: name, line: error.line, column: error.column };
    return {
      file,
      value: null,
      problems: [problemAt(place, error.message.split('\n')[0] ?? 'this is no TOML')],
      placeOf,
    };
  }
}

const KEY = `(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')`;
const TABLE = new RegExp(String.raw`^\s*(\[\[?)\s*(${KEY}(?:\s*\.\s*${KEY})*)\s*\]`);
const PAIR = new RegExp(String.raw`^\s*(${KEY}(?:\s*\.\s*${KEY})*)\s*=`);
const PART = new RegExp(KEY, 'g');

/** Lines that begin tables and pairs. A line inside a multi-line string can look like one, and then names a place that nobody asks for. */
function findKeys(text: string, name: string): Map<string, Place> {
  const places = new Map<string, Place>();
  const lengths = new Map<string, number>();
  let table: (string | number)[] = [];
  const note = (path: KeyPath, place: Place): void => {
    const key = JSON.stringify(path);
    if (!places.has(key)) places.set(key, place);
  };
  for (const [index, line] of text.split('\n').entries()) {
    const place = { file: name, line: index + 1, column: line.search(/\S/) + 1 };
    const head = TABLE.exec(line);
    if (head !== null) {
      table = throughLists(partsOf(head[2] ?? ''), lengths, head[1] === '[[');
      for (let length = 1; length <= table.length; length += 1) note(table.slice(0, length), place);
      continue;
    }
    const pair = PAIR.exec(line);
    if (pair !== null) note([...table, ...partsOf(pair[1] ?? '')], place);
  }
  return places;
}

/** `[[a.b]]` begins the next member of the list `a.b`, `[a.b]` after it means the last member of `a`. */
function throughLists(
  parts: readonly string[],
  lengths: Map<string, number>,
  begins: boolean,
): (string | number)[] {
  const path: (string | number)[] = [];
  for (const [index, part] of parts.entries()) {
    path.push(part);
    const key = JSON.stringify(path);
    if (begins && index === parts.length - 1) lengths.set(key, (lengths.get(key) ?? 0) + 1);
    const length = lengths.get(key);
    if (length !== undefined) path.push(length - 1);
  }
  return path;
}

function partsOf(text: string): string[] {
  return (text.match(PART) ?? []).map((part) => part.replace(/^["']|["']$/g, ''));
}
