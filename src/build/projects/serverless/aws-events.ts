import { serviceInArn } from '../aws/aws-resource.ts';
import { AwsTriggers } from '../aws/aws-triggers.ts';
import { tellKeys } from '../known-keys.ts';
import { isMapping } from '../section.ts';
import { addBalancerRoutes, addHttpApiRoute, addRestRoute, type ServiceEvent } from './aws-http.ts';
import { EVENT_KEYS } from './event-keys.ts';
import { numberAt, placeIn, type Service, type ServiceFunction, textAt, textOrTell } from './service.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Event sources that no service of Mayfly stands for. */
const STRANGERS: Readonly<Record<string, string>> = {
  alexaSkill: 'Amazon calls a skill itself; give it the URL of a route',
  alexaSmartHome: 'Amazon calls a skill itself; give it the URL of a route',
  cloudFront: 'there is no content network that would call it',
  iotFleetProvisioning: 'devices are not provisioned',
};

/** Brokers outside of AWS's own services. */
const BROKERS: Readonly<Record<string, 'log' | 'queue'>> = {
  msk: 'log',
  kafka: 'log',
  activemq: 'queue',
  rabbitmq: 'queue',
};

/** Every event of a function, as routes and triggers; what cannot be taken over is told. */
export function addEvents(service: Service, own: ServiceFunction): void {
  const events: unknown = own.value.events ?? [];
  for (const [index, entry] of (Array.isArray(events) ? events : []).entries()) {
    const path = [...own.path, 'events', index];
    if (isMapping(entry)) {
      for (const [kind, value] of Object.entries(entry))
        addEvent(service, { own, kind, value, path: [...path, kind] });
    } else if (typeof entry === 'string') addEvent(service, { own, kind: entry, value: null, path });
  }
}

function addEvent(service: Service, event: ServiceEvent): void {
  const { own, kind, value, path } = event;
  const route = ROUTES[kind];
  if (route !== undefined) {
    route(service, event);
    return;
  }
  const settings: Mapping = isMapping(value) ? value : {};
  tellKeys(service.draft, settings, path, EVENT_KEYS[kind] ?? {}, (at) => placeIn(service, at), own.name);
  const triggers = new AwsTriggers(service.draft, {
    name: own.name,
    place: placeIn(service, path),
    what: `${kind} of ${own.written}`,
    enabled: settings.enabled !== false,
  });
  const text = (of: unknown): string | null =>
    textOrTell(service, of, path, own.name, (why) => `the trigger is left out: ${why}`);
  const [stranger, broker, read] = [STRANGERS[kind], BROKERS[kind], TRIGGERS[kind]];
  if (stranger !== undefined)
    triggers.ignored(`${stranger}; "mayfly invoke" and other functions can still call it`);
  else if (broker !== undefined) addBroker(settings, broker, triggers);
  else if (read !== undefined)
    read({ settings, short: isMapping(value) ? undefined : value, triggers, text, service });
  else triggers.ignored('Mayfly does not know this event');
}

/** Events that are HTTP. */
const ROUTES: Readonly<Record<string, (service: Service, event: ServiceEvent) => void>> = {
  http: addRestRoute,
  httpApi: addHttpApiRoute,
  alb: addBalancerRoutes,
};

interface Reading {
  readonly settings: Mapping;
  /** What stands there when it is no mapping. */
  readonly short: unknown;
  readonly triggers: AwsTriggers;
  /** A value of CloudFormation as text; null: told. */
  readonly text: (value: unknown) => string | null;
  readonly service: Service;
}

const TRIGGERS: Readonly<Record<string, (reading: Reading) => void>> = {
  schedule({ settings, short, triggers, text }) {
    const rates = [short ?? settings.rate].flat();
    for (const rate of rates) {
      const expression = text(rate);
      if (expression !== null) triggers.schedule(expression, settings.input, textAt(settings, 'timezone'));
    }
  },
  sqs({ settings, short, triggers, text }) {
    const source = text(short ?? settings.arn ?? settings.queueName);
    if (source === null) return;
    triggers.queue(source, {
      batch: numberAt(settings, 'batchSize'),
      windowS: numberAt(settings, 'maximumBatchingWindow'),
      parallel: numberAt(settings, 'maximumConcurrency'),
      responses: settings.functionResponseType,
      filters: settings.filterPatterns,
    });
  },
  stream({ settings, short, triggers, text }) {
    const source = text(short ?? settings.arn);
    if (source === null) return;
    const table = settings.type === 'dynamodb' || serviceInArn(source) === 'dynamodb';
    const batching = {
      batch: numberAt(settings, 'batchSize'),
      windowS: numberAt(settings, 'batchWindow'),
      parallel: numberAt(settings, 'parallelizationFactor'),
      responses: settings.functionResponseType,
      filters: settings.filterPatterns,
    };
    triggers.stream(source, table ? 'table' : 'log', batching, {
      from: textAt(settings, 'startingPosition') ?? 'TRIM_HORIZON',
      retries: numberAt(settings, 'maximumRetryAttempts'),
      maxAgeS: numberAt(settings, 'maximumRecordAgeInSeconds'),
      bisect: settings.bisectBatchOnFunctionError === true,
    });
  },
  sns({ settings, short, triggers, text }) {
    const source = text(short ?? settings.arn ?? settings.topicName);
    if (source !== null) triggers.topic(source, settings.filterPolicy, settings.filterPolicyScope);
  },
  s3({ settings, short, triggers, text, service }) {
    const written = text(short ?? settings.bucket);
    if (written === null) return;
    // A bucket may be described in the provider, under the name that events use.
    const described = isMapping(service.provider.s3) ? service.provider.s3[written] : undefined;
    const bucket = (isMapping(described) ? textAt(described, 'name') : undefined) ?? written;
    const rules = (Array.isArray(settings.rules) ? settings.rules : []).filter(isMapping);
    const rule = (key: string) => rules.map((each) => textAt(each, key)).find((each) => each !== undefined);
    triggers.object(bucket, [String(settings.event ?? 's3:ObjectCreated:*')], rule('prefix'), rule('suffix'));
  },
  eventBridge({ settings, triggers, text }) {
    const schedule = settings.schedule === undefined ? null : text(settings.schedule);
    if (schedule !== null) triggers.schedule(schedule, settings.input, undefined);
    if (!isMapping(settings.pattern)) return;
    const bus = settings.eventBus === undefined ? undefined : text(settings.eventBus);
    if (bus !== null) triggers.event(bus, settings.pattern, settings.input);
  },
  cloudwatchEvent({ settings, triggers }) {
    if (isMapping(settings.event)) triggers.event(undefined, settings.event, settings.input);
  },
  cloudwatchLog({ settings, short, triggers, text }) {
    const group = text(short ?? settings.logGroup);
    if (group !== null) triggers.log(group, textAt(settings, 'filter'));
  },
  websocket({ settings, short, triggers }) {
    triggers.websocket(String(short ?? settings.route ?? '$default'));
  },
  iot({ settings, triggers, text }) {
    const sql = text(settings.sql);
    if (sql !== null) triggers.mqtt(sql);
  },
  cognitoUserPool({ settings, triggers, text }) {
    const pool = text(settings.pool);
    triggers.auth(String(settings.trigger ?? 'PreSignUp'), pool ?? undefined);
  },
};

function addBroker(settings: Mapping, broker: 'log' | 'queue', triggers: AwsTriggers): void {
  const batching = {
    batch: numberAt(settings, 'batchSize'),
    windowS: numberAt(settings, 'maximumBatchingWindow'),
  };
  const source = textAt(settings, 'topic') ?? textAt(settings, 'queue') ?? 'default';
  triggers.later(
    `it waits for a ${broker} "${source}" of Mayfly's own; the broker that is named is not asked`,
  );
  if (broker === 'queue') triggers.queue(source, batching);
  else triggers.stream(source, 'log', batching, { from: textAt(settings, 'startingPosition') });
}
