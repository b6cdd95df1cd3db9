import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigSource } from '../config-source.ts';
import { problemsError } from '../problem.ts';
import { AppDraft } from './app-draft.ts';
import { readResources, type TemplateResource } from './aws/aws-resource.ts';
import { tellResources } from './aws/aws-resources.ts';
import { addFunctionUrls } from './aws/function-urls.ts';
import { Template, Unresolvable } from './aws/template.ts';
import { readTemplateDocument } from './aws/template-document.ts';
import type { ForeignProject, ProjectOptions } from './foreign-project.ts';
import { tellKeys } from './known-keys.ts';
import { GLOBALS_KEYS } from './sam/event-keys.ts';
import { RESOURCE_KEYS, TEMPLATE_KEYS } from './sam/keys.ts';
import {
  mappingOf,
  mergeGlobals,
  pathOf,
  placeAt,
  propertyOf,
  type SamApp,
  type SamFunction,
} from './sam/sam-app.ts';
import { addMapping } from './sam/sam-events.ts';
import { addSamFunction } from './sam/sam-function.ts';
import { addDefinedRoutes, readFunctionUrl, tellApis } from './sam/sam-http.ts';
import { readSamSettings, type SamSettings } from './sam/sam-settings.ts';

const FILES = ['template.yaml', 'template.yml', 'template.json'] as const;
const FUNCTIONS = /AWS::(Serverless|Lambda)::Function/;
const REGION_DEFAULT = 'us-east-1';
/** Types that this file makes something of. */
const OWN =
  /^AWS::(Serverless::(Function|Api|HttpApi|LayerVersion|Connector)|Lambda::(Function|EventSourceMapping|Version|Alias|LayerVersion|Url))$/;

/** AWS Serverless Application Model, and plain CloudFormation as far as it is about Lambda functions. */
export const sam: ForeignProject = {
  name: 'AWS SAM',
  names: /^[\w.-]*(template|sam|packaged)[\w.-]*\.(ya?ml|json)$/,
  async detect(dir) {
    for (const file of FILES) {
      const text = await readFile(join(dir, file), 'utf8').catch(() => null);
      if (text !== null && FUNCTIONS.test(text)) return file;
    }
    return null;
  },
  async read(dir, file, options) {
    const path = join(dir, file);
    const source = readTemplateDocument(path, file, await readFile(path, 'utf8'));
    if (source.problems.length > 0) throw problemsError('CONFIG_INVALID', source.problems);
    const draft = new AppDraft(file);
    const settings = await readSamSettings(dir, options, draft);
    if (settings.stack !== null)
      draft.name(settings.stack, { file: 'samconfig.toml', line: null, column: null });
    const app = openTemplate({ dir, file, source, draft }, settings, options);
    tellKeys(draft, source.value, [], TEMPLATE_KEYS, (at) => placeAt(app, at));
    tellKeys(draft, app.globals, ['Globals'], GLOBALS_KEYS, (at) => placeAt(app, at));
    const written = mappingOf(mappingOf(source.value).Resources);
    for (const [id, resource] of Object.entries(written)) {
      tellKeys(draft, resource, ['Resources', id], RESOURCE_KEYS, (at) => placeAt(app, at));
    }
    const functions = await addFunctions(app);
    tellApis(app);
    addDefinedRoutes(app, functions);
    addMappings(app, functions);
    addUrls(app, functions);
    tellResources(
      draft,
      app.template,
      app.resources,
      (type) => OWN.test(type),
      (id) => placeAt(app, ['Resources', id]),
    );
    tellOwn(app);
    return draft.finish();
  },
};

function openTemplate(
  given: {
    readonly dir: string;
    readonly file: string;
    readonly source: ConfigSource;
    readonly draft: AppDraft;
  },
  settings: SamSettings,
  options: ProjectOptions,
): SamApp {
  const file = mappingOf(given.source.value);
  const all = readResources(file.Resources);
  const declared = mappingOf(file.Parameters);
  const parameters = parametersOf(declared, { ...settings.parameters, ...options.params });
  const template = new Template({
    region: options.region ?? settings.region ?? REGION_DEFAULT,
    stack: settings.stack ?? 'stack',
    resources: all,
    parameters,
    mappings: mappingOf(file.Mappings),
    conditions: mappingOf(file.Conditions),
    known: (name) => {
      if (!Object.hasOwn(declared, name)) return null;
      throw new Unresolvable(`the parameter ${name} has no value: --param ${name}=VALUE`);
    },
  });
  const globals = Object.entries(mappingOf(file.Globals)).map(([type, value]) => [type, mappingOf(value)]);
  return { ...given, template, resources: all, globals: Object.fromEntries(globals) };
}

/** What is given, else the default. A parameter that AWS's parameter store has the value of has none here. */
function parametersOf(declared: Readonly<Record<string, unknown>>, given: Readonly<Record<string, string>>) {
  const entries = Object.entries(declared).flatMap(([name, definition]): [string, unknown][] => {
    const { Type: type, Default: otherwise } = mappingOf(definition);
    const stored = String(type).startsWith('AWS::SSM::Parameter');
    const value = given[name] ?? (stored ? undefined : otherwise);
    if (value === undefined) return [];
    return [
      [name, /^(CommaDelimitedList|List<)/.test(String(type)) ? String(value).split(/\s*,\s*/) : value],
    ];
  });
  return Object.fromEntries(entries);
}

async function addFunctions(app: SamApp): Promise<Map<string, SamFunction>> {
  const functions = new Map<string, SamFunction>();
  for (const [logicalId, resource] of Object.entries(app.resources)) {
    if (!/^AWS::(Serverless|Lambda)::Function$/.test(resource.Type)) continue;
    const name = app.draft.nameFor(logicalId);
    if (!isMade(app, logicalId, resource, name)) continue;
    const isSam = resource.Type === 'AWS::Serverless::Function';
    const properties = mappingOf(
      mergeGlobals(isSam ? (app.globals.Function ?? {}) : {}, resource.Properties ?? {}),
    );
    const fn = { app, logicalId, name, properties, metadata: mappingOf(resource.Metadata) };
    if (await addSamFunction(fn)) functions.set(logicalId, fn);
  }
  return functions;
}

function isMade(
  { template, draft, source }: SamApp,
  logicalId: string,
  { Condition: condition }: TemplateResource,
  name: string,
): boolean {
  const said = {
    place: source.placeOf(['Resources', logicalId, 'Condition'], 'value'),
    what: `condition ${condition} of ${logicalId}`,
    function: name,
  };
  try {
    if (template.holds(condition)) return true;
    draft.ignored({ ...said, means: 'it does not hold, and so the function is not made' });
    return false;
  } catch (thrown) {
    if (!(thrown instanceof Unresolvable)) throw thrown;
    draft.ignored({ ...said, means: `the function is made whatever it says: ${thrown.message}` });
    return true;
  }
}

/** The URLs of their own that functions ask for; after all other routes. */
function addUrls({ draft }: SamApp, functions: ReadonlyMap<string, SamFunction>): void {
  const made = [...functions.values()];
  const urls = made.flatMap((fn) => {
    const config = propertyOf(fn, 'FunctionUrlConfig');
    return config === undefined
      ? []
      : [readFunctionUrl(fn, mappingOf(config), pathOf(fn, 'FunctionUrlConfig'))];
  });
  addFunctionUrls(
    draft,
    urls,
    made.map(({ name }) => name),
  );
}

/** Event source mappings that stand beside the functions. */
function addMappings(app: SamApp, functions: ReadonlyMap<string, SamFunction>): void {
  for (const [id, { Type: type, Properties: properties = {} }] of Object.entries(app.resources)) {
    if (type !== 'AWS::Lambda::EventSourceMapping') continue;
    const target = JSON.stringify(properties.FunctionName ?? '');
    const fn = [...functions.values()].find(
      ({ logicalId }) => target.includes(`"${logicalId}"`) || target.includes(`{${logicalId}.`),
    );
    const path = ['Resources', id];
    if (fn !== undefined) addMapping(fn, id, properties, path);
    else
      app.draft.ignored({
        place: placeAt(app, path),
        what: id,
        means: 'the function that it is for is not in the template',
      });
  }
}

const TOLD: Readonly<Record<string, string>> = {
  'AWS::Serverless::LayerVersion':
    'nothing of a layer is at /opt; packages in it must be installed in the project',
  'AWS::Lambda::LayerVersion':
    'nothing of a layer is at /opt; packages in it must be installed in the project',
  'AWS::Lambda::Url': 'the URL is not made; a route is: "routes" in mayfly.yaml',
  'AWS::Lambda::Alias': 'releases are immutable wholes, and traffic is split between them: "mayfly canary"',
};

function tellOwn(app: SamApp): void {
  for (const [id, { Type: type, Properties: properties = {} }] of Object.entries(app.resources)) {
    const place = placeAt(app, ['Resources', id]);
    const means = TOLD[type];
    if (means !== undefined) app.draft.ignored({ place, what: `${id} (${type})`, means });
    if (type === 'AWS::Serverless::Connector') {
      app.draft.later({
        place,
        what: id,
        means: 'what functions may do is granted when the services arrive that it is about',
      });
    }
    if (properties.DefinitionUri !== undefined && /(Http)?Api$/.test(type)) {
      app.draft.ignored({
        place,
        what: `DefinitionUri of ${id}`,
        means: 'routes of an OpenAPI file of its own are not made',
      });
    }
  }
}
