import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { TriggerFile } from '../trigger-schema.ts';
import { readYamlDocuments } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import { readLimits } from './container-limits.ts';
import type { ForeignProject } from './foreign-project.ts';
import { chooseTemplate } from './openfaas/template.ts';
import { ProjectFolder } from './project-folder.ts';
import { readSpan } from './resource-quantity.ts';
import { Section } from './section.ts';
import { expandVariables } from './shell-variables.ts';
import { wholeFolder } from './shipped-files.ts';
import { addVendorFunction } from './vendor-function.ts';
import { routesBelow } from './vendor-route.ts';

/**
 * OpenFaaS's stack file: https://docs.openfaas.com/reference/yaml. A function answers where OpenFaaS's gateway would have it,
 * at `/function/NAME` and below.
 */
export const openfaas: ForeignProject = {
  name: 'OpenFaaS',
  async detect(dir) {
    for (const file of ['stack.yaml', 'stack.yml']) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => '');
      if (/^functions:/m.test(text)) return file;
    }
    return null;
  },
  async read(dir, file, { env = {} }) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const written = await readFile(join(dir, file), 'utf8');
    const { text, missing } = expandVariables(written, env, false);
    const [source] = readYamlDocuments(join(dir, file), file, text);
    const stack = Section.of(source as NonNullable<typeof source>, draft);
    for (const name of missing) {
      const means = 'the variable is not set, so it is nothing';
      stack.tellAt([], {
        severity: 'ignored',
        means: `\${${name}}: ${means}`,
        suggestion: `set ${name}, or write a default: \${${name}:-…}`,
      });
    }
    stack.pass('version');
    readProvider(stack.section('provider'));
    stack.leave('ignored', {
      configuration: 'templates are not fetched: Mayfly has its own part of a function',
    });
    for (const [name, section] of stack.section('functions')?.members() ?? []) {
      await readFunction(name, section, { draft, folder, env });
    }
    stack.close();
    return draft.finish();
  },
};

interface Reading {
  readonly draft: AppDraft;
  readonly folder: ProjectFolder;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function readProvider(provider: Section | undefined): void {
  provider?.pass('name');
  provider?.leave('ignored', {
    gateway: 'the node that MAYFLY_URL names is deployed to, not this gateway',
    network: 'functions are in sandboxes of the node, not in a network of containers',
  });
}

async function readFunction(
  written: string,
  section: Section,
  { draft, folder, env }: Reading,
): Promise<void> {
  const name = draft.nameFor(written);
  section.owner = name;
  const variables = {
    ...(await readEnvironmentFiles(section, folder, env)),
    ...section.section('environment')?.pairs(),
  };
  const limits = section.section('limits');
  const bounds = readLimits(limits);
  const labels = readLabels(section.section('labels'));
  leaveOthers(section);
  const choice = await chooseTemplate(section, folder);
  if (choice === null) return draft.addFunction(name, section.place());
  addVendorFunction(draft, {
    name,
    place: section.place(),
    ...choice,
    include: choice.image === undefined ? wholeFolder() : [],
    ...bounds,
    timeoutMs: timeLimit(variables),
    concurrency: { ...labels, ...maxInflight(variables) },
    env: { ...variables, ...choice.env },
    routes: routesBelow(`/function/${written}`),
    triggers: readAnnotations(section.section('annotations')),
  });
}

/** `environment_file`: YAML files with a mapping `environment`; later ones win, and the function's own over all. */
async function readEnvironmentFiles(
  section: Section,
  folder: ProjectFolder,
  env: Reading['env'],
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const path of section.texts('environment_file')) {
    const text = await folder.text(posix.normalize(path));
    if (text === null) {
      section.tell('environment_file', {
        severity: 'ignored',
        means: `there is no file ${path}; its variables are missing`,
      });
      continue;
    }
    const source = readYamlDocuments(folder.absolute(path), path, expandVariables(text, env, false).text)[0];
    const value = source?.value as { environment?: Record<string, unknown> | null } | null | undefined;
    for (const [key, each] of Object.entries(value?.environment ?? {})) variables[key] = String(each);
  }
  return variables;
}

/** Time limits are variables of OpenFaaS's watchdog. */
function timeLimit(variables: Readonly<Record<string, string>>): number | undefined {
  const written = variables.exec_timeout ?? variables.write_timeout;
  const span = written === undefined ? null : readSpan(written);
  return span === null || span === 0 ? undefined : span;
}

function maxInflight({ max_inflight: most }: Readonly<Record<string, string>>): { perInstance?: number } {
  return most === undefined || !(Number(most) > 0) ? {} : { perInstance: Number(most) };
}

function readLabels(labels: Section | undefined): { max?: number; provisioned?: number } {
  const least = labels?.number('com.openfaas.scale.min');
  const most = labels?.number('com.openfaas.scale.max');
  labels?.pass('com.openfaas.scale.zero');
  for (const key of labels?.keys ?? []) {
    const means = key.startsWith('com.openfaas.scale')
      ? 'the number of instances follows the calls, from zero on'
      : 'there are no labels';
    labels?.leave('ignored', { [key]: means });
  }
  return {
    ...(least === undefined ? {} : { provisioned: least }),
    ...(most === undefined ? {} : { max: most }),
  };
}

/** Annotations are how connectors of OpenFaaS find their functions: `topic`, and for the clock's `schedule`. */
function readAnnotations(annotations: Section | undefined): TriggerFile[] {
  if (annotations === undefined) return [];
  const topic = annotations.text('topic');
  const schedule = annotations.text('schedule');
  for (const key of annotations.keys)
    annotations.leave('ignored', ifUnread(key, 'nothing here reads this annotation'));
  if (schedule !== undefined) return [{ schedule: { cron: schedule } }];
  return (topic?.split(',') ?? []).map((each) => ({ topic: each.trim() }));
}

const ifUnread = (key: string, means: string): Record<string, string> =>
  key === 'topic' || key === 'schedule' ? {} : { [key]: means };

function leaveOthers(section: Section): void {
  for (const secret of section.texts('secrets')) {
    section.tell('secrets', {
      severity: 'ignored',
      means: `there is no file /var/openfaas/secrets/${secret}: secrets are variables here`,
      suggestion: `mayfly secret set ${secret.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}, and read it from the environment`,
    });
  }
  section.leave('ignored', {
    image: 'no image is built; the code runs in a prewarmed sandbox',
    requests: 'a function that nobody calls takes no memory and no CPU',
    constraints: 'there is one node to place it on',
    registry_auth: 'no registry is needed',
    build_args: 'no image is built',
    build_options: 'no image is built, so no system packages are put into it',
    build_secrets: 'no image is built',
    skip_build: 'the code is built at every deploy, from the folder',
    readonly_root_filesystem: 'code is always read-only; /tmp can be written to',
    namespace: 'apps and environments are what namespaces are there',
    platforms: 'functions run on the platform of the node',
    fprocess: 'the handler is called directly, without a process for each call',
    copy: '"include" in mayfly.yaml ships files of other folders',
    publish: 'no image is built',
  });
}
