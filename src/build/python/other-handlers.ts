import { posix } from 'node:path';

/**
 * Files of other functions that nothing of this one speaks of: left out, so that a change of theirs does not change it. Whoever imports a
 * module, in whatever way, names it somewhere; a file whose name is any word in one of the others is kept.
 * @param file this function's
 * @param handlers files of all functions of the root
 * @param texts the author's modules of the root, by path
 */
export function idleHandlers(
  file: string,
  handlers: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
): Set<string> {
  const idle = new Set([...handlers].filter((other) => other !== file));
  const fresh = [...texts.keys()].filter((path) => !idle.has(path));
  for (let path = fresh.pop(); path !== undefined; path = fresh.pop()) {
    const words = new Set(texts.get(path)?.match(/\w+/g));
    for (const other of idle) {
      if (!words.has(moduleName(other))) continue;
      idle.delete(other);
      fresh.push(other);
    }
  }
  return idle;
}

/** What an import says: the file's name, or its folder's where the file stands for it. */
function moduleName(path: string): string {
  const name = posix.basename(path, '.py');
  return name === '__init__' ? posix.basename(posix.dirname(path)) : name;
}
