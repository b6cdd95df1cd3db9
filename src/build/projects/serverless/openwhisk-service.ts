import { readVendorPath } from '../vendor-route.ts';
import { textAt } from './service.ts';
import {
  fileAndExport,
  scheduleOf,
  settingsOf,
  UNKNOWN,
  type VendorEvent,
  type VendorProvider,
} from './vendor-service.ts';

/** `serverless-openwhisk`: handlers are `file.export`, HTTP events make a function a web action. */
export const openwhiskProvider: VendorProvider = {
  dialect: 'openwhisk',
  memoryMb: 512,
  timeoutS: 60,
  runtime: 'nodejs:default',
  providerKeys: { namespace: 'idle', overwrite: 'idle', ignore_certs: 'idle', apihost: 'idle', auth: 'idle' },
  functionKeys: {
    namespace: 'idle',
    overwrite: 'idle',
    annotations: 'idle',
    parameters: 'read',
    sequence: 'read',
    logs: 'idle',
    concurrency: '"concurrency.perInstance" in mayfly.yaml says how many calls an instance takes at a time',
  },
  eventKeys: {
    method: 'read',
    path: 'read',
    name: 'read',
    rate: 'read',
    cron: 'read',
    topic: 'read',
    db: 'read',
    rule: 'idle',
    resp: 'idle',
    overwrite: 'idle',
    trigger: 'idle',
    package: 'idle',
    auth: 'routes are open; check callers in the function',
    params: 'the event has no parameters of its own',
  },
  async handler(written, folder, language) {
    const found = await fileAndExport(written, folder, language);
    // A handler without an export means "main".
    return found === null || found.includes('#') ? found : `${found}#main`;
  },
  env({ value }) {
    const parameters = settingsOf(value.parameters);
    const text = JSON.stringify(parameters);
    return text === '{}' ? ({} as Record<string, string>) : { MAYFLY_OPENWHISK_PARAMETERS: text };
  },
  event(event) {
    const { kind, value, into, tell } = event;
    const settings = settingsOf(value);
    if (kind === 'http') addRoute(event);
    else if (kind === 'trigger') into.triggers.push({ event: textAt(settings, 'name') ?? String(value) });
    else if (kind === 'message_hub' || kind === 'cloudant') {
      const name = textAt(settings, 'topic') ?? textAt(settings, 'db') ?? kind;
      into.triggers.push({ stream: kind === 'cloudant' ? { name, of: 'table' } : name });
      tell({
        severity: 'later',
        means: 'that service is not asked; the trigger is kept for a source of that name here',
      });
    } else {
      const schedule = kind === 'schedule' ? scheduleOf(value) : null;
      if (schedule === null) tell(UNKNOWN);
      else into.triggers.push(schedule);
    }
  },
};

/** `GET /api/path`, or `{ method, path }`. */
function addRoute({ value, into, tell }: VendorEvent): void {
  const settings = settingsOf(value);
  const [first = '', second] = String(typeof value === 'string' ? value : '')
    .trim()
    .split(/\s+/);
  const method = (textAt(settings, 'method') ?? (second === undefined ? 'GET' : first)).toUpperCase();
  const { patterns, loss } = readVendorPath(textAt(settings, 'path') ?? second ?? first);
  if (loss !== null) tell({ severity: 'ignored', means: loss });
  for (const pattern of patterns) into.routes.push(method === 'ANY' ? pattern : `${method} ${pattern}`);
}
