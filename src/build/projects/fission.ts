import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYamlDocuments } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import { readFunction } from './fission/function.ts';
import { FissionSpecs } from './fission/specs.ts';
import { readTriggers } from './fission/triggers.ts';
import type { ForeignProject } from './foreign-project.ts';
import { ProjectFolder } from './project-folder.ts';
import { Section } from './section.ts';

const API = /^apiVersion:\s*["']?fission\.io\//m;
const KIND_OF_DEPLOYMENT = /^kind:\s*["']?DeploymentConfig/m;

/** Fission's declarative specifications: every YAML file below `specs/` (https://fission.io/docs/usage/spec/). */
export const fission: ForeignProject = {
  name: 'Fission',
  async detect(dir) {
    const file = 'specs/fission-deployment-config.yaml';
    const text = await readFile(join(dir, file), 'utf8').catch(() => '');
    if (KIND_OF_DEPLOYMENT.test(text)) return file;
    const [first] = (await readdir(join(dir, 'specs')).catch(() => [])).filter(isYaml).sort();
    if (first === undefined) return null;
    return API.test(await readFile(join(dir, 'specs', first), 'utf8')) ? `specs/${first}` : null;
  },
  async read(dir, file) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const documents: Section[] = [];
    for (const path of (await folder.files()).filter((each) => each.startsWith('specs/') && isYaml(each))) {
      const text = (await folder.text(path)) ?? '';
      for (const source of readYamlDocuments(folder.absolute(path), path, text)) {
        if (Object.keys(source.value ?? {}).length > 0) documents.push(Section.of(source, draft));
      }
    }
    const specs = new FissionSpecs(documents, draft);
    const triggers = readTriggers(specs);
    for (const each of specs.functions) await readFunction(each, specs, triggers, draft, folder);
    for (const each of documents) each.close();
    return draft.finish();
  },
};

const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);
