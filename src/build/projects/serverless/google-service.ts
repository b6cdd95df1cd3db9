import type { TriggerFile } from '../../trigger-schema.ts';
import { routesBelow } from '../vendor-route.ts';
import { textAt } from './service.ts';
import { settingsOf, UNKNOWN, type VendorProvider } from './vendor-service.ts';

/** `serverless-google-cloudfunctions`: a handler is the name of an export of the package's main module. */
export const googleProvider: VendorProvider = {
  dialect: 'google',
  memoryMb: 256,
  timeoutS: 60,
  runtime: 'nodejs20',
  providerKeys: {
    project: 'idle',
    credentials: 'idle',
    labels: 'idle',
    serviceAccountEmail: 'idle',
    vpc: 'functions reach the network of the node',
    allowUnauthenticated: 'routes are open; check callers in the function',
  },
  functionKeys: {
    serviceAccountEmail: 'idle',
    availableMemoryMb: 'idle',
    minInstances: '"concurrency.provisioned" in mayfly.yaml keeps instances',
    maxInstances: '"concurrency.max" in mayfly.yaml bounds them',
    vpc: 'functions reach the network of the node',
    vpcEgress: 'functions reach the network of the node',
    secrets: 'later: give each a value: "mayfly secret set"',
    allowUnauthenticated: 'the route is open; check callers in the function',
  },
  eventKeys: {
    eventType: 'read',
    resource: 'read',
    path: 'idle',
    failurePolicy: 'events are tried again by the rules of the node',
  },
  async handler(written, folder, language) {
    if (language === 'python') return (await folder.hasFile('main.py')) ? `main.py#${written}` : null;
    const { main } = (await folder.packageJson()) ?? {};
    // Packages often name the service's own configuration; what a bundler makes is index.js.
    const own = typeof main === 'string' && !/^(\.\/)?serverless\./.test(main) ? [main] : [];
    for (const name of [...own, 'index', 'function']) {
      const file = await folder.source(name);
      if (file !== null) return `${file}#${written}`;
    }
    return null;
  },
  event({ own, kind, value, into, tell }) {
    if (kind === 'http') {
      into.routes.push(...routesBelow(`/${own.name}`));
      return;
    }
    if (kind !== 'event') {
      tell(UNKNOWN);
      return;
    }
    const settings = settingsOf(value);
    const type = textAt(settings, 'eventType') ?? '';
    into.env.FUNCTION_SIGNATURE_TYPE = 'event';
    into.triggers.push(triggerOf(type, textAt(settings, 'resource') ?? ''));
    tell({
      severity: 'later',
      means:
        "events of Google's services are not fetched; the trigger is kept for a source of that name here",
    });
  },
};

function triggerOf(type: string, resource: string): TriggerFile {
  const name = resource.split('/').at(-1) || 'default';
  if (/pubsub/.test(type)) return { topic: name };
  if (/storage/.test(type)) {
    return /delete|archive/.test(type) ? { object: { bucket: name, events: ['removed'] } } : { object: name };
  }
  return { event: { pattern: { type: [type] } } };
}
