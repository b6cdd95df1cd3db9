import { encodeMetaFrame, FRAME_HEADER_BYTES, FrameFlag, FrameType } from '../../src/contract/frames.ts';
import type { InvokeMessage, SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import type { Handler } from './dialect.ts';
import { dialects } from './dialects/index.ts';
import { importModule } from './import-module.ts';
import { Instance } from './instance.ts';
import { rehearse } from './rehearsal.ts';
import { web } from './web.ts';

/**
 * Node's modules that much code imports and that are slow to load: 20 ms of CPU together. What they need (`net`, `tls`,
 * `stream`) comes with them.
 */
const MODULES = ['crypto', 'zlib', 'http', 'https', 'http2'] as const;

/** Dry calls a handler: with none a first call takes 2 ms longer, more than a few gain nothing. */
const CALLS = 8;

const message: InvokeMessage = {
  id: 'warm',
  release: 'warm',
  pin: 'warm',
  deadline: 0,
  traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-00',
  http: {
    method: 'POST',
    url: 'http://warm.localhost/warm?x=y',
    headers: ['host', 'warm.localhost', 'accept', '*/*', 'content-type', 'text/plain'],
    remoteAddress: '127.0.0.1',
    route: '/*',
    params: {},
  },
};

/**
 * Pays the cost of a first call while nobody waits for it: evaluates the web's classes, rehearses loading a function,
 * sends dry calls through everything a real one passes, and loads modules of Node's. Before each step `proceed` says
 * whether there is still time.
 */
export async function warm(
  proceed: () => boolean,
  load: (message: SpecialiseMessage) => Promise<Handler>,
): Promise<void> {
  const steps = [() => void web(), () => rehearse(load), dryCalls, ...MODULES.map(loading)];
  for (const step of steps) {
    // A turn of the event loop in between, so that a waiting frame is seen.
    await turn();
    if (!proceed()) return;
    await step();
  }
}

const loading = (name: string) => (): Promise<unknown> => importModule(`node:${name}`);

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Calls of every shape through instances that are connected to nothing. */
async function dryCalls(): Promise<void> {
  const { Response } = globalThis;
  const info = { handler: { file: '', export: '' } } as SpecialiseMessage;
  const dry = async (dialect: string, exported: unknown): Promise<void> =>
    dryInstance(await dialects[dialect]!.bind(exported, info, () => undefined));
  await dry('fetch', () => 'x');
  await dry('fetch', async (request: Request) => new Response(await request.text()));
  await dry('fetch', { fetch: async () => Response.json({ ok: true }) });
  await dry('event', async () => ({ ok: true }));
  await dry('lambda', async () => ({ statusCode: 200, body: 'x' }));
}

async function dryInstance(handler: Handler): Promise<void> {
  const ignored = (): void => undefined;
  const channel = { send: ignored, flush: ignored, flushBeforeEnd: ignored };
  const booted = { protocol: 1, runtime: '', pid: 0 } as const;
  const dry = new Instance(channel, { booted, load: async () => handler, exit: ignored });
  dry.frame(FrameType.SPECIALISE, 0, 0, Buffer.from('{}'));
  await turn();
  const body = Buffer.from('x');
  for (let stream = 1; stream <= CALLS; stream += 1) {
    const frame = encodeMetaFrame(FrameType.INVOKE, FrameFlag.END, stream, JSON.stringify(message), body);
    dry.frame(FrameType.INVOKE, FrameFlag.END, stream, frame.subarray(FRAME_HEADER_BYTES));
    while (dry.calls.size > 0) await turn();
  }
}
