import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { KeyPath } from '../../schema-mismatch.ts';
import { SOURCE_SUFFIXES } from '../../source-suffixes.ts';
import { type AwsFunctionKey, type AwsImage, addAwsFunction } from '../aws/aws-function.ts';
import { isWebAdapter, isWebServer } from '../aws/web-adapter.ts';
import { tellKeys } from '../known-keys.ts';
import { BUILD_KEYS, BUNDLE_KEYS, FUNCTION_KEYS } from './keys.ts';
import {
  mappingOf,
  numberOf,
  pathOf,
  placeAt,
  propertyOf,
  type SamFunction,
  textOf,
  valueAt,
} from './sam-app.ts';
import { addEvents } from './sam-events.ts';

/** What Lambda gives a function that says nothing. */
const memoryMbDefault = 128;
const timeoutSDefault = 3;

const PROPERTIES: Readonly<Record<AwsFunctionKey, string>> = {
  runtime: 'Runtime',
  handler: 'Handler',
  root: 'CodeUri',
  memory: 'MemorySize',
  timeout: 'Timeout',
  concurrency: 'ReservedConcurrentExecutions',
  include: 'CodeUri',
};

/** Puts a function of a template into the draft. @returns false when nothing here could run it, which is told */
export async function addSamFunction(fn: SamFunction): Promise<boolean> {
  const { app, name, logicalId, properties, metadata } = fn;
  tellKeys(
    app.draft,
    properties,
    ['Resources', logicalId, 'Properties'],
    FUNCTION_KEYS,
    (path) => {
      return placeAt(app, pathOf(fn, ...path.slice(3)));
    },
    name,
  );
  const metadataAt = ['Resources', logicalId, 'Metadata'];
  const place = (at: KeyPath) => placeAt(app, at);
  tellKeys(app.draft, metadata, metadataAt, BUILD_KEYS, place, name);
  if (metadata.BuildMethod === 'esbuild')
    tellKeys(
      app.draft,
      metadata.BuildProperties,
      [...metadataAt, 'BuildProperties'],
      BUNDLE_KEYS,
      place,
      name,
    );
  tellKeys(app.draft, properties.Environment, pathOf(fn, 'Environment'), { Variables: 'read' }, place, name);
  const image = isImage(fn) ? imageOf(fn) : undefined;
  const root = image === undefined ? rootOf(fn) : '.';
  if (root === null || image === null) return false;
  const runtime = image === undefined ? textOf(propertyOf(fn, 'Runtime')) : 'container';
  if (runtime === undefined)
    return block(fn, 'Runtime', 'it has no runtime', 'write one: nodejs24.x, python3.12, provided.al2023');
  const isBundled = metadata.BuildMethod === 'esbuild';
  const bundling = mappingOf(metadata.BuildProperties);
  const external = Array.isArray(bundling.External) ? bundling.External.map(String) : [];
  const made = addAwsFunction(app.draft, {
    name,
    place: (key) =>
      key === undefined
        ? placeAt(app, ['Resources', logicalId])
        : placeAt(app, pathOf(fn, PROPERTIES[key]), 'value'),
    runtime,
    web: isWebServer(layersOf(fn), mappingOf(properties.Environment).Variables) ? 'server' : undefined,
    image,
    handler:
      image !== undefined ? null : await handlerOf(fn, root, isBundled ? bundling.EntryPoints : undefined),
    root,
    memoryMb: numberOf(propertyOf(fn, 'MemorySize')) ?? memoryMbDefault,
    timeoutS: numberOf(propertyOf(fn, 'Timeout')) ?? timeoutSDefault,
    reserved: numberOf(propertyOf(fn, 'ReservedConcurrentExecutions')),
    provisioned: numberOf(
      mappingOf(propertyOf(fn, 'ProvisionedConcurrencyConfig')).ProvisionedConcurrentExecutions,
    ),
    include:
      isBundled || image !== undefined
        ? []
        : ['**', '!mayfly.yaml', ...(root === '.' ? [`!${app.file}`, '!samconfig.toml'] : [])],
    external: external.filter((each) => !/^(aws-sdk$|@aws-sdk\/)|\*/.test(each)),
    minify: bundling.Minify === true,
  });
  if (!made) return false;
  setEnvironment(fn);
  tellRest(fn, runtime);
  addEvents(fn);
  return true;
}

function isImage({ properties }: SamFunction): boolean {
  return properties.PackageType === 'Image' || properties.ImageUri !== undefined;
}

/** A Dockerfile that SAM would build, or an archive; null: it is in a registry, which is told. */
function imageOf(fn: SamFunction): AwsImage | null {
  const { metadata } = fn;
  const config = mappingOf(propertyOf(fn, 'ImageConfig'));
  const words = [config.EntryPoint ?? [], config.Command ?? []].flat().map(String);
  // A command alone is given to what the image starts with, which here nobody knows.
  const command = config.EntryPoint === undefined || words.length === 0 ? undefined : words;
  if (command === undefined && words.length > 0) {
    const place = placeAt(fn.app, pathOf(fn, 'ImageConfig'));
    const means = "it is not handed to the image's entry point; write it into the Dockerfile (CMD)";
    fn.app.draft.ignored({ place, what: `ImageConfig.Command of ${fn.logicalId}`, means, function: fn.name });
  }
  const recipe = textOf(metadata.Dockerfile);
  const uri = textOf(propertyOf(fn, 'ImageUri')) ?? '';
  const path = recipe === undefined ? uri : posix.join(textOf(metadata.DockerContext) ?? '.', recipe);
  if (recipe !== undefined || /\.tar(\.gz)?$/.test(uri)) return { path, command };
  block(
    fn,
    'ImageUri',
    'images of a registry are not fetched',
    'save it beside the template: ImageUri: ./image.tar',
  );
  return null;
}

/** The folder with the code, relative to the app's; null: there is none, which blocks the function and is told. */
function rootOf(fn: SamFunction): string | null {
  const { properties } = fn;
  const code = properties.CodeUri ?? properties.Code ?? '.';
  const key = properties.CodeUri === undefined ? 'Code' : 'CodeUri';
  if (properties.InlineCode !== undefined || mappingOf(code).ZipFile !== undefined) {
    block(
      fn,
      properties.InlineCode === undefined ? 'Code' : 'InlineCode',
      'its code stands in the template',
      'put it into a file and name the folder as CodeUri',
    );
    return null;
  }
  if (typeof code !== 'string' || /^s3:|^https?:|\.(zip|jar)$/.test(code)) {
    block(
      fn,
      key,
      'its code is an archive, and functions are built from their sources',
      'name the folder of the sources',
    );
    return null;
  }
  const folder = posix.normalize(code.replaceAll('\\', '/')).replace(/\/$/, '');
  if (folder === '..' || folder.startsWith('../') || posix.isAbsolute(folder)) {
    block(fn, key, 'its code is outside the folder of the template', 'move the template up');
    return null;
  }
  return folder;
}

/** A handler names what esbuild makes; its source is the entry of the same name. */
async function handlerOf(fn: SamFunction, root: string, entries: unknown): Promise<string | null> {
  const handler = textOf(propertyOf(fn, 'Handler'));
  if (handler === undefined) return null;
  const dot = handler.lastIndexOf('.');
  const [file, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  for (const suffix of SOURCE_SUFFIXES) {
    const found = await stat(join(fn.app.dir, root, `${file}${suffix}`)).catch(() => null);
    if (found?.isFile()) return handler;
  }
  const list = Array.isArray(entries)
    ? entries.map((entry) => String(entry).replace(/\.[cm]?[jt]sx?$/, ''))
    : [];
  const entry = list.find((each) => posix.basename(each) === posix.basename(file));
  return entry === undefined ? handler : `${entry}.${name}`;
}

function setEnvironment(fn: SamFunction): void {
  const { app, name, properties } = fn;
  for (const [variable, value] of Object.entries(mappingOf(mappingOf(properties.Environment).Variables))) {
    const path = pathOf(fn, 'Environment', 'Variables', variable);
    const own = app.source.placeOf(path, 'value');
    const known = valueAt(app, value, path, name, `the variable ${variable} is left out`);
    if (known === undefined || known === null) continue;
    app.draft.env(name, variable, typeof known === 'object' ? JSON.stringify(known) : String(known), own);
  }
}

const layersOf = ({ properties }: SamFunction): readonly unknown[] =>
  Array.isArray(properties.Layers) ? properties.Layers : [];

function tellRest(fn: SamFunction, runtime: string): void {
  const { app, name, properties, metadata, logicalId } = fn;
  const own = { function: name };
  for (const [index, layer] of layersOf(fn).entries()) {
    if (isWebAdapter(layer)) continue;
    const place = placeAt(app, pathOf(fn, 'Layers', index));
    const means = 'nothing of a layer is at /opt; packages in it must be installed in the project';
    app.draft.ignored({ place, what: `layer ${index + 1}`, means, ...own });
  }
  const preference = textOf(mappingOf(properties.DeploymentPreference).Type);
  if (preference !== undefined && preference !== 'AllAtOnce') {
    const place = placeAt(app, pathOf(fn, 'DeploymentPreference'));
    const means = 'a release is brought in as a whole, and by the plan of the app';
    app.draft.ignored({
      place,
      what: `DeploymentPreference ${preference}`,
      means,
      suggestion: canaryOf(preference),
      ...own,
    });
  }
  const method = textOf(metadata.BuildMethod);
  if (method !== undefined && method !== 'esbuild' && !/^(nodejs|python)/.test(method)) {
    const place = placeAt(app, ['Resources', logicalId, 'Metadata', 'BuildMethod'], 'value');
    const means = `Mayfly does not build it: its folder must hold what ${runtime} runs`;
    const suggestion = 'build it first, or deploy what "sam build" makes: mayfly deploy .aws-sam/build';
    app.draft.ignored({ place, what: `BuildMethod ${method}`, means, suggestion, ...own });
  }
}

/** `Canary10Percent5Minutes`, `Linear10PercentEvery1Minute` → what to write. */
function canaryOf(preference: string): string {
  const [, kind, percent, minutes] =
    /^(Canary|Linear)(\d+)Percent(?:Every)?(\d+)Minutes?$/.exec(preference) ?? [];
  if (percent === undefined) return 'mayfly deploy --canary 10%';
  if (kind === 'Canary') return `mayfly deploy --canary "${percent}% ${minutes}m, 100%"`;
  const shares = Array.from(
    { length: Math.ceil(100 / Number(percent)) - 1 },
    (_, index) => Number(percent) * (index + 1),
  );
  return `mayfly deploy --canary "${shares.map((share) => `${share}% ${minutes}m`).join(', ')}, 100%"`;
}

function block(fn: SamFunction, key: string, means: string, suggestion: string): false {
  const { app, logicalId, name } = fn;
  const place = placeAt(app, pathOf(fn, key));
  app.draft.blocks({ place, what: `${key} of ${logicalId}`, means, suggestion, function: name });
  return false;
}
