import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpecialiseMessage } from '../../../src/contract/guest-messages.ts';
import type { Call } from '../../node/call.ts';
import type { Responder } from '../../node/responder.ts';
import type { FunctionHost, SupervisedFunction } from '../function-host.ts';
import { END_NOTICE_MS_MAX, FAREWELL_MS_MAX } from '../limits.ts';
import type { Network } from '../network.ts';
import { Program } from '../program.ts';
import { choosePort } from './port.ts';
import { proxy, type Upstream } from './proxy.ts';
import { listening } from './readiness.ts';

/** Files that Node runs. */
const JAVASCRIPT = /\.[cm]?[jt]s$/;

/** A function as an ordinary web server: it listens on `PORT`, calls are requests to it. */
export class HttpServerFunction implements SupervisedFunction {
  readonly #program: Program;
  readonly #upstream: Upstream;

  private constructor(program: Program, upstream: Upstream) {
    this.#program = program;
    this.#upstream = upstream;
  }

  /** Starts the server; resolves when it listens. */
  static async start(
    message: SpecialiseMessage,
    network: Network,
    host: FunctionHost,
  ): Promise<HttpServerFunction> {
    const { codeDir } = message;
    const port = await choosePort(network);
    const variables = { ...process.env, PORT: String(port) };
    const [command, ...parameters] = commandOf(message);
    // Several calls may run, so a line belongs to none that is known, unless one runs alone.
    let calls: ReadonlySet<string> = new Set();
    const program = await Program.start(
      { command: command!, parameters, folder: codeDir, variables },
      (level, text) => {
        const [only] = calls;
        host.line(level, calls.size === 1 ? only! : null, text);
      },
    );
    host.watch(program);
    const { address, everywhere } = await listening(port, network, () => program.running);
    if (everywhere && !network.own) {
      const text = `The server listens on every address of the machine: others can reach port ${port} past the gateway. Let it listen on 127.0.0.1, or set "network: none".`;
      host.line('info', null, text);
    }
    const agent = new Agent({ keepAlive: true, maxFreeSockets: message.perInstance });
    const upstream: Upstream = { address, port, agent, calls: new Set() };
    calls = upstream.calls;
    return new HttpServerFunction(program, upstream);
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const { id } = call.message;
    this.#upstream.calls.add(id);
    try {
      await proxy(this.#upstream, call, respond);
    } catch (thrown) {
      // A connection ends before its process has: the end of the instance then says what became of the call.
      await Promise.race([this.#program.ended, sleep(END_NOTICE_MS_MAX)]);
      if (!this.#program.running) await new Promise(() => undefined);
      throw thrown;
    } finally {
      this.#upstream.calls.delete(id);
    }
  }

  abandon(): void {}

  shutdown(): Promise<void> {
    this.#upstream.agent.destroy();
    return this.#program.end(FAREWELL_MS_MAX);
  }
}

/** What starts the server: the command, or the handler's file by itself. */
function commandOf({ codeDir, command, handler }: SpecialiseMessage): readonly string[] {
  if (command !== undefined) return command;
  const file = join(codeDir, handler.file);
  return JAVASCRIPT.test(file) ? [process.execPath, file] : [file];
}
