import { readVendorPath } from '../vendor-route.ts';
import { textAt } from './service.ts';
import { fileAndExport, scheduleOf, settingsOf, UNKNOWN, type VendorProvider } from './vendor-service.ts';

/** `serverless-kubeless`: handlers are `file.export`; events are HTTP, topics and schedules. */
export const kubelessProvider: VendorProvider = {
  dialect: 'kubeless',
  memoryMb: 256,
  timeoutS: 180,
  runtime: 'nodejs8',
  providerKeys: {
    hostname: 'idle',
    namespace: 'idle',
    ingress: 'idle',
    defaultDNSResolution: 'idle',
    cpu: 'the CPU share follows the memory',
    affinity: 'idle',
    tolerations: 'idle',
  },
  functionKeys: {
    namespace: 'idle',
    port: 'idle',
    image: 'functions run on runtimes of the node',
    cpu: 'the CPU share follows the memory',
    secrets: 'later: give each a value: "mayfly secret set"',
    affinity: 'idle',
    tolerations: 'idle',
  },
  eventKeys: {
    path: 'read',
    method: 'read',
    topic: 'read',
    rate: 'read',
    cron: 'read',
    hostname: 'idle',
    queue: 'idle',
    tls: 'idle',
  },
  handler: fileAndExport,
  event({ own, kind, value, into, tell }) {
    const settings = settingsOf(value);
    if (kind === 'http') {
      const path = textAt(settings, 'path') ?? `/${own.name}`;
      const method = textAt(settings, 'method')?.toUpperCase();
      const { patterns, loss } = readVendorPath(path);
      if (loss !== null) tell({ severity: 'ignored', means: loss });
      for (const pattern of patterns)
        into.routes.push(method === undefined ? pattern : `${method} ${pattern}`);
    } else if (kind === 'trigger') {
      into.triggers.push({ topic: textAt(settings, 'topic') ?? String(value) });
    } else {
      const schedule = kind === 'schedule' ? scheduleOf(value) : null;
      if (schedule === null) tell(UNKNOWN);
      else into.triggers.push(schedule);
    }
  },
};
