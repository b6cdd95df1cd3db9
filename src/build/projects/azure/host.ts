import type { Place } from '../../problem.ts';
import type { AppDraft } from '../app-draft.ts';
import type { ProjectFolder } from '../project-folder.ts';
import { readClockSpan } from '../resource-quantity.ts';
import type { Section } from '../section.ts';

/** What `host.json` says for all functions. */
export interface HostSettings {
  /** In front of every route, without slashes; empty: none. */
  readonly routePrefix: string;
  readonly timeoutMs: number | undefined;
  /** Names of the functions that are loaded; null: all. */
  readonly only: readonly string[] | null;
}

/** What every way of declaring functions needs. */
export interface AzureProject {
  readonly draft: AppDraft;
  readonly folder: ProjectFolder;
  readonly settings: HostSettings;
  readonly env: Readonly<Record<string, string>>;
  /** What is shipped with every function. */
  readonly include: readonly string[];
  /** Of `host.json`. */
  readonly place: Place;
}

/** Default of a function that is not bound by its plan. */
const unboundedMs = 86_400_000;

export function readHost(host: Section): HostSettings {
  host.pass('version', '$schema', 'isDefaultHostConfig');
  const extensions = host.section('extensions');
  const http = extensions?.section('http');
  http?.leave('ignored', {
    maxOutstandingRequests: '"queue.max" in mayfly.yaml bounds the calls that wait',
    maxConcurrentRequests: '"concurrency" in mayfly.yaml bounds the calls at a time',
    dynamicThrottlesEnabled: 'memory and CPU bound an instance at any time',
    customHeaders: 'answers have the headers that the function gives them',
    hsts: 'answers have the headers that the function gives them',
    cors: '"cors" in mayfly.yaml says who may call from browsers',
  });
  for (const key of extensions?.keys ?? []) {
    if (key !== 'http')
      extensions?.leave('ignored', {
        [key]: 'it is about a service of Azure; triggers here have settings of their own',
      });
  }
  const timeout = host.text('functionTimeout');
  const timeoutMs =
    timeout === '-1' ? unboundedMs : timeout === undefined ? undefined : readClockSpan(timeout);
  if (timeoutMs === null)
    host.tell('functionTimeout', { severity: 'ignored', means: `"${timeout}" is no time span` });
  if (host.has('customHandler')) {
    host.pass('customHandler');
    host.tell('customHandler', {
      severity: 'blocks',
      means: 'a custom handler is a program that Azure starts and calls by HTTP',
      suggestion: 'make it a web server on PORT, and write "runtime: http" in mayfly.yaml',
    });
  }
  host.leave('ignored', {
    extensionBundle: 'event sources come with the node, not with bundles',
    logging: 'what the function prints is its log; "mayfly logs" filters it',
    healthMonitor: 'instances that fail are replaced',
    singleton: 'there are no locks in another account',
    watchDirectories: '"mayfly dev" watches what was built',
    watchFiles: '"mayfly dev" watches what was built',
    managedDependency: 'it is about PowerShell',
    aggregator: 'usage is written for every call',
    applicationInsights: 'logs and usage stay on the node',
    telemetryMode: 'logs and usage stay on the node',
    concurrency: 'instances follow the calls',
    retry: 'the event source says how often an event is tried',
    languageWorkers: 'there are no language workers',
    sendCanceledInvocationsToWorker: 'a call that is cancelled is told to the function',
    queues: 'triggers here have settings of their own',
    eventHub: 'triggers here have settings of their own',
    serviceBus: 'triggers here have settings of their own',
    tracing: 'what the function prints is its log',
    logger: 'what the function prints is its log',
    http: 'settings of version 1',
    id: 'functions have the app as their owner',
  });
  const only = host.has('functions') ? host.texts('functions') : null;
  const prefix = http?.text('routePrefix') ?? 'api';
  return { routePrefix: prefix, timeoutMs: timeoutMs ?? undefined, only };
}
