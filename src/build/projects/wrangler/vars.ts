import type { ProjectFolder } from '../project-folder.ts';
import type { WorkerSettings } from './environment.ts';

/**
 * `vars` of the environment. A Worker gets other values than texts as they are; here they are variables, which are text. `.dev.vars` is
 * for the author's machine: secrets of it are not read.
 */
export async function readVars(
  { own }: WorkerSettings,
  folder: ProjectFolder,
): Promise<Record<string, string>> {
  const vars = own.section('vars');
  const variables: Record<string, string> = {};
  for (const key of vars?.keys ?? []) {
    const value = vars?.value(key);
    if (value === undefined) continue;
    variables[key] = typeof value === 'string' ? value : JSON.stringify(value);
    if (typeof value !== 'string') {
      const means = 'env has it as text: variables are text here';
      vars?.tell(key, { severity: 'ignored', means, suggestion: `JSON.parse(env.${key})` });
    }
  }
  if (await folder.hasFile('.dev.vars')) {
    own.tellAt([], {
      severity: 'ignored',
      means: '.dev.vars is not read: what stands in it is secret',
      suggestion: 'mayfly secret set NAME',
    });
  }
  return variables;
}
