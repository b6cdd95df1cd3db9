import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYamlSource } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import type { ForeignProject } from './foreign-project.ts';
import { addAction } from './openwhisk/action.ts';
import { readApis } from './openwhisk/apis.ts';
import { readTriggers } from './openwhisk/triggers.ts';
import { ProjectFolder } from './project-folder.ts';
import { Section } from './section.ts';
import { expandVariables } from './shell-variables.ts';

/** Apache OpenWhisk's manifest, as `wsk project deploy` reads it. Actions are functions, packages parts of their paths. */
export const openwhisk: ForeignProject = {
  name: 'Apache OpenWhisk',
  async detect(dir) {
    for (const file of ['manifest.yaml', 'manifest.yml']) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => '');
      if (/^(packages|package|project|application):/m.test(text) && /\b(actions|sequences):/.test(text))
        return file;
    }
    return null;
  },
  async read(dir, file, { env = {} }) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const top = Section.of(readYamlSource(join(dir, file), await readFile(join(dir, file), 'utf8')), draft);
    const fill = (text: string): string => expandVariables(text, env, true).text;
    const packages = readPackages(top, draft, fill);
    const names = packages.flatMap(({ section }) => section.section('actions')?.keys ?? []);
    for (const each of packages) {
      leavePackage(each.section);
      const apis = readApis(
        each.section.section('apis'),
        each.section.section('actions')?.keys ?? [],
        each.section.section('sequences')?.keys ?? [],
      );
      const triggers = readTriggers(each.section, fill);
      const inputs = each.section.section('inputs');
      for (const [action, section] of each.section.section('actions')?.members() ?? []) {
        const isOnly = names.filter((name) => name === action).length === 1;
        const name = draft.nameFor(isOnly ? action : `${each.name}/${action}`);
        const paths = {
          package: each.name,
          action,
          routes: apis.get(action) ?? [],
          triggers: triggers.get(action) ?? [],
        };
        await addAction(name, section, paths, { draft, folder, fill, inputs });
      }
      each.section.section('sequences')?.leave('later', sequencesOf(each.section));
    }
    if (await folder.firstFile(['deployment.yaml', 'deployment.yml'])) {
      top.tellAt([], {
        severity: 'ignored',
        means: 'deployment.yaml beside it is not read: its parameters are missing',
        suggestion: 'write them as "inputs" in the manifest',
      });
    }
    top.close();
    return draft.finish();
  },
};

interface WhiskPackage {
  readonly name: string;
  readonly section: Section;
}

/** Packages at the top, or below `project` or `application`; a single one as `package`. */
function readPackages(top: Section, draft: AppDraft, fill: (text: string) => string): WhiskPackage[] {
  const found: WhiskPackage[] = [];
  for (const holder of [top, top.section('project'), top.section('application')]) {
    if (holder === undefined) continue;
    if (holder !== top) {
      const name = holder.text('name');
      if (name !== undefined) draft.name(name, holder.place('name'));
      holder.leave('ignored', {
        namespace: 'apps and environments are what namespaces are there',
        credential: 'MAYFLY_TOKEN is who deploys',
        apiHost: 'MAYFLY_URL names the node',
        config: 'the app is described by this file alone',
        version: 'releases have digests',
      });
    }
    for (const [name, section] of holder.section('packages')?.members() ?? [])
      found.push({ name: fill(name), section });
    const single = holder.section('package');
    if (single !== undefined) found.push({ name: fill(single.text('name') ?? 'default'), section: single });
  }
  return found;
}

function leavePackage(section: Section): void {
  section.pass('version', 'license', 'description', 'name', 'repositories');
  section.leave('ignored', {
    namespace: 'apps and environments are what namespaces are there',
    credential: 'MAYFLY_TOKEN is who deploys',
    apiHost: 'MAYFLY_URL names the node',
    annotations: 'nothing here reads annotations of packages',
    public: 'packages are not shared',
    dependencies: 'packages of others are not fetched; put their code into this folder',
    feeds: 'event sources come with the node',
  });
}

function sequencesOf(section: Section): Record<string, string> {
  const names = section.section('sequences')?.keys ?? [];
  return Object.fromEntries(names.map((name) => [name, 'it begins to work when there are workflows']));
}
