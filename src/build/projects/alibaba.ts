import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYamlSource } from '../yaml-source.ts';
import { readComponent, readServiceComponent } from './alibaba/component.ts';
import { readDomain } from './alibaba/domain.ts';
import { addFunction, type FcFunction } from './alibaba/function.ts';
import { AppDraft } from './app-draft.ts';
import type { ForeignProject } from './foreign-project.ts';
import { ProjectFolder } from './project-folder.ts';
import { fillReferences, follow, type MissingReference } from './references.ts';
import { isMapping, Section } from './section.ts';

/** Alibaba Cloud's Function Compute, as Serverless Devs describes it: components `fc3`, `fc` (2.0) and their custom domains. */
export const alibaba: ForeignProject = {
  name: 'Serverless Devs (Alibaba Cloud)',
  async detect(dir) {
    for (const file of ['s.yaml', 's.yml']) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => '');
      if (/^(services|resources):/m.test(text) && /\bcomponent:/.test(text)) return file;
    }
    return null;
  },
  async read(dir, file, { env = {} }) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const written = readYamlSource(join(dir, file), await readFile(join(dir, file), 'utf8'));
    const missing: MissingReference[] = [];
    const value = fillReferences(written.value, resolver(written.value, env), missing);
    const top = Section.of({ ...written, value }, draft);
    for (const { reference, path } of missing) {
      const means = `\${${reference}} leads nowhere, and stays as it is`;
      top.tellAt(path, { severity: 'ignored', means, suggestion: suggestFor(reference) });
    }
    const name = top.text('name');
    if (name !== undefined) draft.name(name, top.place('name'));
    top.pass('edition', 'vars', 'validation');
    top.leave('ignored', {
      access: 'MAYFLY_TOKEN is who deploys',
      template: 'templates are for "extend", which is not followed',
      extend: 'another file is not read; write its settings here',
      actions: 'no commands are run around a deploy',
      flow: 'a release is deployed as a whole',
    });
    const functions: FcFunction[] = [];
    for (const key of ['resources', 'services'] as const) {
      for (const [, section] of top.section(key)?.members() ?? []) functions.push(...readResource(section));
    }
    const domains = functions.length === 0 ? [] : readDomains(top);
    if (functions.length === 0)
      top.tellAt([], { severity: 'blocks', means: 'it has no function: no component fc3 or fc' });
    for (const each of functions) await addFunction(each, functions, domains, { draft, folder });
    top.close();
    return draft.finish();
  },
};

function readResource(section: Section): FcFunction[] {
  const component = section.text('component') ?? '';
  section.leave('ignored', {
    actions: 'no commands are run around a deploy',
    extend: 'templates are not followed; write their settings here',
    access: 'MAYFLY_TOKEN is who deploys',
  });
  const kind = kindOf(component);
  const props = section.section('props');
  if (kind === 'fc3' && props !== undefined) return [readComponent(props)];
  if (kind === 'fc' && props !== undefined) return [readServiceComponent(props)];
  if (kind === 'domain') return [];
  section.tell('component', {
    severity: 'ignored',
    means: `Mayfly does not know the component "${component}"`,
  });
  props?.pass(...props.keys);
  return [];
}

function readDomains(top: Section) {
  return (['resources', 'services'] as const).flatMap((key) =>
    (top.section(key)?.members() ?? []).flatMap(([, section]) =>
      kindOf(section.text('component') ?? '') === 'domain' ? readDomain(section.section('props'), null) : [],
    ),
  );
}

/** `devsapp/fc3@1.0` → `fc3`. */
function kindOf(component: string): 'fc' | 'fc3' | 'domain' | null {
  const name = component.replace(/^.*\//, '').replace(/@.*$/, '');
  if (name === 'fc' || name === 'fc3') return name;
  return /^fc3?-domain$/.test(name) ? 'domain' : null;
}

/** `vars.x`, `env(X)`, `env(X, default)`, `env.X`, `resources.a.props.b`, `this.props.x` is not resolved. */
function resolver(value: unknown, env: Readonly<Record<string, string | undefined>>) {
  return (reference: string): unknown => {
    const call = /^env\(\s*["']?([A-Za-z_]\w*)["']?\s*(?:,\s*["']?([^"')]*)["']?\s*)?\)$/.exec(reference);
    if (call !== null) return env[call[1] ?? ''] ?? call[2];
    const dotted = /^env\.([A-Za-z_]\w*)$/.exec(reference)?.[1];
    if (dotted !== undefined) return env[dotted];
    return isMapping(value) && /^(vars|resources|services|name|edition)\b/.test(reference)
      ? follow(value, reference)
      : undefined;
  };
}

function suggestFor(reference: string): string {
  const name = /^env[(.]\s*["']?(\w+)/.exec(reference)?.[1];
  return name === undefined ? 'write the value itself' : `set the variable ${name}`;
}
