import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readYamlSource } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import type { ForeignProject } from './foreign-project.ts';
import { ProjectFolder } from './project-folder.ts';
import { fillReferences, follow, type MissingReference } from './references.ts';
import { isMapping, Section } from './section.ts';
import { addFunction } from './tencent/function.ts';
import { addFunctions } from './tencent/many-functions.ts';
import { addApplication, frameworkOf } from './tencent/web-application.ts';

/** Components whose `inputs` describe one function. */
const FUNCTION = /^(@serverless\/tencent-scf|(tencent-)?scf)(@.*)?$/;

/** The component of several functions. */
const FUNCTIONS = /^(@serverless\/)?(tencent-)?multi-scf(@.*)?$/;

/**
 * Tencent Cloud's functions in the component form of `serverless.yml`: `component: scf` with `inputs` at the top, or, as it
 * was before, below a name of its own.
 */
export const tencent: ForeignProject = {
  name: 'Serverless Components (Tencent Cloud)',
  async detect(dir) {
    for (const file of ['serverless.yml', 'serverless.yaml']) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => '');
      if (/^component:/m.test(text) || /^\s+component:\s*["']?@?(serverless\/)?tencent-/m.test(text))
        return file;
    }
    return null;
  },
  async read(dir, file, { stage, env = {} }) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const written = readYamlSource(join(dir, file), await readFile(join(dir, file), 'utf8'));
    const missing: MissingReference[] = [];
    const resolve = resolver(written.value, env, stage, posix.basename(dir));
    const value = fillReferences(written.value, resolve, missing);
    const top = Section.of({ ...written, value }, draft);
    for (const { reference, path } of missing) {
      top.tellAt(path, { severity: 'ignored', means: `\${${reference}} leads nowhere, and stays as it is` });
    }
    top.leave('ignored', {
      org: "the project's token says who deploys",
      enableRoleAuth: 'grants say what a function may do',
    });
    top.pass('stage');
    const app = top.text('app');
    if (app !== undefined) draft.name(app, top.place('app'));
    if (top.has('component'))
      await readComponent(top, top.text('name') ?? posix.basename(dir), { draft, folder });
    else for (const [name, section] of top.members()) await readComponent(section, name, { draft, folder });
    top.close();
    return draft.finish();
  },
};

async function readComponent(
  section: Section,
  written: string,
  reading: { readonly draft: AppDraft; readonly folder: ProjectFolder },
): Promise<void> {
  const component = section.text('component') ?? '';
  section.pass('name');
  const inputs = section.section('inputs');
  if (FUNCTION.test(component) && inputs !== undefined) return addFunction(inputs, written, reading);
  if (FUNCTIONS.test(component) && inputs !== undefined) return addFunctions(inputs, reading);
  const framework = inputs === undefined ? null : frameworkOf(component, inputs);
  if (framework !== null) return addApplication(framework, inputs!, written, reading);
  inputs?.pass(...inputs.keys);
  section.tell('component', {
    severity: 'blocks',
    means: `Mayfly does not know the component "${component}"`,
    suggestion: 'a web server on PORT runs with "runtime: http" in mayfly.yaml',
  });
}

/** `${name}`, `${app}`, `${stage}`, `${inputs.x}`, `${env:X}`, `${env.X}`. Outputs of other components are not there. */
function resolver(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  stage: string | undefined,
  folderName: string,
) {
  const top = isMapping(value) ? value : {};
  return (reference: string): unknown => {
    const variable = /^env[.:]([A-Za-z_]\w*)$/.exec(reference)?.[1];
    if (variable !== undefined) return env[variable];
    if (reference === 'stage') return stage ?? (top.stage || 'dev');
    if (reference === 'app') return top.app || top.name || folderName;
    return follow(value, reference) ?? undefined;
  };
}
