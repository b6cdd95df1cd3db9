import { readFileSync, statSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SOURCE_MAP_BYTES_MAX } from './limits.ts';

/**
 * Maps stacks to the author's sources, when one is reported and not before: telling Node to do it
 * (`process.setSourceMapsEnabled`) read and parsed a 4.5 MB map while loading, 20 ms more for every cold start.
 */

const PLACE = /(?:file:\/\/)?(\/[^\s():]+):(\d+):(\d+)/g;
const MAP_COMMENT = /\/\/[#@] sourceMappingURL=([^\s'"]+)\s*$/;
const MAP_COMMENT_BYTES = 512;
const INLINE = /^data:application\/json[^,]*;base64,/;
const GUEST_FILE = import.meta.filename;

const replace = globalThis.String.prototype.replace;
const maps: Record<string, { map: SourceMap; folder: string } | null> = Object.create(null);
let codeDir = '';

/** Stacks are mapped for files in this folder; sources inside it are named relative to it. */
export function mapStacksOf(folder: string): void {
  codeDir = folder;
}

/** Text with a stack in it, every place in the built code replaced by its place in the sources. */
export function mapStack(text: string): string {
  if (codeDir === '' || !text.includes('\n    at ')) return text;
  try {
    const mapped = Reflect.apply(replace, text, [PLACE, mapPlace]) as unknown as string;
    return withoutGuestFrames(mapped);
  } catch {
    return text;
  }
}

function withoutGuestFrames(stack: string): string {
  const kept: string[] = [];
  for (const line of stack.split('\n')) {
    const frame = line.startsWith('    at ');
    if (frame && (line.includes(GUEST_FILE) || line.includes('(node:internal/'))) continue;
    kept.push(line);
  }
  return kept.join('\n');
}

function mapPlace(place: string, file: string, line: string, column: string): string {
  if (!file.startsWith(codeDir)) return place;
  if (!(file in maps)) maps[file] = readMap(file);
  const found = maps[file];
  if (found === null || found === undefined) return place;
  const origin = found.map.findOrigin(Number.parseInt(line, 10), Number.parseInt(column, 10));
  if (!('fileName' in origin) || !origin.fileName) return place;
  return `${sourceName(origin.fileName, found.folder)}:${origin.lineNumber}:${origin.columnNumber}`;
}

/** Sources lie outside the built code on the machine that built it: name them as the author's folder did. */
function sourceName(source: string, folder: string): string {
  const plain = source.startsWith('file://') ? fileURLToPath(source) : source;
  const inside = relative(codeDir, isAbsolute(plain) ? plain : join(folder, plain));
  return inside.replace(/^(?:\.\.\/)+/, '');
}

function readMap(file: string): { map: SourceMap; folder: string } | null {
  try {
    const code = readFileSync(file);
    const comment = MAP_COMMENT.exec(code.toString('utf8', Math.max(0, code.length - MAP_COMMENT_BYTES)));
    const inline = comment === null ? inlineMap(code.toString('utf8')) : null;
    const url = comment?.[1];
    if (url !== undefined && !INLINE.test(url)) {
      const path = url.startsWith('file://')
        ? fileURLToPath(url)
        : join(dirname(file), decodeURIComponent(url));
      if (statSync(path).size > SOURCE_MAP_BYTES_MAX) return null;
      return { map: new SourceMap(JSON.parse(readFileSync(path, 'utf8'))), folder: dirname(path) };
    }
    const payload = inline ?? (url === undefined ? null : decodeInline(url));
    return payload === null ? null : { map: new SourceMap(JSON.parse(payload)), folder: dirname(file) };
  } catch {
    return null;
  }
}

function inlineMap(code: string): string | null {
  const start = code.lastIndexOf('//# sourceMappingURL=data:');
  return start < 0 ? null : decodeInline(code.slice(start + '//# sourceMappingURL='.length).trim());
}

function decodeInline(url: string): string | null {
  return INLINE.test(url) ? Buffer.from(url.replace(INLINE, ''), 'base64').toString('utf8') : null;
}
