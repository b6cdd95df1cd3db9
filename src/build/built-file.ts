/** One file of a function's artifact before it is hashed. */
export interface BuiltFile {
  /** Relative, `/`-separated. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  /** The bytes, or the absolute path of the file that has them. */
  readonly content: Uint8Array | { readonly file: string };
}
