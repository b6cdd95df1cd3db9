import { posix } from 'node:path';
import type { KeyPath } from '../../schema-mismatch.ts';
import { type AwsFunctionKey, type AwsImage, addAwsFunction } from '../aws/aws-function.ts';
import { readAwsRuntime } from '../aws/aws-runtime.ts';
import { addFunctionUrls, type FunctionUrl } from '../aws/function-urls.ts';
import { isWebAdapter, isWebServer } from '../aws/web-adapter.ts';
import { tellKeys } from '../known-keys.ts';
import { addEvents } from './aws-events.ts';
import { readFunctionUrl } from './aws-http.ts';
import { CORS_KEYS, HTTP_API_KEYS, PACKAGE_KEYS } from './event-keys.ts';
import { FUNCTION_KEYS, PROVIDER_KEYS } from './keys.ts';
import { externalsOf, includesOf } from './packaging.ts';
import {
  mappingAt,
  numberAt,
  placeIn,
  type Service,
  type ServiceFunction,
  setEnvironment,
  textAt,
} from './service.ts';
import { wsgiApplication } from './wsgi.ts';

/** What Serverless gives a Lambda function that says nothing. */
const memoryMbDefault = 1_024;
const timeoutSDefault = 6;
const runtimeDefault = 'nodejs20.x';

/** The functions of a service whose provider is AWS. */
export async function addAwsService(service: Service): Promise<void> {
  const { draft, provider } = service;
  const place = (path: KeyPath) => placeIn(service, path);
  tellKeys(draft, provider, ['provider'], PROVIDER_KEYS, place);
  tellKeys(draft, service.package, ['package'], PACKAGE_KEYS, place);
  tellKeys(draft, provider.httpApi, ['provider', 'httpApi'], HTTP_API_KEYS, place);
  tellKeys(draft, mappingAt(provider, 'httpApi').cors, ['provider', 'httpApi', 'cors'], CORS_KEYS, place);
  setEnvironment(service, provider.environment, ['provider', 'environment'], null);
  tellLayers(service, provider.layers, ['provider', 'layers'], null);
  const urls: (FunctionUrl | null)[] = [];
  for (const own of service.functions) urls.push(await addFunction(service, own));
  const asked = urls.filter((url) => url !== null);
  addFunctionUrls(
    draft,
    asked,
    service.functions.map(({ name }) => name),
  );
}

/** @returns the URL of its own that it asks for */
async function addFunction(service: Service, own: ServiceFunction): Promise<FunctionUrl | null> {
  const { draft, provider } = service;
  const { name, value, path } = own;
  tellKeys(draft, value, path, FUNCTION_KEYS, (at) => placeIn(service, at), name);
  tellKeys(draft, value.package, [...path, 'package'], PACKAGE_KEYS, (at) => placeIn(service, at), name);
  if (refusePackage(service, own)) return null;
  const found = (key: string): [KeyPath, Readonly<Record<string, unknown>>] =>
    value[key] !== undefined ? [[...path, key], value] : [['provider', key], provider];
  const number = (key: string) => numberAt(found(key)[1], key);
  const written = textAt(value, 'handler') ?? null;
  const application = wsgiApplication(service, written);
  const handler = application ?? written;
  const image = value.image === undefined || value.image === null ? undefined : imageOf(service, own);
  if (image === null) return null;
  if (handler === null && image === undefined) {
    draft.blocks({
      place: placeIn(service, path),
      what: own.written,
      means: 'it has no handler',
      function: name,
    });
    return null;
  }
  const server = isWebServer(layersOf(service, value), {
    ...mappingAt(provider, 'environment'),
    ...mappingAt(value, 'environment'),
  });
  const keys: Readonly<Record<AwsFunctionKey, string>> = {
    runtime: 'runtime',
    handler: 'handler',
    root: 'handler',
    memory: 'memorySize',
    timeout: 'timeout',
    concurrency: 'reservedConcurrency',
    include: 'package',
  };
  const made = addAwsFunction(draft, {
    name,
    place: (key) =>
      key === undefined ? placeIn(service, path) : placeIn(service, found(keys[key])[0], 'value'),
    runtime: textAt(found('runtime')[1], 'runtime') ?? runtimeDefault,
    web: application !== null ? 'application' : server ? 'server' : undefined,
    image,
    handler,
    memoryMb: number('memorySize') ?? memoryMbDefault,
    timeoutS: number('timeout') ?? timeoutSDefault,
    reserved: number('reservedConcurrency'),
    provisioned: number('provisionedConcurrency'),
    include: image === undefined ? await includesOf(service, own) : [],
    external: externalsOf(service),
    minify: mappingAt(service.custom, 'esbuild').minify === true,
  });
  if (!made) return null;
  setEnvironment(service, value.environment, [...path, 'environment'], name);
  tellLayers(service, value.layers, [...path, 'layers'], name);
  addEvents(service, own);
  return readFunctionUrl(service, own);
}

/** An image of `provider.ecr.images` that is built from a Dockerfile, or an archive; null: it is in a registry, which is told. */
function imageOf(service: Service, { name, value, path }: ServiceFunction): AwsImage | null {
  const settings = mappingAt(value, 'image');
  const written = textAt(value, 'image') ?? textAt(settings, 'name') ?? textAt(settings, 'uri') ?? '';
  const images = mappingAt(mappingAt(service.provider, 'ecr'), 'images');
  const described = mappingAt(images, written);
  const folder = textAt(described, 'path') ?? textAt(images, written);
  const command = [settings.entryPoint ?? [], settings.command ?? []].flat().map(String);
  const given = settings.entryPoint === undefined ? undefined : command;
  const place = placeIn(service, [...path, 'image']);
  if (given === undefined && command.length > 0) {
    const means = "it is not handed to the image's entry point; write it into the Dockerfile (CMD)";
    service.draft.ignored({ place, what: 'image.command', means, function: name });
  }
  const isRegistry = folder === undefined || /^[\w.-]+\.[\w.-]+\//.test(folder);
  if (!isRegistry)
    return { path: posix.join(folder, textAt(described, 'file') ?? 'Dockerfile'), command: given };
  if (/\.tar(\.gz)?$/.test(written)) return { path: posix.normalize(written), command: given };
  const means = 'images of a registry are not fetched';
  const suggestion = 'save it beside this file and name the archive: image: image.tar';
  service.draft.blocks({ place, what: `image ${written}`, means, suggestion, function: name });
  return null;
}

/** Code that is not built from the folder. */
function refusePackage(service: Service, { name, value, path }: ServiceFunction): boolean {
  const { draft } = service;
  const own = textAt(mappingAt(value, 'package'), 'artifact');
  const artifact = own ?? textAt(service.package, 'artifact');
  if (artifact === undefined) return false;
  const at = own === undefined ? ['package', 'artifact'] : [...path, 'package', 'artifact'];
  const runtime = textAt(value, 'runtime') ?? textAt(service.provider, 'runtime') ?? runtimeDefault;
  // What nothing here could run is told of instead: unpacking would not help.
  if (readAwsRuntime(runtime).runtime === null) return false;
  const means = 'functions are built from their sources, and an archive has none';
  const suggestion = 'unpack it into a folder and take "artifact" away';
  draft.blocks({
    place: placeIn(service, at),
    what: `artifact ${artifact}`,
    means,
    suggestion,
    function: name,
  });
  return true;
}

const layersOf = ({ provider }: Service, value: ServiceFunction['value']): readonly unknown[] =>
  [value.layers ?? provider.layers ?? []].flat();

function tellLayers(service: Service, layers: unknown, path: KeyPath, owner: string | null): void {
  for (const [index, layer] of (Array.isArray(layers) ? layers : []).entries()) {
    if (isWebAdapter(layer)) continue;
    const place = placeIn(service, [...path, index]);
    const means = 'nothing of a layer is at /opt; packages in it must be installed in the project';
    const own = owner === null ? {} : { function: owner };
    service.draft.ignored({ place, what: `layer ${index + 1}`, means, ...own });
  }
}
