import type { ForeignProject } from './foreign-project.ts';
import { serverless } from './serverless.ts';

/** Every tool whose project files are read, in the order in which they are looked for. */
export const PROJECTS: readonly ForeignProject[] = [serverless];
