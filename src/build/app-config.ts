import type { LimitsManifest, RouteManifest } from '../contract/manifest.ts';
import type { TriggerManifest } from '../contract/triggers.ts';
import type { Place } from './problem.ts';
import type { Finding } from './projects/foreign-project.ts';
import type { ReleaseConfig } from './release-settings.ts';

/** An app as its author described it: every value validated, every default filled in, nothing built yet. */
export interface AppConfig {
  /** Absolute path of the app's folder, symbolic links resolved. */
  readonly dir: string;
  readonly name: string;
  /** Absolute path of `mayfly.yaml`, `mayfly.config.ts` or another tool's project file; `null` when the folder has none. */
  readonly configFile: string | null;
  /** The tool whose project file was read (`Serverless Framework`); null: Mayfly's own, or no file. */
  readonly project: string | null;
  /** What the project file asks for and Mayfly does not do, or does later; empty for Mayfly's own. */
  readonly findings: readonly Finding[];
  /** What the author should know about how the configuration was found. */
  readonly notices: readonly string[];
  /** Absolute paths of further files that the configuration was read from. */
  readonly configParts: readonly string[];
  /** At least one, sorted by name. */
  readonly functions: readonly FunctionConfig[];
  readonly release: ReleaseConfig;
}

export interface FunctionConfig {
  readonly name: string;
  readonly handler: HandlerText;
  /** Folder, relative to the app's, whose files lie at the top of the artifact; `.`: the app's own. */
  readonly root: string;
  readonly runtime: string;
  /** For runtimes that run programs: what starts it in place of the handler's file. */
  readonly command: readonly string[] | null;
  /** For containers: where the image lies, relative to the app's folder. */
  readonly image: string | null;
  /** `null`: not declared; the build infers it from the exports, where that is certain. */
  readonly dialect: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: LimitsManifest;
  readonly routes: readonly RouteManifest[];
  /** In the order in which they were written. */
  readonly triggers: readonly TriggerManifest[];
  /** Packages that are shipped as files instead of being bundled. */
  readonly external: readonly string[];
  /** Globs, relative to the root, of further files to ship. */
  readonly include: readonly string[];
  readonly minify: boolean;
  /** Where a problem with this function as a whole is reported. */
  readonly place: Place;
}

/** `file` or `file#export`, relative to the function's root, as written or found; whether such a file exists is for the build to say. */
export interface HandlerText {
  readonly text: string;
  readonly place: Place;
}
