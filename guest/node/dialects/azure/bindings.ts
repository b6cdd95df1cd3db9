/** One trigger, input or output of a function, as `function.json` and the programming model describe it. */
export interface Binding {
  readonly type: string;
  /** Made when the author gives none. */
  readonly name: string;
  readonly direction?: string;
  readonly [option: string]: unknown;
}

type Options = Readonly<Record<string, unknown>>;
type Factory = (options: Options) => Binding;

const TRIGGERS: Readonly<Record<string, string>> = {
  connectorTrigger: 'connectorTrigger',
  cosmosDB: 'cosmosDBTrigger',
  eventGrid: 'eventGridTrigger',
  eventHub: 'eventHubTrigger',
  mcpPrompt: 'mcpPromptTrigger',
  mcpResource: 'mcpResourceTrigger',
  mcpTool: 'mcpToolTrigger',
  mySql: 'mysqlTrigger',
  serviceBusQueue: 'serviceBusTrigger',
  serviceBusTopic: 'serviceBusTrigger',
  sql: 'sqlTrigger',
  storageBlob: 'blobTrigger',
  storageQueue: 'queueTrigger',
  timer: 'timerTrigger',
  warmup: 'warmupTrigger',
  webPubSub: 'webPubSubTrigger',
};

const INPUTS: Readonly<Record<string, string>> = {
  cosmosDB: 'cosmosDB',
  mySql: 'mysql',
  sql: 'sql',
  storageBlob: 'blob',
  table: 'table',
  webPubSubConnection: 'webPubSubConnection',
  webPubSubContext: 'webPubSubContext',
};

const OUTPUTS: Readonly<Record<string, string>> = {
  cosmosDB: 'cosmosDB',
  eventGrid: 'eventGrid',
  eventHub: 'eventHub',
  http: 'http',
  mySql: 'mysql',
  serviceBusQueue: 'serviceBus',
  serviceBusTopic: 'serviceBus',
  sql: 'sql',
  storageBlob: 'blob',
  storageQueue: 'queue',
  table: 'table',
  webPubSub: 'webPubSub',
};

let unnamed = 0;

/** `trigger.timer({schedule})` …: descriptions of what starts a function. */
export const trigger: Readonly<Record<string, Factory>> = {
  ...factories(TRIGGERS, 'Trigger'),
  http: (options) =>
    named('httpTrigger', 'Trigger', {
      ...options,
      authLevel: options.authLevel ?? 'anonymous',
      methods: options.methods ?? ['GET', 'POST'],
    }),
};
/** `input.storageBlob({path})` …: what a function wants to be given besides its trigger. */
export const input: Readonly<Record<string, Factory>> = factories(INPUTS, 'Input');
/** `output.storageQueue({queueName})` …: where a function's results go. */
export const output: Readonly<Record<string, Factory>> = factories(OUTPUTS, 'Output');

function factories(kinds: Readonly<Record<string, string>>, suffix: string): Record<string, Factory> {
  const made: Record<string, Factory> = {
    generic: (options) => named(String(options.type), suffix, options),
  };
  for (const method of Object.keys(kinds)) made[method] = (options) => named(kinds[method]!, suffix, options);
  return made;
}

function named(type: string, suffix: string, options: Options): Binding {
  if (typeof options.name === 'string' && options.name !== '')
    return { ...options, type, name: options.name };
  unnamed += 1;
  return { ...options, type, name: `${type}${type.endsWith(suffix) ? '' : suffix}${unnamed}` };
}
