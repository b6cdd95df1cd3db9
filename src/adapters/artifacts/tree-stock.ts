import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { CodeTree } from '../../ports/sandbox.ts';

/** Spare trees kept of one variant, and of all together. */
const SPARES_OF_VARIANT_MAX = 4;
const SPARES_MAX = 1_000;

/** Trees of one kind are interchangeable: of one artifact, with the same compile cache or none. */
export type TreeVariant = Pick<CodeTree, 'artifact' | 'compileCache'>;

/** The folder of code trees: names for new ones, spares by variant (least recently used go first), removal in the background. */
export class TreeStock {
  readonly #path: string;
  readonly #spares = new Map<string, CodeTree[]>();
  readonly #removals = new Set<Promise<void>>();
  #count = 0;
  #made = 0;

  /** Opens the folder; trees of an earlier process are moved aside at once and removed in the background. */
  constructor(path: string) {
    this.#path = path;
    const stale = `${path}-stale`;
    mkdirSync(path, { recursive: true });
    mkdirSync(stale, { recursive: true });
    const round = Date.now();
    for (const name of readdirSync(path)) renameSync(`${path}/${name}`, `${stale}/${round}-${name}`);
    this.#remove(stale);
  }

  /** A path for a tree that does not exist yet. */
  newPath(artifact: string): string {
    this.#made += 1;
    return `${this.#path}/${artifact}-${this.#made}`;
  }

  take(variant: TreeVariant): CodeTree | null {
    const key = keyOf(variant);
    const spares = this.#spares.get(key);
    const tree = spares?.pop();
    if (spares === undefined || tree === undefined) return null;
    this.#count -= 1;
    this.#spares.delete(key);
    if (spares.length > 0) this.#spares.set(key, spares);
    return tree;
  }

  has(variant: TreeVariant): boolean {
    return this.#spares.has(keyOf(variant));
  }

  put(tree: CodeTree): void {
    const key = keyOf(tree);
    const spares = this.#spares.get(key) ?? [];
    if (spares.length >= SPARES_OF_VARIANT_MAX) {
      this.discard(tree);
      return;
    }
    spares.push(tree);
    this.#count += 1;
    this.#spares.delete(key);
    this.#spares.set(key, spares);
    if (this.#count > SPARES_MAX) this.#drop(this.#spares.keys().next().value!);
  }

  /** Removes every spare that is not to be kept. */
  dropUnless(isWanted: (variant: TreeVariant) => boolean): void {
    for (const [key, [tree]] of this.#spares) if (!isWanted(tree!)) this.#drop(key);
  }

  discard(tree: CodeTree): void {
    this.#remove(tree.path);
  }

  /** Resolves when nothing is being removed any more. */
  async settle(): Promise<void> {
    while (this.#removals.size > 0) await Promise.all(this.#removals);
  }

  #drop(key: string): void {
    const spares = this.#spares.get(key) ?? [];
    this.#spares.delete(key);
    this.#count -= spares.length;
    for (const tree of spares) this.discard(tree);
  }

  #remove(path: string): void {
    // What cannot be removed now is removed by the next start.
    const removal = rm(path, { recursive: true, force: true }).catch(() => {});
    this.#removals.add(removal);
    removal.then(() => this.#removals.delete(removal));
  }
}

const keyOf = ({ artifact, compileCache }: TreeVariant): string =>
  compileCache === null ? artifact : `${artifact}/${compileCache}`;
