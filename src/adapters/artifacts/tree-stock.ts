import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { CodeTree } from '../../ports/sandbox.ts';

/** Spare trees kept of one artifact, and of all together. */
const SPARES_OF_ARTIFACT_MAX = 4;
const SPARES_MAX = 1_000;

/** The folder of code trees: names for new ones, spares by artifact (least recently used go first), removal in the background. */
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

  /** A tree that does not exist yet. */
  name(artifact: string): CodeTree {
    this.#made += 1;
    return { artifact, path: `${this.#path}/${artifact}-${this.#made}` };
  }

  take(artifact: string): CodeTree | null {
    const spares = this.#spares.get(artifact);
    const tree = spares?.pop();
    if (spares === undefined || tree === undefined) return null;
    this.#count -= 1;
    this.#spares.delete(artifact);
    if (spares.length > 0) this.#spares.set(artifact, spares);
    return tree;
  }

  has(artifact: string): boolean {
    return this.#spares.has(artifact);
  }

  put(tree: CodeTree): void {
    const spares = this.#spares.get(tree.artifact) ?? [];
    if (spares.length >= SPARES_OF_ARTIFACT_MAX) {
      this.discard(tree);
      return;
    }
    spares.push(tree);
    this.#count += 1;
    this.#spares.delete(tree.artifact);
    this.#spares.set(tree.artifact, spares);
    if (this.#count > SPARES_MAX) this.drop(this.#spares.keys().next().value!);
  }

  /** Removes every spare of an artifact. */
  drop(artifact: string): void {
    const spares = this.#spares.get(artifact) ?? [];
    this.#spares.delete(artifact);
    this.#count -= spares.length;
    for (const tree of spares) this.discard(tree);
  }

  discard(tree: CodeTree): void {
    this.#remove(tree.path);
  }

  /** Resolves when nothing is being removed any more. */
  async settle(): Promise<void> {
    while (this.#removals.size > 0) await Promise.all(this.#removals);
  }

  #remove(path: string): void {
    // What cannot be removed now is removed by the next start.
    const removal = rm(path, { recursive: true, force: true }).catch(() => {});
    this.#removals.add(removal);
    removal.then(() => this.#removals.delete(removal));
  }
}
