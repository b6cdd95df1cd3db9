import { COMPILE_CACHE_CODE_BYTES_MIN } from '../../contract/compile-cache.ts';
import { type MayflyError, toMayflyError } from '../../domain/errors.ts';
import type { FunctionVersion } from '../../domain/function-version.ts';
import type { ArtifactStore, CompileCache } from '../../ports/artifacts.ts';
import type { CodeTree } from '../../ports/sandbox.ts';

/** Versions remembered as asked; beyond, one may be asked twice. */
const ASKED_MAX = 10_000;

/**
 * Decides which instance makes the compile cache of its version, and has it kept: the first to load a version, and one at a time.
 * A cache belongs to one version (docs/adr/0008): whoever could tamper with it owns what it is given to already.
 */
export class CompileCaches {
  readonly #artifacts: ArtifactStore;
  readonly #onDefect: (error: MayflyError) => void;
  /** Keys of versions with an instance that was asked; they stay when there was nothing to make, or it cannot be kept. */
  readonly #asked = new Set<string>();

  constructor(artifacts: ArtifactStore, onDefect: (error: MayflyError) => void) {
    this.#artifacts = artifacts;
    this.#onDefect = onDefect;
  }

  /** Whether the instance with this tree is to make a cache; it gets ready, perhaps with one `made`, or is `unmade`. */
  ask(version: FunctionVersion, tree: CodeTree): boolean {
    if (tree.codeBytes < COMPILE_CACHE_CODE_BYTES_MIN) return false;
    // The guest makes one only when the one in its tree does not fit (another Node.js).
    if (tree.compileCache !== null) return true;
    if (this.#asked.has(version.key)) return false;
    this.#asked.add(version.key);
    if (this.#asked.size > ASKED_MAX) this.#asked.delete(this.#asked.values().next().value!);
    return true;
  }

  /** An instance that was asked has made one. */
  made(version: FunctionVersion, cache: CompileCache): void {
    this.#artifacts.attachCompileCache(version.artifact, version.key, cache).then(
      () => this.#asked.delete(version.key),
      (thrown) => this.#onDefect(toMayflyError(thrown)),
    );
  }

  /** An instance that was asked ended before it was ready: the next one is asked. */
  unmade(version: FunctionVersion): void {
    this.#asked.delete(version.key);
  }
}
