import type { TriggerFile } from '../../trigger-schema.ts';
import type { Section } from '../section.ts';
import type { WorkerSettings } from './environment.ts';

/** Lists of bindings: key → what each is. Their names in `env` stand under `binding` or `name`. */
const LISTS: Readonly<Record<string, string>> = {
  kv_namespaces: 'a key-value store',
  r2_buckets: 'a bucket of objects',
  d1_databases: 'a database',
  services: 'another Worker',
  vectorize: 'a vector index',
  hyperdrive: 'a pool of database connections',
  analytics_engine_datasets: 'a dataset',
  send_email: 'a way to send mail',
  mtls_certificates: 'a client certificate',
  dispatch_namespaces: 'a namespace of Workers',
  workflows: 'a workflow',
  secrets_store_secrets: 'a secret of a store',
  pipelines: 'a pipeline',
  ratelimits: 'a rate limit',
  vpc_services: 'a private service',
  worker_loaders: 'a loader of Workers',
};
/** Single bindings. */
const SINGLES: Readonly<Record<string, string>> = {
  ai: 'models',
  browser: 'a browser',
  images: 'image processing',
  media: 'media processing',
  version_metadata: 'the version',
};

/** Says of every binding that `env` lacks it until its service is there. */
export function tellBindings({ own }: WorkerSettings): void {
  for (const [key, what] of Object.entries(LISTS))
    for (const each of own.sections(key)) tellBinding(each, what);
  for (const [key, what] of Object.entries(SINGLES)) {
    const section = own.section(key);
    if (section !== undefined) tellBinding(section, what);
  }
  for (const each of own.section('durable_objects')?.sections('bindings') ?? [])
    tellBinding(each, 'a durable object');
  for (const each of own.section('queues')?.sections('producers') ?? [])
    tellBinding(each, 'a queue to send to');
  for (const key of ['wasm_modules', 'text_blobs', 'data_blobs']) {
    const section = own.section(key);
    section?.pass(...section.keys);
    own.leave('ignored', { [key]: 'import the file in the code' });
  }
  own.leave('ignored', { unsafe: 'Mayfly does not know what it asks for' });
}

function tellBinding(section: Section, what: string): void {
  const name = section.text('binding') ?? section.text('name') ?? '';
  section.pass(...section.keys);
  section.tellAt(section.path, {
    severity: 'later',
    means: `env.${name} (${what}) is missing until a service of that kind is there`,
  });
}

/** `triggers.crons`: five fields, UTC. */
export function readCrons(settings: WorkerSettings): TriggerFile[] {
  const triggers = settings.owner('triggers').section('triggers');
  return (triggers?.texts('crons') ?? []).map((cron) => ({ schedule: { cron } }));
}

/** `queues.consumers`: messages come to the Worker's `queue(batch, env, ctx)`. */
export function readConsumers({ own }: WorkerSettings): TriggerFile[] {
  return (own.section('queues')?.sections('consumers') ?? []).map((consumer): TriggerFile => {
    const name = consumer.text('queue') ?? '';
    const batch = consumer.number('max_batch_size');
    const window = consumer.number('max_batch_timeout');
    const parallel = consumer.number('max_concurrency');
    consumer.leave('ignored', {
      max_retries: 'the queue says how often a message is tried',
      dead_letter_queue: 'the queue has its own dead letters',
      retry_delay: 'the queue says when a message is tried again',
      visibility_timeout_ms: 'a message is kept back as long as the function may run',
      type: 'messages are pushed to the function',
    });
    return {
      queue: {
        name,
        ...(batch === undefined ? {} : { batch }),
        ...(window === undefined ? {} : { window: `${window}s` }),
        ...(parallel === undefined ? {} : { parallel }),
      },
    };
  });
}
