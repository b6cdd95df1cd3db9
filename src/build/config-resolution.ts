import { posix } from 'node:path';
import type { LimitsManifest, RouteManifest } from '../contract/manifest.ts';
import { DEFAULT_RUNTIME, DEFAULT_RUNTIMES, type Language, RUNTIMES } from '../contract/runtimes.ts';
import type { TriggerManifest } from '../contract/triggers.ts';
import type { FunctionConfig } from './app-config.ts';
import type { AppFile, FunctionFile, SharedSettings } from './config-schema.ts';
import type { ConfigSource } from './config-source.ts';
import { readCount, readDuration, readSize, type Setting } from './limit-settings.ts';
import { type Problem, problemAt } from './problem.ts';
import { readRoute, routeIdentity } from './route-config.ts';
import { type KeyPath, sayPath } from './schema-mismatch.ts';
import { readTrigger } from './trigger-settings.ts';

/** How a container that keeps a contract is spoken to. */
const DIALECT_OF = { port: 'http', 'runtime-api': 'lambda' } as const;

/** The program of a custom runtime, where nobody names another. */
const BOOTSTRAP = 'bootstrap';

/**
 * From a configuration that fits the schema to complete functions: what a function says itself, else what the app
 * says for all, else the default. A file in `functions/` is a function of its own unless another one names it as
 * its handler.
 * @param report called with every problem; the result means nothing once it was called
 */
export function resolveFunctions(
  app: AppFile,
  discovered: ReadonlyMap<string, string>,
  source: ConfigSource,
  report: (problem: Problem) => void,
): FunctionConfig[] {
  const listed = app.functions ?? {};
  const handled = new Set(
    Object.values(listed).map((entry) =>
      posix.join(entry?.root ?? '.', entry?.handler?.split('#')[0] ?? '.'),
    ),
  );
  const names = new Set(Object.keys(listed));
  for (const [name, file] of discovered) if (!handled.has(file)) names.add(name);
  const functions = [...names].sort().map((name) => {
    const own = Object.hasOwn(listed, name) ? (listed[name] ?? {}) : {};
    return resolveFunction(name, own, app, discovered.get(name) ?? null, source, report);
  });
  reportCollisions(functions, source, report);
  return functions;
}

function resolveFunction(
  name: string,
  own: FunctionFile,
  app: AppFile,
  file: string | null,
  source: ConfigSource,
  report: (problem: Problem) => void,
): FunctionConfig {
  const base: KeyPath = ['functions', name];
  const fail = (path: KeyPath, message: string, suggestion: string | null = null) =>
    report(problemAt(source.placeOf(path, 'value'), message, suggestion));
  const place = source.file === null ? { file, line: null, column: null } : source.placeOf(base, 'key');
  const merged = <Key extends keyof SharedSettings>(key: Key) => own[key] ?? app[key];
  const isBootstrap = own.handler === undefined && file !== null && posix.basename(file) === BOOTSTRAP;
  const implied = own.image !== undefined ? 'container' : isBootstrap ? 'provided' : undefined;
  const language = languageOf(own.handler ?? file ?? '');
  const runtime = own.runtime ?? implied ?? runtimeFor(language, app.runtime);
  const isImage = RUNTIMES[runtime]?.image === true;
  const runsPrograms = RUNTIMES[runtime]?.language === null;
  const text = own.handler ?? (isBootstrap ? BOOTSTRAP : file) ?? (runtime === 'provided' ? BOOTSTRAP : null);
  const runs = RUNTIMES[runtime]?.language ?? null;
  if (own.runtime !== undefined && runs !== null && language !== null && runs !== language) {
    const suggestion = `leave it out, or write "${DEFAULT_RUNTIMES[language]}"`;
    fail([...base, 'runtime'], `runtime "${runtime}" does not run ${own.handler ?? file}`, suggestion);
  }
  if (own.command !== undefined && !runsPrograms) {
    fail(
      [...base, 'command'],
      `${sayPath([...base, 'command'])} is for runtimes that run programs, not ${runtime}`,
    );
  }
  for (const key of ['image', 'contract'] as const) {
    if (own[key] !== undefined && !isImage)
      fail([...base, key], `${sayPath([...base, key])} is for the runtime container, not ${runtime}`);
  }
  if (text === null && !runsPrograms) {
    fail(base, `function "${name}" has no handler`, `write "handler: FILE", or make functions/${name}.ts`);
  }
  return {
    name,
    handler: {
      text: text ?? '',
      place: own.handler === undefined ? place : source.placeOf([...base, 'handler'], 'value'),
    },
    root: isBootstrap
      ? posix.dirname(file)
      : file !== null && text === file
        ? '.'
        : resolveRoot(own, base, fail),
    runtime,
    command: own.command ?? null,
    image: resolveImage(own, base, fail),
    dialect: isImage ? DIALECT_OF[own.contract ?? 'port'] : (merged('dialect') ?? null),
    env: Object.fromEntries(
      Object.entries({ ...app.env, ...own.env }).map(([key, value]) => [key, String(value)]),
    ),
    limits: resolveLimits(own, app, base, fail),
    routes: resolveRoutes(name, own, app, base, fail),
    triggers: resolveTriggers(own, base, fail),
    external: unique(app.external, own.external),
    include: unique(app.include, own.include),
    minify: merged('minify') ?? false,
    place,
  };
}

function resolveImage({ image }: FunctionFile, base: KeyPath, fail: Fail): string | null {
  if (image === undefined) return null;
  const path = posix.normalize(image);
  if (path === '..' || path.startsWith('../'))
    fail([...base, 'image'], `${sayPath([...base, 'image'])} is outside the app's folder: "${image}"`);
  return path;
}

/** As the file's suffix tells; null: it has none that does. */
function languageOf(handler: string): Language | null {
  if (/\.py(#|$)/.test(handler)) return 'python';
  return /\.[cm]?[jt]s(#|$)/.test(handler) ? 'javascript' : null;
}

/** What the app says for all, unless this function is in another language. */
function runtimeFor(language: Language | null, runtime: string = DEFAULT_RUNTIME): string {
  const runs = RUNTIMES[runtime]?.language ?? null;
  return language === null || runs === null || runs === language ? runtime : DEFAULT_RUNTIMES[language];
}

function resolveRoot({ root }: FunctionFile, base: KeyPath, fail: Fail): string {
  if (root === undefined) return '.';
  const folder = posix.normalize(root);
  if (folder === '..' || folder.startsWith('../')) {
    fail([...base, 'root'], `${sayPath([...base, 'root'])} is outside the app's folder: "${root}"`);
  }
  return folder.replace(/\/$/, '');
}

type Fail = (path: KeyPath, message: string, suggestion?: string | null) => void;

function resolveLimits(own: FunctionFile, app: AppFile, base: KeyPath, fail: Fail): LimitsManifest {
  /** The nearest level that says something: the function, else the app. */
  const find = (...keys: [keyof SharedSettings, string?]): Setting => {
    for (const [settings, path] of [
      [own, base],
      [app, []],
    ] as const) {
      const value: unknown = settings[keys[0]];
      const inner = keys[1] === undefined ? value : isMapping(value) ? value[keys[1]] : undefined;
      if (inner !== undefined)
        return { value: inner, path: [...path, ...keys.filter((key) => key !== undefined)] };
    }
    return { value: undefined, path: base };
  };
  // A bare number for `queue` is its `max`.
  const queue = own.queue ?? app.queue;
  const queueMax = typeof queue === 'number' ? find('queue') : find('queue', 'max');
  const cpuMillis = own.cpu ?? app.cpu;
  const limits = {
    memoryMb: readSize(find('memory'), 128, 64, 10_240, fail),
    ...(cpuMillis === undefined ? {} : { cpuMillis }),
    timeoutMs: readDuration(find('timeout'), 30_000, 1, 86_400_000, fail),
    initTimeoutMs: readDuration(find('initTimeout'), 10_000, 1, 900_000, fail),
    network: own.network ?? app.network ?? 'full',
    perInstance: readCount(find('concurrency', 'perInstance'), 1),
    maxInstances: readCount(find('concurrency', 'max'), 100),
    provisioned: readCount(find('concurrency', 'provisioned'), 0),
    queueMax: readCount(queueMax, 1_000),
    queueTimeoutMs: readDuration(find('queue', 'timeout'), 30_000, 0, 900_000, fail),
    keepAliveMs:
      find('keepAlive').value === undefined ? null : readDuration(find('keepAlive'), 0, 0, 86_400_000, fail),
  };
  if (limits.provisioned > limits.maxInstances) {
    const { path } = find('concurrency', 'provisioned');
    fail(
      path,
      `${sayPath(path)} is ${limits.provisioned}, more than concurrency.max, ${limits.maxInstances}`,
    );
  }
  return limits;
}

function resolveRoutes(
  name: string,
  own: FunctionFile,
  app: AppFile,
  base: KeyPath,
  fail: Fail,
): RouteManifest[] {
  const cors = own.cors ?? app.cors;
  const written = own.routes ?? [name === 'index' ? '/' : `/${name}`];
  return written.flatMap((entry, index) => {
    const path = own.routes === undefined ? base : [...base, 'routes', index];
    const routes = readRoute(entry, cors);
    if (typeof routes !== 'string') return routes;
    fail(path, `${sayPath(path)} ${routes}`);
    return [];
  });
}

function resolveTriggers(own: FunctionFile, base: KeyPath, fail: Fail): TriggerManifest[] {
  return (own.triggers ?? []).flatMap((entry, index) => {
    const path = [...base, 'triggers', index];
    return readTrigger(entry, path, fail) ?? [];
  });
}

function reportCollisions(
  functions: readonly FunctionConfig[],
  source: ConfigSource,
  report: (problem: Problem) => void,
): void {
  const owners = new Map<string, string>();
  for (const { name, routes, place } of functions) {
    for (const route of routes) {
      const identity = routeIdentity(route);
      const owner = owners.get(identity);
      owners.set(identity, name);
      if (owner === undefined) continue;
      const method = route.method === '*' ? 'every method' : route.method;
      const where = source.file === null ? place : source.placeOf(['functions', name, 'routes'], 'key');
      const twice = owner === name ? 'twice in' : `both in function "${owner}" and in`;
      report(problemAt(where, `${method} at ${route.pattern} is ${twice} function "${name}"`));
    }
  }
}

function unique(...lists: (readonly string[] | undefined)[]): string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
