/** Knows which methods each path has, to tell "no such path" from "not with this method". */
export class MethodIndex {
  readonly #paths = new Map<string, { readonly matches: RegExp; readonly methods: string[] }>();

  add(methods: string | readonly string[], pattern: string): void {
    let entry = this.#paths.get(pattern);
    if (entry === undefined) {
      entry = { matches: new RegExp(`^${pattern.replace(/:[A-Za-z0-9]+/g, '[^/]+')}$`), methods: [] };
      this.#paths.set(pattern, entry);
    }
    entry.methods.push(...(typeof methods === 'string' ? [methods] : methods));
  }

  /** For the `Allow` header; empty: there is no such path. `path` is without query. */
  allowed(path: string): string[] {
    const found = [...this.#paths.values()].filter(({ matches }) => matches.test(path));
    return [...new Set(found.flatMap(({ methods }) => methods))].sort();
  }
}
