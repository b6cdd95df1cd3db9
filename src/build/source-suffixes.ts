/** Suffixes of source files, in the order in which a name without suffix is looked up. */
export const SOURCE_SUFFIXES: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
