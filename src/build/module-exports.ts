/** What a source file exports, as far as can be told without running it. */
export interface ModuleExports {
  readonly format: 'esm' | 'cjs';
  readonly names: ReadonlySet<string>;
  /** Whether `names` is all there is; false with `export *` and with exports that CommonJS code computes. */
  readonly complete: boolean;
}
