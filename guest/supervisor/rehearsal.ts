import { Agent, type IncomingMessage, request } from 'node:http';
import { encodeMetaFrame, FRAME_HEADER_BYTES, FrameFlag, FrameType } from '../../src/contract/frames.ts';
import type { InvokeMessage } from '../../src/contract/guest-messages.ts';
import { Instance } from '../node/instance.ts';
import { Extensions } from './lambda/extensions.ts';
import { Invocation } from './lambda/invocation.ts';
import { Invocations } from './lambda/invocations.ts';
import { payloadOf } from './lambda/payload.ts';
import type { RuntimeApi } from './lambda/runtime-api.ts';
import { Telemetry } from './lambda/telemetry.ts';
import { Program } from './program.ts';

/** Dry calls: with none, starting a program and its first call take 15 ms of CPU. */
const CALLS = 8;
const NOWHERE = '/nowhere';

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
 * Pays for a first call while nobody waits for it: starts a program that is not there, and sends dry calls through the API, so that all
 * of it is compiled. Stops when `proceed` says that somebody waits.
 */
export async function rehearse(api: RuntimeApi, address: string, proceed: () => boolean): Promise<void> {
  const ignored = (): void => undefined;
  const telemetry = new Telemetry(0);
  const extensions = new Extensions({ failed: ignored, line: ignored, telemetry, arn: () => '' });
  const invocations = new Invocations(1, extensions);
  await extensions.launch(NOWHERE, '/', {});
  const program = { command: NOWHERE, parameters: [], folder: '/', variables: {} };
  await Program.start(program, ignored).catch(ignored);
  api.serve({ invocations, extensions, telemetry, initFailed: ignored });
  const dry = new Instance(
    { send: ignored, flush: ignored, flushBeforeEnd: ignored },
    {
      booted: { protocol: 1, runtime: '', pid: 0 },
      load: async () => ({
        async serve(call, respond) {
          const invocation = new Invocation(call, await payloadOf(call), respond);
          invocations.add(invocation);
          await invocation.settled;
        },
      }),
      exit: ignored,
    },
  );
  dry.frame(FrameType.SPECIALISE, 0, 0, Buffer.from('{}'));
  // A turn of the event loop, in which it becomes ready.
  await new Promise((resolve) => void setImmediate(resolve));
  const client = new Client(address);
  for (let stream = 1; stream <= CALLS && proceed(); stream += 1) {
    const next = client.ask('GET', '/2018-06-01/runtime/invocation/next', '');
    const frame = encodeMetaFrame(
      FrameType.INVOKE,
      FrameFlag.END,
      stream,
      JSON.stringify(message),
      Buffer.from('x'),
    );
    dry.frame(FrameType.INVOKE, FrameFlag.END, stream, frame.subarray(FRAME_HEADER_BYTES));
    await next;
    await client.ask('POST', `/2018-06-01/runtime/invocation/${message.id}/response`, '{"statusCode":200}');
  }
  client.close();
}

/** What a runtime does. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #host: string;
  readonly #port: string;

  constructor(address: string) {
    [this.#host, this.#port] = address.split(':') as [string, string];
  }

  ask(method: string, path: string, body: string): Promise<void> {
    const options = { host: this.#host, port: this.#port, agent: this.#agent, method, path };
    return new Promise((resolve, reject) => {
      const req = request(options, (res: IncomingMessage) => {
        res.resume();
        res.once('end', resolve);
      });
      req.once('error', reject);
      req.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
