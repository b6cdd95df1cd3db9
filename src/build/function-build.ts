import type { FunctionConfig } from './app-config.ts';
import type { BuiltFile } from './built-file.ts';
import type { Problem } from './problem.ts';

/** One function ready to be packed: what runs, and everything that is shipped for it. */
export interface FunctionBuild {
  readonly config: FunctionConfig;
  readonly dialect: string;
  /** Its file as it is called in the artifact. */
  readonly handler: { readonly file: string; readonly export: string };
  /** For programs: what starts it in place of the handler's file; `null`: that. */
  readonly command: readonly string[] | null;
  /** Relative to the root; when two have one path, the first wins. */
  readonly files: readonly BuiltFile[];
  /** Packages that are shipped with what they need, at the top `node_modules`: name → folder. */
  readonly packages: ReadonlyMap<string, string>;
  /** Absolute paths of the files that decided the result, packages left out. */
  readonly sources: readonly string[];
  readonly warnings: readonly Problem[];
}
