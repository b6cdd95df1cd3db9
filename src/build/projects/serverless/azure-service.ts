import { eventSource } from '../azure/event-source.ts';
import { httpRoutes } from '../azure/http-trigger.ts';
import { textAt } from './service.ts';
import { fileAndExport, settingsOf, type VendorEvent, type VendorProvider } from './vendor-service.ts';

/** The variable in which the dialect finds the bindings of a function. */
const BINDINGS = 'MAYFLY_AZURE_BINDINGS';
const HOST = { routePrefix: 'api', timeoutMs: undefined, only: null } as const;
/** The setting of a binding that the short form of an event gives: `queue: orders`. */
const SHORT: Readonly<Record<string, string>> = {
  timer: 'schedule',
  queue: 'queueName',
  serviceBus: 'queueName',
  blob: 'path',
  eventHub: 'eventHubName',
};

/** `serverless-azure-functions`: programming model 3, its bindings written as events. */
export const azureProvider: VendorProvider = {
  dialect: 'azure',
  memoryMb: 512,
  timeoutS: 300,
  runtime: 'nodejs20',
  providerKeys: {
    prefix: 'idle',
    subscriptionId: 'idle',
    location: 'idle',
    type: 'idle',
    os: 'idle',
    functionApp: 'idle',
    deployment: 'idle',
    resourceGroup: 'idle',
    apim: 'what is particular to API Management (keys, policies) is not made',
    armTemplate: 'nothing is made of it',
    keyVaultConfig: 'later: give each secret a value: "mayfly secret set"',
  },
  functionKeys: { apim: 'what is particular to API Management is not made' },
  flatEvents: true,
  eventKeys: {
    'x-azure-settings': 'read',
    direction: 'read',
    diections: 'read',
    name: 'read',
    route: 'read',
    method: 'read',
    methods: 'read',
    authLevel: 'read',
    schedule: 'read',
    path: 'read',
    connection: 'idle',
    consumerGroup: 'idle',
    cardinality: 'idle',
    dataType: 'idle',
    accessRights: 'idle',
    queueName: 'read',
    topicName: 'read',
    subscriptionName: 'idle',
    databaseName: 'idle',
    collectionName: 'read',
    eventHubName: 'read',
    webHookType: 'idle',
  },
  handler: fileAndExport,
  event(event) {
    const { kind, value, entry } = event;
    const beside = Object.fromEntries(Object.entries(entry).filter(([key]) => key !== kind));
    const settings = { ...beside, ...settingsOf(entry['x-azure-settings']), ...settingsOf(value) };
    if (/^out$/i.test(textAt(settings, 'direction') ?? textAt(settings, 'diections') ?? 'in')) return;
    if (kind === 'http') addHttp(event, settings);
    else {
      const short = SHORT[kind];
      const given = typeof value === 'string' && short !== undefined ? { [short]: value } : {};
      const { triggers, note } = eventSource(kind, { eventHubName: settings.path, ...settings, ...given });
      event.into.triggers.push(...triggers);
      if (note !== null) event.tell(note);
      addBindings(event, [
        { type: `${kind}Trigger`, direction: 'in', name: textAt(settings, 'name') ?? 'item', ...given },
      ]);
    }
  },
};

function addHttp(event: VendorEvent, settings: Readonly<Record<string, unknown>>): void {
  const { own, into, tell } = event;
  const methods = [settings.methods ?? settings.method ?? []]
    .flat()
    .map((method) => String(method).toUpperCase());
  const authLevel = textAt(settings, 'authLevel') ?? 'function';
  const { routes, notes } = httpRoutes(
    own.written,
    { route: textAt(settings, 'route'), methods, authLevel },
    HOST,
  );
  into.routes.push(...routes);
  for (const note of notes) tell(note);
  const name = textAt(settings, 'name') ?? 'req';
  addBindings(event, [
    { type: 'httpTrigger', direction: 'in', name, authLevel, ...(methods.length === 0 ? {} : { methods }) },
    { type: 'http', direction: 'out', name: 'res' },
  ]);
}

function addBindings({ into }: VendorEvent, bindings: readonly Readonly<Record<string, unknown>>[]): void {
  const before = JSON.parse(into.env[BINDINGS] ?? '[]') as unknown[];
  into.env[BINDINGS] = JSON.stringify([...before, ...bindings]);
}
