import type { AppDraft } from '../app-draft.ts';
import type { ProjectFolder } from '../project-folder.ts';

/** A folder with functions of the Functions Framework. */
export interface FrameworkProject {
  readonly folder: ProjectFolder;
  readonly draft: AppDraft;
  /** What is shipped with every function. */
  readonly include: readonly string[];
  /** The folder's own name. */
  readonly dirName: string;
}
