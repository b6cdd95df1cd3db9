import type { TriggerFile } from '../../trigger-schema.ts';
import type { Note } from '../section.ts';

/** What an Azure trigger that is no HTTP becomes. */
export interface EventSource {
  readonly triggers: readonly TriggerFile[];
  readonly note: Note | null;
}

type Options = Readonly<Record<string, unknown>>;

/**
 * @param kind `queueTrigger` or, in code, `storageQueue`: Azure has two names for most
 * @param options of the binding: `schedule`, `queueName`, `path` …
 */
export function eventSource(kind: string, options: Options): EventSource {
  const text = (...keys: readonly string[]): string => {
    for (const key of keys) if (typeof options[key] === 'string' && options[key] !== '') return options[key];
    return kind;
  };
  switch (kind.replace(/Trigger$/, '')) {
    case 'timer':
      return { triggers: [{ schedule: { cron: text('schedule') } }], note: runOnStart(options) };
    case 'queue':
    case 'storageQueue':
      return kept({ queue: text('queueName') }, "messages of Azure's queue");
    case 'serviceBus':
    case 'serviceBusQueue':
    case 'serviceBusTopic':
      return 'topicName' in options
        ? kept({ topic: text('topicName') }, "messages of Azure's topic")
        : kept({ queue: text('queueName') }, "messages of Azure's queue");
    case 'blob':
    case 'storageBlob':
      return kept(blobTrigger(text('path')), "blobs of Azure's storage");
    case 'eventHub':
      return kept({ stream: text('eventHubName') }, "events of Azure's event hub");
    case 'kafka':
      return kept({ stream: text('topic') }, 'records of that broker');
    case 'rabbitMQ':
      return kept({ queue: text('queueName') }, 'messages of that broker');
    case 'eventGrid':
      return kept({ event: {} }, "events of Azure's grid");
    case 'cosmosDB':
      return kept(
        { stream: { name: text('containerName', 'collectionName'), of: 'table' } },
        "changes of Azure's database",
      );
    case 'sql':
    case 'mySql':
      return kept({ stream: { name: text('tableName'), of: 'table' } }, "changes of Azure's database");
    case 'signalR':
    case 'webPubSub':
      return kept({ websocket: text('event', 'eventName') }, "connections of Azure's service");
    case 'warmup':
      return lost('instances are booted before they are needed');
    case 'orchestration':
    case 'activity':
    case 'entity':
      return {
        triggers: [],
        note: { severity: 'later', means: 'durable functions begin to work when there are workflows' },
      };
    default:
      return lost(`Mayfly has no event source of the kind "${kind}"`);
  }
}

function kept(trigger: TriggerFile, of: string): EventSource {
  const means = `${of} are not fetched; the trigger is kept for a source of that name here`;
  return { triggers: [trigger], note: { severity: 'later', means } };
}

const lost = (means: string): EventSource => ({ triggers: [], note: { severity: 'ignored', means } });

function runOnStart({ runOnStartup: startup }: Options): Note | null {
  return startup === true
    ? { severity: 'ignored', means: 'runOnStartup: it runs when it is due, and not at every start' }
    : null;
}

/** `samples-workitems/orders/{name}.json` → bucket, prefix, suffix. */
function blobTrigger(path: string): TriggerFile {
  const [bucket = 'blobs', ...rest] = path.split('/').filter(Boolean);
  const pattern = rest.join('/');
  const prefix = pattern.includes('{') ? pattern.slice(0, pattern.indexOf('{')) : pattern;
  const suffix = pattern.includes('}') ? pattern.slice(pattern.lastIndexOf('}') + 1) : '';
  return {
    object: {
      bucket,
      ...(prefix === '' ? {} : { prefix }),
      ...(suffix === '' ? {} : { suffix }),
    },
  };
}
