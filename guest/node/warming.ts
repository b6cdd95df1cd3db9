import type { SpecialiseMessage } from '../../src/contract/guest-messages.ts';
import type { Handler } from './dialect.ts';
import { dialects } from './dialects/index.ts';
import { DryInstance, turn } from './dry-instance.ts';
import { importModule } from './import-module.ts';
import { rehearse } from './rehearsal.ts';
import { web } from './web.ts';

/**
 * Node's modules that much code imports and that are slow to load: 20 ms of CPU together. What they need (`net`, `tls`,
 * `stream`) comes with them.
 */
const MODULES = ['crypto', 'zlib', 'http', 'https', 'http2'] as const;

/** Dry calls a handler: with none a first call takes 2 ms longer, more than a few gain nothing. */
const CALLS = 8;

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
  const dry = await DryInstance.of(handler);
  for (let stream = 1; stream <= CALLS; stream += 1) {
    dry.call(stream);
    while (dry.isBusy) await turn();
  }
}
