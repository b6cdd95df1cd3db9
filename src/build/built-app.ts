import type { ArtifactFileManifest, ReleaseManifest } from '../contract/manifest.ts';
import type { Problem } from './problem.ts';
import type { Finding } from './projects/foreign-project.ts';

/** What a deploy sends: the release, the file list of every artifact it names, and the files' bytes. */
export interface BuiltApp {
  readonly manifest: ReleaseManifest;
  /** One list per distinct artifact, each sorted by path. */
  readonly artifacts: readonly (readonly ArtifactFileManifest[])[];
  /** Every file of every artifact, by SHA-256. */
  readonly blobs: ReadonlyMap<string, BuiltBlob>;
  /** Absolute paths of the source files that decided the result, packages left out, sorted. */
  readonly watchPaths: readonly string[];
  /** What the author should know, though nothing is broken. */
  readonly warnings: readonly Problem[];
  /** What another tool's project file asks for and Mayfly does not do, or does later. */
  readonly findings: readonly Finding[];
  /** What the author should know about how the configuration was found. */
  readonly notices: readonly string[];
}

export interface BuiltBlob {
  readonly bytes: number;
  /** The bytes from the start; may be called again. Fails when the file behind it has gone. */
  open(): AsyncIterable<Uint8Array>;
}

export interface BuildOptions {
  /** Called at the beginning of each step. */
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Stops the build; it then rejects with the signal's reason and has left nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

export interface BuildProgress {
  readonly step: 'analyse' | 'bundle' | 'package';
  readonly functions: number;
}
