import { Agent, type IncomingMessage, request } from 'node:http';
import { DRY_CALL, DryInstance } from '../node/dry-instance.ts';
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
  const dry = await DryInstance.of({
    async serve(call, respond) {
      const invocation = new Invocation(call, await payloadOf(call), respond);
      invocations.add(invocation);
      await invocation.settled;
    },
  });
  const client = new Client(address);
  for (let stream = 1; stream <= CALLS && proceed(); stream += 1) {
    const next = client.ask('GET', '/2018-06-01/runtime/invocation/next', '');
    dry.call(stream);
    await next;
    await client.ask('POST', `/2018-06-01/runtime/invocation/${DRY_CALL.id}/response`, '{"statusCode":200}');
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
