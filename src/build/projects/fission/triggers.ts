import type { RouteFile } from '../../config-schema.ts';
import type { TriggerFile } from '../../trigger-schema.ts';
import type { Section } from '../section.ts';
import { readVendorPath, routesBelow } from '../vendor-route.ts';
import type { FunctionTriggers } from './function.ts';
import type { FissionSpecs } from './specs.ts';

interface Gathered {
  readonly routes: RouteFile[];
  readonly triggers: TriggerFile[];
}

/** What leads to each function, by the function's name there. */
export function readTriggers(specs: FissionSpecs): ReadonlyMap<string, FunctionTriggers> {
  const found = new Map<string, Gathered>();
  const of = (name: string): Gathered => {
    const known = found.get(name) ?? { routes: [], triggers: [] };
    found.set(name, known);
    return known;
  };
  for (const { spec } of specs.httpTriggers) of(readTarget(spec)).routes.push(...readHttp(spec));
  for (const { spec } of specs.timeTriggers) {
    const target = readTarget(spec);
    const cron = spec.text('cron') ?? '';
    spec.leave('ignored', {
      method: 'the function gets an event, not a request',
      subpath: 'the function gets an event, not a request',
    });
    of(target).triggers.push({ schedule: readCron(cron) });
  }
  for (const { spec } of specs.queueTriggers) of(readTarget(spec)).triggers.push(...readQueue(spec));
  return found;
}

/** The function that a trigger leads to; of several with weights, the heaviest. */
function readTarget(spec: Section): string {
  const reference = spec.section('functionref');
  const type = reference?.text('type');
  const name = reference?.text('name') ?? '';
  const weights = Object.entries(reference?.section('functionweights')?.pairs() ?? {});
  if (type !== 'function-weights' || weights.length === 0) return name;
  const [heaviest] = weights.sort(([, a], [, b]) => Number(b) - Number(a));
  reference?.tell('functionweights', {
    severity: 'ignored',
    means: `calls are divided among releases, not functions: all go to ${heaviest?.[0]}`,
    suggestion: 'mayfly deploy --canary',
  });
  return heaviest?.[0] ?? name;
}

function readHttp(spec: Section): RouteFile[] {
  const prefix = spec.text('prefix');
  const path = spec.text('relativeurl');
  const named = spec.texts('methods');
  const single = spec.text('method');
  const methods = (named.length > 0 ? named : single === undefined || single === '' ? ['*'] : [single]).map(
    (each) => each.toUpperCase(),
  );
  spec.leave('ignored', {
    host: 'the app has its own host',
    createingress: "the node's gateway is the only way in",
    ingressconfig: "the node's gateway is the only way in",
    routeConfig: "the node's gateway is the only way in",
    corsConfig: '"cors" in mayfly.yaml says who may call from browsers',
    functionTimeout: 'the time limit stands at the function',
    invocationMode: 'a call waits for its answer',
    provider: "the node's gateway is the only way in",
  });
  const below = prefix !== undefined && prefix !== '';
  if (below && spec.flag('keepPrefix') !== true) {
    spec.tell('prefix', { severity: 'ignored', means: 'the function sees the whole path, prefix included' });
  }
  spec.pass('keepPrefix');
  const { patterns, loss } = readVendorPath(path ?? '/');
  if (!below && loss !== null) spec.tell('relativeurl', { severity: 'ignored', means: loss });
  const paths = below ? routesBelow(prefix) : patterns;
  return methods.flatMap((method) => paths.map((each) => (method === '*' ? each : `${method} ${each}`)));
}

/** Short names of cron expressions. */
const CRON_WORDS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** Fission takes `@every 5m`, `@daily` and expressions whose first field is seconds, when there are six. */
function readCron(cron: string): NonNullable<TriggerFile['schedule']> {
  const every = /^@every\s+(\S+)$/.exec(cron)?.[1];
  if (every !== undefined) return { every };
  return { cron: CRON_WORDS.get(cron) ?? cron };
}

function readQueue(spec: Section): TriggerFile[] {
  const topic = spec.text('topic') ?? '';
  const kind = spec.text('messageQueueType');
  const where = kind === undefined ? 'its' : `${kind}'s`;
  const notYet = `${where} messages are not fetched; the trigger is kept for a queue of that name here`;
  spec.tell('topic', { severity: 'later', means: notYet });
  spec.leave('ignored', {
    respTopic: 'answers are not published; send them from the function',
    errorTopic: 'failed messages go to the dead letters of the queue',
    maxRetries: 'the queue says how often a message is tried',
    contentType: 'a message brings its own content type',
    pollingInterval: 'messages are pushed',
    cooldownPeriod: 'instances follow the messages',
    minReplicaCount: 'instances follow the messages',
    maxReplicaCount: '"concurrency" in mayfly.yaml bounds the instances',
    metadata: 'it is about the other queue',
    secret: 'it is about the other queue',
    mqtkind: 'there is one kind of trigger for queues',
    podspec: 'there are no pods',
  });
  return topic === '' ? [] : [{ queue: topic }];
}
