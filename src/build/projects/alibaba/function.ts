import { posix } from 'node:path';
import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import type { AppDraft } from '../app-draft.ts';
import { CLOSED_ROUTE } from '../closed-route.ts';
import { type ProjectFolder, tidyPath } from '../project-folder.ts';
import { chooseRuntime } from '../runtime-choice.ts';
import type { Section } from '../section.ts';
import { wholeFolder } from '../shipped-files.ts';
import { addVendorFunction, type VendorFunction } from '../vendor-function.ts';
import { routesBelow } from '../vendor-route.ts';
import { type DomainRoutes, readDomain } from './domain.ts';
import { readEventTrigger } from './triggers.ts';

/** A function of either generation, its settings under the names that both have, or that these keys say. */
export interface FcFunction {
  readonly generation: 2 | 3;
  readonly written: string;
  readonly settings: Section;
  /** Folder of the code; null: it is not here. */
  readonly code: string | null;
  readonly triggers: readonly Section[];
  /** Keys of a trigger. */
  readonly name: string;
  readonly kind: string;
  readonly config: string;
  readonly domains: readonly Section[];
}

interface Reading {
  readonly draft: AppDraft;
  readonly folder: ProjectFolder;
}

export async function addFunction(
  given: FcFunction,
  all: readonly FcFunction[],
  domains: readonly DomainRoutes[],
  { draft, folder }: Reading,
): Promise<void> {
  const { settings, written } = given;
  const name = draft.nameFor(written);
  settings.owner = name;
  const place = settings.place();
  const seconds = (key: string): number | undefined => {
    const value = settings.number(key);
    return value === undefined ? undefined : value * 1_000;
  };
  const hookMs = readHooks(settings);
  const { routes, triggers, isHttp } = readTriggers(given, all, domains);
  const perInstance = settings.number('instanceConcurrency');
  const provisioned =
    settings.section('provisionConfig')?.number('target') ??
    settings.section('provisionConfig')?.number('defaultTarget');
  settings.section('provisionConfig')?.leave('ignored', {
    alwaysAllocateCPU: 'idle instances are frozen',
    alwaysAllocateGPU: 'there are no GPUs',
    scheduledActions: 'the number of instances kept ready is always the same',
    targetTrackingPolicies: 'instances follow the calls',
  });
  settings.section('provisionConfig')?.pass('defaultTarget');
  const cpu = settings.number('cpu');
  const reserved = settings.section('concurrencyConfig')?.number('reservedConcurrency');
  const env = settings.section('environmentVariables')?.pairs() ?? {};
  const access = settings.flag('internetAccess');
  leaveLayers(settings);
  const program = await readProgram(given, folder);
  draft.addFunction(name, place);
  if (program === null) return;
  addVendorFunction(draft, {
    name,
    place,
    ...program,
    memoryMb: settings.number('memorySize'),
    cpuMillis: cpu === undefined ? undefined : cpu * 1_000,
    timeoutMs: seconds('timeout'),
    initTimeoutMs: hookMs ?? seconds('initializationTimeout'),
    concurrency: {
      ...(perInstance === undefined ? {} : { perInstance }),
      ...(provisioned === undefined ? {} : { provisioned }),
      ...(reserved === undefined ? {} : { max: reserved }),
    },
    env: { ...env, ...(program.dialect === 'alibaba' ? contract(given, isHttp) : {}) },
    routes,
    triggers,
  });
  if (access === false) draft.set(['functions', name, 'network'], 'none', settings.place('internetAccess'));
}

/** 2.0 has a contract of its own for functions with an HTTP trigger: `(request, response, context)`. */
function contract({ generation }: FcFunction, isHttp: boolean): Record<string, string> {
  return generation === 2 && isHttp ? { MAYFLY_ALIBABA_HTTP: '2.0' } : {};
}

/** Exports that the dialect calls before the first call and before the end, when they are there. */
const INITIALISERS = ['initialize', 'initializer'];
const LAST_HOOKS = ['preStop'];

/** `initializer` and `preStop`: `file.export`, of the handler's file. @returns how long the first may take, in ms */
function readHooks(settings: Section): number | undefined {
  const cycle = settings.section('instanceLifecycleConfig');
  const initializer = cycle?.section('initializer');
  const preStop = cycle?.section('preStop');
  cycle?.leave('ignored', { preFreeze: 'nothing is called before an instance is frozen' });
  preStop?.leave('ignored', { timeout: 'the node says how long an instance may take to stop' });
  for (const section of [initializer, preStop]) section?.leave('ignored', { command: 'no command is run' });
  checkHook(initializer, 'handler', INITIALISERS);
  checkHook(preStop, 'handler', LAST_HOOKS);
  checkHook(settings, 'initializer', INITIALISERS);
  const timeout = initializer?.number('timeout');
  return timeout === undefined ? undefined : timeout * 1_000;
}

function checkHook(section: Section | undefined, key: string, names: readonly string[]): void {
  const name = section?.text(key)?.split('.').at(-1);
  if (name === undefined || names.includes(name)) return;
  const means = `it is not called: of the handler's file, exports named ${names.join(' or ')} are`;
  section?.tell(key, { severity: 'blocks', means, suggestion: `export it as ${names[0]}, too` });
}

function leaveLayers(settings: Section): void {
  for (const layer of settings.texts('layers')) {
    settings.tell('layers', {
      severity: 'ignored',
      means: `the layer ${layer} is not fetched`,
      suggestion: 'install its packages into the code',
    });
  }
}

type Program = Pick<VendorFunction, 'handler' | 'runtime' | 'dialect' | 'root' | 'command' | 'include'>;

async function readProgram(
  { settings, code, written }: FcFunction,
  folder: ProjectFolder,
): Promise<Program | null> {
  const runtime = settings.text('runtime') ?? '';
  const handler = settings.text('handler') ?? 'index.handler';
  const container = settings.section('customContainerConfig');
  const custom = settings.section('customRuntimeConfig');
  if (runtime === 'custom-container') {
    const image = container?.text('image') ?? '';
    container?.pass(...container.keys);
    settings.tell('customContainerConfig', {
      severity: 'blocks',
      means: `the image ${image} is not in this folder`,
      suggestion: 'save it here (docker save -o FILE.tar IMAGE), and write "image: FILE.tar" in mayfly.yaml',
    });
    return null;
  }
  const root = code === null ? null : tidyPath(code);
  if (root === null) {
    settings.tellAt(settings.path, {
      severity: 'blocks',
      means: `the code of ${written} is not in this folder`,
    });
    return null;
  }
  if (/^custom/.test(runtime)) return readServer(settings, custom, root);
  const choice = chooseRuntime(runtime);
  if (choice.note !== null) settings.tell('runtime', choice.note);
  if (choice.runtime === null) return null;
  const [file = '', ...rest] = splitHandler(handler);
  const path = posix.join(root, choice.language === 'python' ? `${file}.py` : file);
  const found = choice.language === 'python' ? await folder.firstFile([path]) : await folder.source(path);
  if (found === null) {
    settings.tell('handler', { severity: 'blocks', means: `there is no file ${path}` });
    return null;
  }
  const inRoot = root === '.' ? found : posix.relative(root, found);
  return {
    handler: `${inRoot}#${rest.join('.')}`,
    runtime: choice.runtime,
    dialect: 'alibaba',
    root,
    include: wholeFolder(),
  };
}

/** `src/index.handler` → `src/index`, `handler`. */
function splitHandler(handler: string): string[] {
  const dot = handler.lastIndexOf('.');
  return dot <= 0 ? [handler, 'handler'] : [handler.slice(0, dot), handler.slice(dot + 1)];
}

function readServer(settings: Section, custom: Section | undefined, root: string): Program {
  const command = [...(custom?.texts('command') ?? []), ...(custom?.texts('args') ?? [])];
  const port = custom?.number('port');
  custom?.leave('ignored', { healthCheckConfig: 'an instance is ready when its port answers' });
  settings.pass('handler');
  const told = port === undefined ? 'its usual port 9000' : `port ${port}`;
  settings.tell(custom === undefined ? 'runtime' : 'customRuntimeConfig', {
    severity: 'ignored',
    means: `the server must listen on the port that the variable PORT names, not on ${told}`,
  });
  return {
    handler: command.length > 0 ? undefined : 'bootstrap',
    command: command.length > 0 ? command : undefined,
    runtime: 'http',
    root,
  };
}

function readTriggers(given: FcFunction, all: readonly FcFunction[], domains: readonly DomainRoutes[]) {
  const routes: RouteFile[] = domains
    .filter((each) => each.function === given.written)
    .flatMap((each) => each.routes);
  for (const domain of given.domains) {
    routes.push(...readDomain(domain, given.written).flatMap((each) => each.routes));
  }
  const triggers: TriggerFile[] = [];
  let isHttp = false;
  let isClosed = false;
  for (const trigger of given.triggers) {
    trigger.pass(given.name, 'description', 'invocationRole', 'role');
    trigger.leave('ignored', { qualifier: 'calls go to the release that is live' });
    const kind = trigger.text(given.kind) ?? '';
    const config = trigger.section(given.config);
    if (kind === 'http') {
      isHttp = true;
      const own = httpRoutes(given.written, config, all.length === 1);
      isClosed ||= own === null;
      routes.push(...(own ?? []));
    } else triggers.push(...readEventTrigger(kind, trigger, config));
    trigger.pass('sourceArn');
  }
  // Its own domain asks a caller no less than its trigger.
  return { routes: isClosed ? [] : routes, triggers, isHttp };
}

/** A function with an HTTP trigger has a host of its own there; here that is the app's, or a path of it. Null: callers are checked. */
function httpRoutes(written: string, config: Section | undefined, isOnly: boolean): RouteFile[] | null {
  const methods = config?.texts('methods') ?? [];
  config?.leave('ignored', {
    authConfig: 'what the check of callers is told; it is not here',
    disableURLInternet: "the node's gateway is the only way in",
  });
  if (!/^anonymous$/i.test(config?.text('authType') ?? 'anonymous')) {
    config?.tell('authType', CLOSED_ROUTE);
    return null;
  }
  const paths = routesBelow(isOnly ? '/' : `/${written}`);
  return paths.flatMap((path) =>
    methods.length === 0 ? [path] : methods.map((method) => `${method.toUpperCase()} ${path}`),
  );
}
