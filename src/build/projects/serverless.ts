import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { ConfigSource } from '../config-source.ts';
import { problemsError } from '../problem.ts';
import type { KeyPath } from '../schema-mismatch.ts';
import { AppDraft } from './app-draft.ts';
import { readResources, type TemplateResource } from './aws/aws-resource.ts';
import { tellResources } from './aws/aws-resources.ts';
import { Template } from './aws/template.ts';
import { readTemplateDocument } from './aws/template-document.ts';
import type { ForeignProject } from './foreign-project.ts';
import { tellKeys } from './known-keys.ts';
import { isMapping } from './section.ts';
import { addAwsService } from './serverless/aws-service.ts';
import { azureProvider } from './serverless/azure-service.ts';
import { RESOURCES_KEYS } from './serverless/event-keys.ts';
import { googleProvider } from './serverless/google-service.ts';
import { PLUGINS, SERVICE_KEYS } from './serverless/keys.ts';
import { kubelessProvider } from './serverless/kubeless-service.ts';
import { openwhiskProvider } from './serverless/openwhisk-service.ts';
import {
  mappingAt,
  type Service,
  type ServiceFunction,
  setEnvironment,
  textAt,
} from './serverless/service.ts';
import { readServiceModule } from './serverless/typescript-source.ts';
import { VariableFiles } from './serverless/variable-files.ts';
import { Variables } from './serverless/variables.ts';
import { addVendorService, type VendorProvider } from './serverless/vendor-service.ts';

const FILES = ['yml', 'yaml', 'json', 'js', 'cjs', 'mjs', 'ts'].map((suffix) => `serverless.${suffix}`);

/** A component of Tencent's, which has the same file name and another content. */
const COMPONENT = /^\s*"?component"?\s*:/m;
const SERVICE = /^\s*"?(service|provider|functions)"?\s*:/m;

/** Its plugin for Azure needs a `host.json`, which is the host's settings and names no function. */
const AZURE = /\bname\s*["']?:\s*["']?azure\b/;

/** Serverless Framework, versions 2 to 4 (https://www.serverless.com/framework/docs). */
export const serverless: ForeignProject = {
  name: 'Serverless Framework',
  names: /^serverless[\w.-]*\.(ya?ml|json|[cm]?[jt]s)$/,
  async detect(dir) {
    for (const file of FILES) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => null);
      if (text === null) continue;
      const isModule = /\.[cm]?[jt]s$/.test(file);
      return isModule || (SERVICE.test(text) && !COMPONENT.test(text)) ? file : null;
    }
    return null;
  },
  async includes(dir, file, other) {
    if (other !== 'host.json') return false;
    const text = await readFile(join(dir, file), 'utf8').catch(() => '');
    return AZURE.test(text);
  },
  async read(dir, file, options) {
    const draft = new AppDraft(file);
    const source = await readSource(dir, file, draft);
    const variables = new Variables(source, options, new VariableFiles(dir, draft));
    const service = await readService(dir, source, file, draft, variables);
    const provider = textAt(service.provider, 'name') ?? '';
    const vendor = VENDORS[provider];
    if (vendor !== undefined) await addVendorService(service, vendor);
    else if (provider === 'aws') await addAwsService(service);
    else {
      const means = 'functions of this provider are not read';
      draft.blocks({
        place: variables.placeOf(['provider', 'name'], 'value'),
        what: `provider ${provider}`,
        means,
      });
    }
    tellUnresolved(service);
    return draft.finish();
  },
};

/** Providers other than AWS, by `provider.name`. */
const VENDORS: Readonly<Record<string, VendorProvider>> = {
  azure: azureProvider,
  google: googleProvider,
  kubeless: kubelessProvider,
  openwhisk: openwhiskProvider,
};

/** @throws MayflyError CONFIG_INVALID */
async function readSource(dir: string, file: string, draft: AppDraft): Promise<ConfigSource> {
  const path = join(dir, file);
  const source = /\.[cm]?[jt]s$/.test(file)
    ? await readServiceModule(path, dir)
    : { ...readTemplateDocument(path, file, await readFile(path, 'utf8')), parts: [] };
  if (source.problems.length > 0) throw problemsError('CONFIG_INVALID', source.problems);
  for (const part of source.parts) draft.readFrom(part);
  return source;
}

async function readService(
  dir: string,
  source: ConfigSource,
  file: string,
  draft: AppDraft,
  variables: Variables,
): Promise<Service> {
  const text = async (...path: string[]) => textAt({ at: await variables.read(path) }, 'at');
  const mapping = async (...path: string[]) => mappingAt({ at: await variables.read(path) }, 'at');
  tellKeys(draft, source.value, [], SERVICE_KEYS, (path) => variables.placeOf(path));
  const version = (await text('frameworkVersion')) ?? '';
  const plugins = await pluginsOf(variables);
  const env = await readDotenv(dir, draft, variables, version, plugins);
  const [stage, region] = [await variables.stage(), await variables.region()];
  const named = (await text('service', 'name')) ?? (await text('service')) ?? 'service';
  draft.name(named, variables.placeOf(['service'], 'value'));
  const build = await variables.read(['build']);
  const resources = await resourcesOf(draft, variables);
  const template = new Template({
    region,
    stack: `${named}-${stage}`,
    resources: resources.all,
    mappings: resources.mappings,
    conditions: resources.conditions,
  });
  const service: Service = {
    dir,
    file,
    draft,
    variables,
    stage,
    region,
    provider: { name: (await text('provider')) ?? 'aws', ...(await mapping('provider')) },
    functions: await functionsOf(draft, variables),
    package: await mapping('package'),
    custom: {
      esbuild: mappingAt({ build }, 'build').esbuild ?? (await variables.read(['custom', 'esbuild'])),
      wsgi: await variables.read(['custom', 'wsgi']),
    },
    plugins,
    bundled:
      plugins.some((plugin) => PLUGINS[plugin] === 'bundles') || (/^\D*4/.test(version) && build !== false),
    template,
  };
  setEnvironment(service, env, ['plugins'], null);
  tellPlugins(service);
  tellResources(
    draft,
    template,
    resources.all,
    () => false,
    (id) => variables.placeOf(resources.paths.get(id) ?? []),
  );
  return service;
}

/** `plugins` is a list, or in version 1 a mapping with `modules`. */
async function pluginsOf(variables: Variables): Promise<string[]> {
  const written = await variables.read(['plugins']);
  const list = isMapping(written) ? written.modules : written;
  return Array.isArray(list) ? list.filter((name): name is string => typeof name === 'string') : [];
}

function tellPlugins({ draft, plugins, variables }: Service): void {
  for (const [index, name] of plugins.entries()) {
    const meaning =
      PLUGINS[name] ??
      (name.startsWith('./') ? 'a plugin of your own is not run' : 'what this plugin does is not done');
    if (meaning === 'idle' || meaning === 'bundles') continue;
    const said = { place: variables.placeOf(['plugins', index], 'value'), what: `plugin ${name}` };
    if (meaning.startsWith('later: ')) draft.later({ ...said, means: meaning.slice('later: '.length) });
    else draft.ignored({ ...said, means: meaning });
  }
}

/**
 * Makes the variables of `.env` files known. Those of the stage come before those of all.
 * @returns the variables that functions get too, which is what the plugin does
 */
async function readDotenv(
  dir: string,
  draft: AppDraft,
  variables: Variables,
  version: string,
  plugins: readonly string[],
): Promise<Record<string, string>> {
  const plugin = plugins.some((name) => /^serverless-dotenv(-plugin)?$/.test(name));
  if (!plugin && !/^\D*4/.test(version) && (await variables.read(['useDotenv'])) !== true) return {};
  const stage = await variables.stage();
  const found: Record<string, string | undefined> = {};
  for (const name of ['.env', '.env.local', `.env.${stage}`, `.env.${stage}.local`]) {
    const text = await readFile(join(dir, name), 'utf8').catch(() => null);
    if (text === null) continue;
    draft.readFrom(join(dir, name));
    Object.assign(found, parseEnv(text));
  }
  const env = Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  variables.addEnv(env);
  return plugin ? env : {};
}

/** `functions` is a mapping, or a list of mappings. */
async function functionsOf(draft: AppDraft, variables: Variables): Promise<ServiceFunction[]> {
  const written = await variables.read(['functions']);
  const parts: [value: unknown, path: KeyPath][] = Array.isArray(written)
    ? written.map((value, index) => [value, ['functions', index]])
    : [[written, ['functions']]];
  return parts.flatMap(([value, path]) =>
    Object.entries(isMapping(value) ? value : {}).map(([name, own]) => {
      return {
        written: name,
        name: draft.nameFor(name),
        value: isMapping(own) ? own : {},
        path: [...path, name],
      };
    }),
  );
}

interface Resources {
  readonly all: Readonly<Record<string, TemplateResource>>;
  readonly paths: ReadonlyMap<string, KeyPath>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
}

/** `resources` is a template, or a list of them. */
async function resourcesOf(draft: AppDraft, variables: Variables): Promise<Resources> {
  const written = await variables.read(['resources']);
  const parts: [value: unknown, path: KeyPath][] = Array.isArray(written)
    ? written.map((value, index) => [value, ['resources', index]])
    : [[written, ['resources']]];
  const all: Record<string, TemplateResource> = {};
  const paths = new Map<string, KeyPath>();
  for (const [value, path] of parts) {
    tellKeys(draft, value, path, RESOURCES_KEYS, (at) => variables.placeOf(at));
    for (const [id, resource] of Object.entries(readResources(mappingAt(value, 'Resources')))) {
      all[id] = resource;
      paths.set(id, [...path, 'Resources', id]);
    }
  }
  const joined = (key: string) => Object.assign({}, ...parts.map(([value]) => mappingAt(value, key)));
  return { all, paths, mappings: joined('Mappings'), conditions: joined('Conditions') };
}

/** A variable without a value leaves out an environment variable, and blocks anything else that was asked for. */
function tellUnresolved({ draft, variables, functions }: Service): void {
  for (const { path, place, text, why } of variables.unresolved) {
    const owner = functions.find((each) => each.path.every((part, index) => part === path[index]))?.name;
    const own = owner === undefined ? {} : { function: owner };
    const said = { place, what: text, ...own };
    const last = path.at(-1);
    if (path.includes('environment')) {
      const suggestion = `give it a value: mayfly secret set ${last}`;
      draft.ignored({ ...said, means: `the variable ${last} is left out: ${why}`, suggestion });
    } else if (
      ['resources', 'custom', 'plugins', 'build'].includes(String(path[0])) ||
      path.includes('iam')
    ) {
      draft.ignored({ ...said, means: why });
    } else draft.blocks({ ...said, means: why });
  }
}
