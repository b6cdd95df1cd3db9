import { join } from 'node:path';
import type { SpecialiseMessage } from '../../../src/contract/guest-messages.ts';
import { LAYERS_FOLDER } from '../../../src/contract/layers.ts';
import type { Call } from '../../node/call.ts';
import type { Responder } from '../../node/responder.ts';
import type { FunctionHost, SupervisedFunction } from '../function-host.ts';
import { FAREWELL_MS_MAX, RUNTIME_FAREWELL_MS } from '../limits.ts';
import { Program } from '../program.ts';
import { amazonShell } from './amazon-shell.ts';
import { Extensions } from './extensions.ts';
import { Invocation } from './invocation.ts';
import { Invocations } from './invocations.ts';
import { payloadOf } from './payload.ts';
import type { RuntimeApi } from './runtime-api.ts';
import { Telemetry } from './telemetry.ts';
import { lambdaVariables } from './variables.ts';

/** A function as a program that asks AWS's Runtime API for its calls. */
export class CustomRuntime implements SupervisedFunction {
  readonly #telemetry: Telemetry;
  readonly #extensions: Extensions;
  readonly #invocations: Invocations;
  readonly #host: FunctionHost;
  #program: Program | null = null;

  private constructor(message: SpecialiseMessage, host: FunctionHost) {
    this.#host = host;
    this.#telemetry = new Telemetry(message.memoryMb);
    this.#extensions = new Extensions({
      failed: host.failed,
      line: (level, text) => host.line(level, this.currentId, text),
      telemetry: this.#telemetry,
      arn: () => this.#invocations.arn,
    });
    this.#invocations = new Invocations(message.perInstance, this.#extensions);
  }

  /** Starts extensions and runtime; resolves when all of them wait for a call. `address`: of the API. */
  static async start(
    message: SpecialiseMessage,
    api: RuntimeApi,
    address: string,
    host: FunctionHost,
  ): Promise<CustomRuntime> {
    const variables = lambdaVariables(message, address);
    const runtime = new CustomRuntime(message, host);
    api.serve({
      invocations: runtime.#invocations,
      extensions: runtime.#extensions,
      telemetry: runtime.#telemetry,
      initFailed: host.failed,
    });
    await runtime.#init(message, variables);
    return runtime;
  }

  get currentId(): string | null {
    return this.#invocations.currentId;
  }

  async serve(call: Call, respond: Responder): Promise<void> {
    const invocation = new Invocation(call, await payloadOf(call), respond);
    this.#invocations.add(invocation);
    await invocation.settled;
  }

  abandon(): void {
    this.#invocations.close();
  }

  /**
   * As AWS does it: without extensions the runtime is ended at once; beside some it gets SIGTERM and a moment, and they
   * what is left of the time.
   */
  async shutdown(): Promise<void> {
    const startedAt = performance.now();
    const accompanied = this.#extensions.programs.length > 0;
    await this.#program?.end(accompanied ? RUNTIME_FAREWELL_MS : 0);
    if (!accompanied) return;
    await this.#telemetry.flush();
    await this.#extensions.shutDown(FAREWELL_MS_MAX - (performance.now() - startedAt));
  }

  async #init(message: SpecialiseMessage, variables: NodeJS.ProcessEnv): Promise<void> {
    const { codeDir, handler } = message;
    const startedAt = performance.now();
    const phase = { initializationType: 'on-demand', phase: 'init' };
    const name = { functionName: message.function, functionVersion: message.version };
    this.#telemetry.platform('initStart', { ...phase, ...name });
    await this.#extensions.launch(join(codeDir, LAYERS_FOLDER, 'extensions'), codeDir, variables);
    const file = join(codeDir, handler.file);
    const [command, ...parameters] = message.command ?? [file];
    const shell = message.command === undefined ? amazonShell(file) : null;
    const spec = shell === null ? { command: command!, parameters } : { ...shell, parameters: [file] };
    this.#program = await Program.start({ ...spec, folder: codeDir, variables }, (level, text) => {
      this.#telemetry.line('function', text);
      this.#host.line(level, this.currentId, text);
    });
    this.#host.watch(this.#program);
    await this.#invocations.asked;
    await this.#extensions.ready();
    this.#telemetry.platform('initRuntimeDone', { ...phase, status: 'success' });
    this.#telemetry.platform('initReport', {
      ...phase,
      metrics: { durationMs: performance.now() - startedAt },
    });
    this.#telemetry.close();
  }
}
