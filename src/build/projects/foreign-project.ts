import type { AppFile } from '../config-schema.ts';
import type { Place } from '../problem.ts';
import type { KeyPath } from '../schema-mismatch.ts';

/** What the command line says about another tool's project file. */
export interface ProjectOptions {
  /** The project file to read, by its name in the folder, when there are several. */
  readonly project?: string;
  /** Stage, when the tool has stages; by default the file's own. */
  readonly stage?: string;
  readonly region?: string;
  /** Values of the file's parameters. */
  readonly params?: Readonly<Record<string, string>>;
  /** Options of the tool's own command line, by name without dashes. */
  readonly opt?: Readonly<Record<string, string>>;
  /** Environment variables that the file may ask for. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * What becomes of something that the file asks for:
 * - `ignored`: it means nothing here, and the function runs without it;
 * - `later`: it is kept, and begins to work when its service arrives;
 * - `blocks`: a function could not run. A deploy is refused.
 */
export type Severity = 'ignored' | 'later' | 'blocks';

export interface Finding {
  readonly severity: Severity;
  readonly place: Place;
  /** The key or value as written: `provider.vpc`, `functions.hello.events[0].alexaSkill`. */
  readonly what: string;
  /** What that means for the author, one sentence without its period. */
  readonly means: string;
  /** What to do about it, when that can be told. */
  readonly suggestion: string | null;
  /** The function that it is about, by its name here; null: the whole app. */
  readonly function: string | null;
}

/** Another tool's project as Mayfly's own configuration. */
export interface ForeignApp {
  /** Checked afterwards like `mayfly.yaml`; a function with a `blocks` finding of its own is left out of it. */
  readonly app: AppFile;
  /** Where in the project's files a part of `app` comes from. */
  placeOf(path: KeyPath, at: 'key' | 'value'): Place;
  readonly findings: readonly Finding[];
  /** Absolute paths of all files that were read besides the project file. */
  readonly files: readonly string[];
}

/** One tool whose project files are read. One file in this folder, listed in `index.ts`. */
export interface ForeignProject {
  /** As its makers write it: `Serverless Framework`. */
  readonly name: string;
  /** Whether what `detect` finds serves other purposes too (`package.json`): it then counts only when nothing else is there. */
  readonly weak?: boolean;
  /** Other names that its files may have when `--project` names one: `serverless.staging.yml`. */
  readonly names?: RegExp;
  /** The project file, relative to `dir`, or null. Cheap: at most this one file is read. */
  detect(dir: string): Promise<string | null>;
  /**
   * Whether a project file of another tool in the same folder is only a part of this project, and no choice to ask about.
   * @param file what `detect` found
   */
  includes?(dir: string, file: string, other: string): Promise<boolean>;
  /**
   * @param dir absolute
   * @throws MayflyError CONFIG_INVALID when the file cannot be read at all; `details.problems`
   */
  read(dir: string, file: string, options: ProjectOptions): Promise<ForeignApp>;
}
