import type { ProjectOptions } from '../../../src/build/projects/foreign-project.ts';

/** A project as its author has it on disk, in the shape of well-known examples. */
export interface ProjectFixture {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly options?: ProjectOptions;
}
