/** Levels of `a[b][c]…` that are followed; what is deeper keeps its brackets. */
const DEPTH_MAX = 32;
/** Highest index that makes a list; above it, and where names are mixed in, it is an object. */
const INDEX_MAX = 20;

type Node = Record<string, unknown>;

/** The flat fields of a form as its names say they belong together: `a[b]=1`, `list[]=x`, `list[0]=y`. */
export function nestedForm(flat: Readonly<Record<string, unknown>>): Node {
  const root: Node = {};
  for (const name of Object.keys(flat)) place(root, pathOf(name), flat[name]);
  return Object.fromEntries(Object.keys(root).map((name) => [name, lists(root[name])]));
}

function pathOf(name: string): string[] {
  const start = name.indexOf('[');
  if (start <= 0) return [name];
  const path = [name.slice(0, start)];
  const parts = /\[([^[\]]*)\]/y;
  parts.lastIndex = start;
  for (let part = parts.exec(name); part !== null && path.length <= DEPTH_MAX; part = parts.exec(name)) {
    path.push(part[1]!);
    if (parts.lastIndex === name.length) return path;
    if (path.length > DEPTH_MAX) path.push(name.slice(parts.lastIndex));
  }
  return path.length > DEPTH_MAX ? path : [name];
}

function place(root: Node, path: readonly string[], value: unknown): void {
  let node = root;
  for (let at = 0; at < path.length - 1; at += 1) {
    const key = keyIn(node, path[at]!);
    if (key === null) return;
    const next = Object.hasOwn(node, key) ? node[key] : undefined;
    // What stood there alone is the first of several.
    const first =
      next === undefined ? {} : Object.fromEntries([next].flat().map((entry, index) => [index, entry]));
    node[key] = typeof next === 'object' && next !== null && !Array.isArray(next) ? next : first;
    node = node[key] as Node;
  }
  const last = path.at(-1)!;
  if (last === '' && path.length > 1) {
    for (const entry of [value].flat()) node[String(Object.keys(node).length)] = entry;
    return;
  }
  const key = keyIn(node, last);
  if (key !== null) node[key] = Object.hasOwn(node, key) ? [node[key], value].flat() : value;
}

/** A name that would reach into what every object inherits is dropped. */
function keyIn(node: Node, name: string): string | null {
  if (name === '') return String(Object.keys(node).length);
  return name in Object.prototype ? null : name;
}

function lists(node: unknown): unknown {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return node;
  const keys = Object.keys(node);
  const values = keys.map((key) => lists((node as Node)[key]));
  const isList =
    keys.length > 0 && keys.every((key) => /^\d+$/.test(key) && Number.parseInt(key, 10) <= INDEX_MAX);
  if (isList) return values;
  return Object.fromEntries(keys.map((key, at) => [key, values[at]]));
}
