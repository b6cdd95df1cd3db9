import type { Plugin } from 'esbuild';

const NAMESPACE = 'mayfly-worker';
/** Gives `worker`, which passes events to what `addEventListener` was called with before. */
export const LISTENERS = 'mayfly-worker:listeners';

/**
 * What `cloudflare:workers` has that needs nothing of Cloudflare's: the classes to extend, and `env`. Objects that live on and
 * workflows are classes only, until services of those kinds are there.
 */
const WORKERS = `
class Entrypoint {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}
export class DurableObject extends Entrypoint {}
export class WorkerEntrypoint extends Entrypoint {}
export class WorkflowEntrypoint extends Entrypoint {}
export class RpcTarget {}
export const env = Object.freeze({ ...process.env });
`;

const WORKFLOWS = `
export class NonRetryableError extends Error {
  constructor(message, name = 'NonRetryableError') {
    super(message);
    this.name = name;
  }
}
`;

/** Workers in service worker syntax: events go to listeners, and variables are globals. */
const LISTENING = `
const listeners = { fetch: [], scheduled: [] };
globalThis.self ??= globalThis;
globalThis.addEventListener = (type, listener) => {
  const known = listeners[type];
  if (known) known.push(typeof listener === 'function' ? listener : (event) => listener.handleEvent(event));
};
for (const [name, value] of Object.entries(process.env)) {
  if (!(name in globalThis)) globalThis[name] = value;
}
export const worker = {
  fetch(request, env, ctx) {
    let answer;
    const event = {
      type: 'fetch',
      request,
      respondWith(given) {
        if (answer !== undefined) throw new TypeError('respondWith was called before.');
        answer = Promise.resolve(given);
      },
      waitUntil: (work) => ctx.waitUntil(work),
      passThroughOnException() {},
    };
    for (const listener of listeners.fetch) {
      listener(event);
      if (answer !== undefined) return answer;
    }
    throw new Error('No listener called respondWith: there is no origin that could answer instead.');
  },
  scheduled({ cron, scheduledTime }, env, ctx) {
    const waitUntil = (work) => ctx.waitUntil(work);
    for (const listener of listeners.scheduled) listener({ type: 'scheduled', cron, scheduledTime, waitUntil });
  },
};
`;

const TEXTS: Readonly<Record<string, string>> = {
  'cloudflare:workers': WORKERS,
  'cloudflare:workflows': WORKFLOWS,
  [LISTENERS]: LISTENING,
};

/** Bundles stand-ins for the modules that only the runtime of Cloudflare's Workers has. */
export const workerModules: Plugin = {
  name: 'mayfly-worker-modules',
  setup(build) {
    build.onResolve({ filter: /^(cloudflare|mayfly-worker):/ }, ({ path }) =>
      Object.hasOwn(TEXTS, path) ? { path, namespace: NAMESPACE } : null,
    );
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
      contents: TEXTS[path] ?? '',
      loader: 'js',
    }));
  },
};
