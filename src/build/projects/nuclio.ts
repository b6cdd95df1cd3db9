import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { RouteFile } from '../config-schema.ts';
import type { TriggerFile } from '../trigger-schema.ts';
import { readYamlSource } from '../yaml-source.ts';
import { AppDraft } from './app-draft.ts';
import { readLimits } from './container-limits.ts';
import type { ForeignProject } from './foreign-project.ts';
import { ProjectFolder, tidyPath } from './project-folder.ts';
import { readSpan } from './resource-quantity.ts';
import { chooseRuntime } from './runtime-choice.ts';
import { Section } from './section.ts';
import { wholeFolder } from './shipped-files.ts';
import { addVendorFunction } from './vendor-function.ts';
import { readVendorPath, routesBelow } from './vendor-route.ts';

/** Nuclio's `function.yaml`. Without ingresses of its HTTP trigger the function answers at every path. */
export const nuclio: ForeignProject = {
  name: 'Nuclio',
  async detect(dir) {
    const text = await readFile(join(dir, 'function.yaml'), 'utf8').catch(() => '');
    const isNuclio =
      /^apiVersion:\s*["']?nuclio\.io/m.test(text) ||
      /^\s+handler:\s*["']?[\w./-]*:\w+/m.test(text) ||
      // Its own examples leave out what says whose the file is.
      (!/^apiVersion:/m.test(text) &&
        /^spec:/m.test(text) &&
        /^ +runtime:/m.test(text) &&
        /^ +handler:/m.test(text));
    return isNuclio ? 'function.yaml' : null;
  },
  async read(dir, file) {
    const draft = new AppDraft(file);
    const folder = new ProjectFolder(dir, draft);
    const top = Section.of(readYamlSource(join(dir, file), await readFile(join(dir, file), 'utf8')), draft);
    top.pass('apiVersion', 'kind', 'status');
    const metadata = top.section('metadata');
    const written = metadata?.text('name') ?? posix.basename(dir);
    const name = draft.nameFor(written);
    const place = metadata?.place('name') ?? top.place();
    const spec = top.section('spec');
    metadata?.leave('ignored', {
      namespace: 'apps and environments are what namespaces are there',
      labels: 'there are no labels',
      annotations: 'nothing here reads annotations',
    });
    draft.name(written, place);
    draft.addFunction(name, place);
    if (spec !== undefined) {
      spec.owner = name;
      const program = await readProgram(spec, folder);
      const { routes, triggers } = readTriggers(spec);
      const settings = readSettings(spec);
      leaveOthers(spec);
      if (program !== null)
        addVendorFunction(draft, { name, place, ...program, ...settings, routes, triggers });
    }
    top.close();
    return draft.finish();
  },
};

/** `handler: file:export`, with the file's suffix or without; the code lies at `build.path`. */
async function readProgram(spec: Section, folder: ProjectFolder) {
  const build = spec.section('build');
  const inline = build?.has('functionSourceCode') === true;
  build?.pass('functionSourceCode');
  const root = tidyPath(build?.text('path') ?? '.') ?? '.';
  build?.leave('ignored', {
    commands: 'no image is built; packages are installed by the author, and bundled by Mayfly',
    baseImage: 'no image is built',
    image: 'no image is built',
    registry: 'no image is pushed',
    noBaseImagesPull: 'no image is built',
    onbuildImage: 'no image is built',
    tempDir: 'no image is built',
    codeEntryType: 'the code is read from this folder',
    codeEntryAttributes: 'the code is read from this folder',
    dependencies: 'packages are installed by the author, and bundled by Mayfly',
    runtimeAttributes: 'Mayfly does not know them',
    flags: 'no image is built',
  });
  const { runtime, language, note } = chooseRuntime(spec.text('runtime') ?? 'nodejs');
  if (note !== null) spec.tell('runtime', note);
  const [file = '', entry = 'handler'] = (spec.text('handler') ?? 'main:handler').split(':');
  if (runtime === null) return null;
  if (inline) {
    const suggestion = 'decode it into a file beside function.yaml';
    build?.tell('functionSourceCode', {
      severity: 'blocks',
      means: 'code in the file itself is not read',
      suggestion,
    });
    return null;
  }
  const suffix = language === 'python' && !file.endsWith('.py') ? '.py' : '';
  const path = posix.join(root, `${file || 'main'}${suffix}`);
  const found = language === 'python' ? await folder.firstFile([path]) : await folder.source(path);
  if (found === null) {
    spec.tell('handler', { severity: 'blocks', means: `there is no file ${path}` });
    return null;
  }
  const handler = `${posix.relative(root, found)}#${entry || 'handler'}`;
  return { root, handler, include: wholeFolder(), runtime, dialect: 'nuclio' };
}

function readSettings(spec: Section) {
  const limits = spec.section('resources')?.section('limits');
  spec
    .section('resources')
    ?.leave('ignored', { requests: 'a function that nobody calls takes no memory and no CPU' });
  limits?.leave('ignored', { 'nvidia.com/gpu': 'there are no GPUs' });
  const replicas = spec.number('replicas');
  const least = spec.number('minReplicas') ?? replicas;
  const most = spec.number('maxReplicas') ?? replicas;
  const timeout = spec.text('eventTimeout');
  const ready = spec.number('readinessTimeoutSeconds');
  return {
    ...readLimits(limits),
    timeoutMs: timeout === undefined ? undefined : (readSpan(timeout) ?? undefined),
    initTimeoutMs: ready === undefined ? undefined : ready * 1_000,
    env: readVariables(spec),
    concurrency: {
      ...(least === undefined || least === 0 ? {} : { provisioned: least }),
      ...(most === undefined || most === 0 ? {} : { max: most }),
    },
  };
}

function readVariables(spec: Section): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const each of spec.sections('env')) {
    const name = each.text('name') ?? '';
    if (each.has('valueFrom')) {
      each.pass('valueFrom');
      const means = `there is no cluster that ${name} could come from`;
      each.tell('valueFrom', { severity: 'ignored', means, suggestion: `mayfly secret set ${name}` });
    } else variables[name] = each.text('value') ?? '';
  }
  return variables;
}

interface TriggerReading {
  readonly routes: RouteFile[];
  readonly triggers: TriggerFile[];
}

function readTriggers(spec: Section): TriggerReading {
  const routes: RouteFile[] = [];
  const triggers: TriggerFile[] = [];
  let hasHttp = false;
  for (const [, section] of spec.section('triggers')?.members() ?? []) {
    const kind = section.text('kind') ?? '';
    const attributes = section.section('attributes');
    section.leave('ignored', {
      maxWorkers: 'instances follow the calls',
      numWorkers: 'instances follow the calls',
      workerAvailabilityTimeoutMilliseconds: '"queue" in mayfly.yaml says how long a call waits',
      workerAllocatorName: 'instances follow the calls',
      workerTerminationTimeout: 'a node drains instances in its own time',
      annotations: 'nothing here reads annotations',
      explicitAckMode: 'an event is done when the function has answered',
      class: 'it says nothing beyond the kind',
      mode: 'a call is answered when the function answers',
      batch: 'events come one by one',
      name: 'the trigger has no name of its own',
    });
    const off = section.flag('disabled') === true ? { enabled: false } : {};
    if (kind === 'http') {
      hasHttp = true;
      const paths = readIngresses(attributes);
      if (!('enabled' in off)) routes.push(...(paths.length === 0 ? routesBelow('/') : paths));
    } else triggers.push(...readSource(kind, section, attributes).map((each) => ({ ...each, ...off })));
  }
  // Without an HTTP trigger Nuclio makes one.
  if (!hasHttp && spec.flag('disableDefaultHTTPTrigger') !== true) routes.push(...routesBelow('/'));
  return { routes, triggers };
}

function readIngresses(attributes: Section | undefined): string[] {
  const paths: string[] = [];
  for (const [, ingress] of attributes?.section('ingresses')?.members() ?? []) {
    ingress.leave('ignored', {
      host: 'the app has its own host',
      hostTemplate: 'the app has its own host',
      pathType: 'a path leads to itself and to everything below',
      secretName: "the node's gateway has the certificates",
    });
    for (const path of ingress.texts('paths'))
      paths.push(...routesBelow(readVendorPath(path).patterns[0] ?? '/'));
  }
  attributes?.leave('ignored', {
    serviceType: "the node's gateway is the only way in",
    port: "the node's gateway is the only way in",
    maxRequestBodySize: 'the node bounds bodies',
    readBufferSize: 'the node bounds headers',
    cors: '"cors" in mayfly.yaml says who may call from browsers',
    reduceMemoryUsage: 'it is about another server',
    disablePortPublishing: 'no port is published',
  });
  return paths;
}

/** Sources beside HTTP. Their keys are the other service's: only what names the source is taken over. */
function readSource(kind: string, section: Section, attributes: Section | undefined): TriggerFile[] {
  const url = section.text('url');
  section.leave('ignored', {
    username: 'it is about the other service',
    password: 'it is about the other service',
    secret: 'it is about the other service',
  });
  const first = (...keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const [found] = attributes?.texts(key) ?? [];
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const made = ((): TriggerFile[] => {
    if (kind === 'cron') {
      const every = first('interval');
      const input = attributes?.value('event');
      const cron = first('schedule');
      if (every === undefined && cron === undefined) return [];
      const data = input === undefined ? {} : { input };
      return [{ schedule: every === undefined ? { cron: cron as string, ...data } : { every, ...data } }];
    }
    if (kind === 'mqtt') return [{ mqtt: first('topic') ?? subscribedTopic(attributes) ?? '#' }];
    if (/^(kafka|kinesis|v3io|eventhub)/.test(kind)) {
      return [{ stream: first('topics', 'streamName', 'eventHubName', 'topic') ?? url ?? kind }];
    }
    const queue = first('queueName', 'topic', 'topics', 'subscription', 'exchangeName');
    return queue === undefined ? [] : [{ queue }];
  })();
  if (made.length === 0) {
    section.tell('kind', { severity: 'ignored', means: `Mayfly has no event source of the kind "${kind}"` });
  } else if (kind !== 'cron') {
    section.tell('kind', {
      severity: 'later',
      means: `the events of this ${kind} are not fetched; the trigger is kept for a source of that name here`,
    });
  }
  attributes?.leaveRest('ignored', 'it is about the other service');
  return made;
}

function subscribedTopic(attributes: Section | undefined): string | undefined {
  return attributes?.sections('subscriptions')[0]?.text('topic');
}

function leaveOthers(spec: Section): void {
  spec.pass('description', 'alias', 'version', 'disableDefaultHTTPTrigger');
  spec.leave('ignored', {
    image: 'no image is built',
    imageHash: 'no image is built',
    imagePullPolicy: 'no image is pulled',
    runRegistry: 'no image is pulled',
    envFrom: 'there is no cluster that variables could come from',
    volumes: 'there are no volumes; /tmp can be written to',
    dataBindings: 'there are no data bindings; connect in the code',
    loggerSinks: 'what the function prints is its log',
    targetCPU: 'instances follow the calls, not the CPU',
    autoScaleMetrics: 'instances follow the calls',
    scaleToZero: 'every function scales to zero',
    platform: 'there are no containers',
    avatar: 'it is about a picture in a console',
    serviceType: "the node's gateway is the only way in",
    serviceAccount: 'grants say what a function may do',
    securityContext: 'functions run in sandboxes of their own',
    nodeSelector: 'there is one node to place it on',
    nodeName: 'there is one node to place it on',
    affinity: 'there is one node to place it on',
    tolerations: 'there is one node to place it on',
    priorityClassName: 'calls wait in fair queues',
    preemptionMode: 'calls wait in fair queues',
    disableSensitiveFieldsMasking: 'secrets are kept apart',
    sidecars: 'there are no containers beside a function',
    initContainers: 'there are no containers beside a function',
    customScalingMetricSpecs: 'instances follow the calls',
    disabled: '"mayfly remove" takes a function off',
    runtimeAttributes: 'Mayfly does not know them',
  });
}
