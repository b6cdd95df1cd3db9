import type { DeployRequest } from '../contract/release-api.ts';

export interface SourceBuild {
  readonly app: string;
  /** Puts the source into an empty folder. */
  readonly checkOut: (folder: string) => Promise<void>;
  /** Told what happens, line by line. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a deploy needs of a build; its files are in the artifact store already. */
export type BuiltRelease = Pick<DeployRequest, 'manifest' | 'artifacts'>;

/** Makes a release of source: installs its packages, runs its tests, bundles it. */
export interface SourceBuilder {
  /**
   * The author's code runs isolated, and what comes back is checked.
   * @throws MayflyError BUILD_FAILED (a step failed, took too long or too much), SANDBOX_FAILED, STORAGE_FULL
   */
  build(build: SourceBuild): Promise<BuiltRelease>;
}
