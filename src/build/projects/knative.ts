import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readPythonSource } from '../python/python-source.ts';
import { readYamlSource } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import { readLimits } from './container-limits.ts';
import { isFunctionFile } from './fn/function-file.ts';
import type { ForeignProject } from './foreign-project.ts';
import { ProjectFolder } from './project-folder.ts';
import { chooseRuntime } from './runtime-choice.ts';
import { Section } from './section.ts';
import { readIgnoreFile, wholeFolder } from './shipped-files.ts';
import { addVendorFunction } from './vendor-function.ts';
import { routesBelow } from './vendor-route.ts';

/** Knative's `func.yaml`, of today and as it was before 0.34 (settings at the top). The function answers at every path. */
export const knative: ForeignProject = {
  name: 'Knative Functions',
  async detect(dir) {
    const text = await readFile(join(dir, 'func.yaml'), 'utf8').catch(() => '');
    return /^(specVersion|runtime):/m.test(text) && !isFunctionFile(text) ? 'func.yaml' : null;
  },
  async read(dir, file, { env = {} }) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const top = Section.of(readYamlSource(join(dir, file), await readFile(join(dir, file), 'utf8')), draft);
    const written = top.text('name') ?? posix.basename(dir);
    draft.name(written, top.place('name'));
    const name = draft.nameFor(written);
    top.owner = name;
    const run = top.section('run');
    const deploy = top.section('deploy');
    const variables = { ...readVariables(top, env), ...(run === undefined ? {} : readVariables(run, env)) };
    const invoke = top.text('invoke');
    if (invoke === 'cloudevent' && top.text('runtime') === 'python') variables.MAYFLY_KNATIVE_INVOKE = invoke;
    const scaling = readOptions(deploy?.section('options') ?? top.section('options'));
    leaveOthers(top, run, deploy);
    const program = await readProgram(top, folder);
    draft.addFunction(name, top.place('name'));
    const startTimeout = run?.number('startTimeout');
    if (program !== null) {
      addVendorFunction(draft, {
        name,
        place: top.place('name'),
        ...program,
        ...scaling,
        include: wholeFolder(await readIgnoreFile(folder, '.funcignore')),
        initTimeoutMs: startTimeout === undefined ? undefined : startTimeout * 1_000,
        env: variables,
        routes: routesBelow('/'),
      });
    }
    top.close();
    return draft.finish();
  },
};

/** The language pack decides what is the function's module. */
async function readProgram(top: Section, folder: ProjectFolder) {
  const written = top.text('runtime') ?? '';
  const { runtime, language, note } = chooseRuntime(written);
  if (note !== null) top.tell('runtime', note);
  if (runtime === null) return null;
  if (language === 'python') {
    const handler = await findPythonEntry(folder);
    if (handler !== null) return { handler, runtime, dialect: 'knative' };
    top.tell('runtime', { severity: 'blocks', means: 'there is neither func.py nor function/func.py' });
    return null;
  }
  const main = (await folder.packageJson())?.main;
  const names = written === 'typescript' ? ['src/index.ts', 'index.ts'] : [];
  if (typeof main === 'string') names.push(main, posix.join('src', posix.basename(main)));
  for (const name of [...names, 'index']) {
    const handler = await folder.source(name);
    if (handler !== null) return { handler, runtime, dialect: 'knative' };
  }
  top.tell('runtime', {
    severity: 'blocks',
    means: 'there is neither the "main" of package.json nor index.js',
  });
  return null;
}

/** Names that the language pack's templates have had: each is called in a way of its own. */
const PYTHON_ENTRIES = ['main', 'new', 'handle'] as const;

async function findPythonEntry(folder: ProjectFolder): Promise<string | null> {
  const file = await folder.firstFile(['function/func.py', 'func.py', 'function/__init__.py']);
  if (file === null) return null;
  const { names } = readPythonSource((await folder.text(file)) ?? '');
  return `${file}#${PYTHON_ENTRIES.find((name) => names.has(name)) ?? PYTHON_ENTRIES[0]}`;
}

/** `envs`: values, `{{ env:NAME }}` of the author's surroundings; secrets and configuration maps of a cluster are not here. */
function readVariables(
  section: Section,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const each of section.sections('envs')) {
    const name = each.text('name');
    const value = each.text('value') ?? '';
    const reference = /^\{\{\s*(env|secret|configMap):([^:\s}]+)(?::([^}\s]+))?\s*\}\}$/.exec(value);
    if (reference === null) {
      if (name !== undefined) variables[name] = value;
      continue;
    }
    const [, kind, source = ''] = reference;
    const found = kind === 'env' ? env[source] : undefined;
    if (name !== undefined && found !== undefined) variables[name] = found;
    else {
      const what =
        kind === 'env' ? `the variable ${source} is not set` : `there is no ${kind} "${source}" here`;
      const suggestion = kind === 'env' ? `set ${source}` : `mayfly secret set ${name ?? 'NAME'}`;
      each.tell('value', {
        severity: 'ignored',
        means:
          name === undefined ? `${what}, so its variables are missing` : `${what}, so ${name} is missing`,
        suggestion,
      });
    }
  }
  return variables;
}

function readOptions(options: Section | undefined) {
  const scale = options?.section('scale');
  const least = scale?.number('min');
  const most = scale?.number('max');
  scale?.leave('ignored', {
    metric: 'instances follow the calls',
    target: 'instances follow the calls',
    utilization: 'instances follow the calls',
  });
  const resources = options?.section('resources');
  resources?.leave('ignored', { requests: 'a function that nobody calls takes no memory and no CPU' });
  const limits = resources?.section('limits');
  const perInstance = limits?.number('concurrency');
  return {
    ...readLimits(limits),
    concurrency: {
      ...(least === undefined || least === 0 ? {} : { provisioned: least }),
      ...(most === undefined || most === 0 ? {} : { max: most }),
      ...(perInstance === undefined || perInstance === 0 ? {} : { perInstance }),
    },
  };
}

function leaveOthers(top: Section, run: Section | undefined, deploy: Section | undefined): void {
  // But for Python, the dialect tells CloudEvents from other requests by what arrives.
  top.pass('specVersion', 'created', 'invoke', 'invocation', 'version', 'template', 'root');
  const notes = {
    namespace: 'apps and environments are what namespaces are there',
    image: 'no image is built',
    imageDigest: 'no image is built',
    annotations: 'nothing here reads annotations',
    labels: 'there are no labels',
    healthEndpoints: 'an instance says itself when it is ready',
    serviceAccountName: 'grants say what a function may do',
    deployer: 'Mayfly deploys',
  };
  top.leave('ignored', {
    ...notes,
    registry: 'no image is pushed',
    domain: 'the app has its own host',
    build: "the code is bundled on the author's machine; no image is built",
    buildEnvs: 'no image is built',
    builder: 'no image is built',
    builders: 'no image is built',
    buildpacks: 'no image is built',
    git: 'push to the node instead: "mayfly git"',
    volumes: 'there are no volumes; /tmp can be written to',
    options: 'it also stands below "deploy"',
    local: 'it is about the tool itself',
  });
  run?.leave('ignored', {
    volumes: 'there are no volumes; /tmp can be written to',
    podSecurityContext: 'functions run in sandboxes of their own',
    buildEnvs: 'no image is built',
  });
  for (const each of deploy?.sections('subscriptions') ?? []) {
    const source = each.text('source') ?? '';
    each.pass('filters');
    each.tell('source', {
      severity: 'ignored',
      means: `nothing subscribes to the broker "${source}"`,
      suggestion: 'write "triggers: [{ event: TYPE }]" in mayfly.yaml',
    });
  }
  deploy?.leave('ignored', notes);
}
