/** Names that stand for `__dirname` and `__filename`, which an ES module does not have. */
export const DIRNAME = '__mayflyDirname';
export const FILENAME = '__mayflyFilename';

const LINES = [
  'import { createRequire as __mayflyCreateRequire } from "node:module";',
  'const require = __mayflyCreateRequire(import.meta.url);',
  `const ${DIRNAME} = import.meta.dirname, ${FILENAME} = import.meta.filename;`,
];

/** What CommonJS code finds in an ES module: `require` for what stays outside, and the two path variables. */
export const PREAMBLE = LINES.join('\n');

/** The names that the preamble declares; `eval` may build one of them. */
const USED = new RegExp(`\\b(?:require|${DIRNAME}|${FILENAME}|eval)\\b`);

/**
 * A bundle and its source map without the preamble, when nothing in it uses one: it takes 0.4 of the 1.4 ms in which a small
 * function loads.
 */
export function withoutIdlePreamble(
  code: Uint8Array,
  map: Uint8Array,
): { readonly code: Uint8Array; readonly map: Uint8Array } {
  const start = PREAMBLE.length + 1;
  const text = Buffer.from(code.buffer, code.byteOffset, code.byteLength);
  if (!text.subarray(0, start).equals(Buffer.from(`${PREAMBLE}\n`))) return { code, map };
  const rest = text.subarray(start);
  if (USED.test(rest.toString('latin1'))) return { code, map };
  const parsed = JSON.parse(Buffer.from(map).toString('utf8')) as { mappings: string };
  // One ';' a line of the bundle; no place in a source is mapped to the preamble's lines.
  if (!parsed.mappings.startsWith(';'.repeat(LINES.length))) return { code, map };
  parsed.mappings = parsed.mappings.slice(LINES.length);
  return { code: rest, map: Buffer.from(JSON.stringify(parsed)) };
}
