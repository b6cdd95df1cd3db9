import type { ModuleExports } from './module-exports.ts';

const NAME = '[A-Za-z_$][\\w$]*';
/** `exports.name =`, `module.exports.name =`, `exports["name"] =`. */
const ASSIGNED = new RegExp(`\\b(?:module\\.)?exports(?:\\.(${NAME})|\\["([^"]+)"\\])\\s*=(?!=)`, 'g');
/** `Object.defineProperty(exports, "name", …)`. */
const DEFINED = /\bObject\.defineProperty\((?:module\.)?exports, "([^"]+)"/g;
/** `module.exports = { … }` whose members are on one level. */
const LITERAL = /\bmodule\.exports\s*=\s*\{/g;
/** `exports` as a whole, handed to somebody who may add to it. */
const BARE = /\bexports\b(?!\.[A-Za-z_$]|\[")/g;
const WHOLE = /\bmodule\.exports\s*=(?!=)/g;

/**
 * The names that a CommonJS module exports, read from esbuild's print of it, which has no comments and one way of
 * writing. Nothing is run. Where the module builds its exports in a way that is not recognised (`module.exports =
 * make()`, `Object.assign(exports, …)`), `complete` is false: a name may exist although it is not listed.
 */
export function readCommonJsExports(printed: string): ModuleExports {
  const names = new Set<string>();
  for (const match of printed.matchAll(ASSIGNED)) names.add(match[1] ?? match[2] ?? '');
  const defined = [...printed.matchAll(DEFINED)];
  for (const match of defined) names.add(match[1] ?? '');
  const literals = [...printed.matchAll(LITERAL)].map((match) =>
    readMembers(printed.slice(match.index + match[0].length)),
  );
  for (const name of literals.flatMap((members) => members ?? [])) names.add(name);

  const whole = [...printed.matchAll(WHOLE)].length;
  const readable = literals.filter((members) => members !== null).length;
  // `module.exports = something` is the default export, unless the marker of a compiled ES module says otherwise.
  const compiled = names.delete('__esModule');
  if (whole > readable && !compiled) names.add('default');
  const bare = [...printed.matchAll(BARE)].length;
  return { format: 'cjs', names, complete: whole === readable && bare === defined.length + whole };
}

/** Keys of an object literal up to its closing brace; `null` when it spreads or computes one. */
function readMembers(text: string): string[] | null {
  const members: string[] = [];
  let depth = 0;
  let atKey = true;
  for (let index = 0; index < text.length; index++) {
    const char = text[index] as string;
    if (depth === 0 && char === '}') return members;
    if (depth === 0 && atKey && /\S/.test(char)) {
      const rest = text.slice(index);
      const key = new RegExp(`^(?:(?:async|get|set)\\s+)?\\*?\\s*(?:(${NAME})|"([^"]+)")`).exec(rest);
      if (key === null) return null;
      members.push(key[1] ?? key[2] ?? '');
      index += key[0].length - 1;
      atKey = false;
      continue;
    }
    if (char === '"' || char === "'" || char === '`') index = endOfText(text, index);
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 0) atKey = true;
  }
  return null;
}

function endOfText(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== text[start]) index += text[index] === '\\' ? 2 : 1;
  return index;
}
