import { AsyncLocalStorage } from 'node:async_hooks';
import {
  decodeMeta,
  encodeJsonFrame,
  encodeU32Frame,
  FrameFlag,
  FrameType,
} from '../../src/contract/frames.ts';
import type {
  BootedMessage,
  FailureMessage,
  InvokeMessage,
  SpecialiseMessage,
} from '../../src/contract/guest-messages.ts';
import { OpenStreams } from '../../src/contract/open-streams.ts';
import { Call } from './call.ts';
import { CpuMeter } from './cpu-meter.ts';
import type { Handler } from './dialect.ts';
import { describeThrown } from './failure.ts';
import { InvalidResponse } from './invalid-response.ts';
import { RequestBody } from './request-body.ts';
import { ResponseStream } from './response-stream.ts';

/** What an instance needs of its socket. */
export interface InstanceChannel {
  send(frame: Buffer): void;
  flush(): void;
  flushBeforeEnd(): void;
}

/** What an instance needs of its process. */
export interface InstanceProcess {
  readonly booted: BootedMessage;
  /** Makes the process the function's own and loads its handler. */
  load(message: SpecialiseMessage): Promise<Handler>;
  /** The instance is drained: run the author's exit listeners and end. */
  exit(): void;
  /** CPU time used until now, µs; without it, this process's. */
  readonly cpuUsage?: () => { readonly user: number; readonly system: number };
}

/**
 * What the process is, and the calls that run in it:
 *
 * ```
 *  booting ──boot──► waiting ──SPECIALISE──► loading ──► ready
 *                        │                      │          │ DRAIN
 *                        │ DRAIN                ▼          ▼
 *                        └───────────► gone ◄── failed   draining ──last call──► gone
 * ```
 */
export class Instance {
  readonly calls = new OpenStreams<Call>();
  /** The call whose code is running now. */
  readonly current = new AsyncLocalStorage<Call>();
  readonly #channel: InstanceChannel;
  readonly #process: InstanceProcess;
  readonly #cpu: CpuMeter;
  #state: 'booting' | 'waiting' | 'loading' | 'failed' | 'ready' | 'draining' | 'gone' = 'booting';
  #handler: Handler | null = null;

  constructor(channel: InstanceChannel, ownProcess: InstanceProcess) {
    this.#channel = channel;
    this.#process = ownProcess;
    this.#cpu = new CpuMeter(ownProcess.cpuUsage);
  }

  get state(): string {
    return this.#state;
  }

  /** Tells the platform that the guest waits for its function. */
  boot(): void {
    if (this.#state !== 'booting') return;
    this.#state = 'waiting';
    this.#channel.send(encodeJsonFrame(FrameType.BOOTED, 0, this.#process.booted));
    this.#channel.flush();
  }

  /** One frame from the platform. @throws RangeError, SyntaxError when the platform broke the protocol */
  readonly frame = (type: number, flags: number, stream: number, payload: Buffer): void => {
    switch (type) {
      case FrameType.INVOKE:
        this.#invoke(stream, flags, payload);
        break;
      case FrameType.CHUNK:
        this.calls.get(stream)?.body.push(payload, (flags & FrameFlag.END) !== 0);
        break;
      case FrameType.CREDIT:
        this.calls.get(stream)?.response.credit(payload.readUInt32LE(0));
        break;
      case FrameType.CANCEL: {
        const call = this.calls.get(stream);
        // The author's abort listeners run now; what they print belongs to the call.
        if (call !== undefined) this.current.run(call, () => call.cancel());
        break;
      }
      case FrameType.SPECIALISE:
        void this.#specialise(JSON.parse(payload.toString('utf8')) as SpecialiseMessage);
        break;
      case FrameType.DRAIN:
        this.#drain();
        break;
      case FrameType.WAKE:
        break;
      default:
        throw new RangeError(`A frame of type ${type} is not for a guest.`);
    }
  };

  /**
   * Says the last words of a process that is about to end: every running call fails. Those of calls other than the
   * `culprit`, when it is known, name the instance's end and not its reason.
   */
  failAll(
    reason: Pick<FailureMessage, 'code' | 'name' | 'message'> & { stack?: string },
    culprit?: Call,
  ): void {
    const failure: FailureMessage = { stack: '', ...reason, cpuUs: 0, fatal: true };
    if (this.#state === 'loading') {
      this.#channel.send(encodeJsonFrame(FrameType.ERROR, 0, { ...failure, code: 'FUNCTION_INIT_FAILED' }));
    }
    const known = culprit !== undefined && this.calls.get(culprit.stream) === culprit;
    this.#state = 'gone';
    const calls = this.calls.all();
    for (let at = 0; at < calls.length; at += 1) {
      const call = calls[at]!;
      const told = known && call !== culprit ? INSTANCE_ENDED : failure;
      this.#fail(call, { ...told, cpuUs: this.#cpu.stop(call.cpuStart) });
    }
    this.#channel.flushBeforeEnd();
  }

  async #specialise(message: SpecialiseMessage): Promise<void> {
    // Somebody waits already: what is not warm yet is loaded on the way.
    this.boot();
    if (this.#state !== 'waiting') {
      const refused = refusal(`The instance is ${this.#state}; it becomes a function once in its life.`);
      this.#channel.send(encodeJsonFrame(FrameType.ERROR, 0, refused));
      return;
    }
    this.#state = 'loading';
    const startedAt = performance.now();
    try {
      this.#handler = await this.#process.load(message);
    } catch (thrown) {
      this.#initFailed(thrown);
      return;
    }
    if (this.#state !== 'loading') return;
    this.#state = 'ready';
    this.#cpu.reset();
    const initMs = performance.now() - startedAt;
    this.#channel.send(encodeJsonFrame(FrameType.SPECIALISED, 0, { initMs }));
    this.#channel.flush();
  }

  #initFailed(thrown: unknown): void {
    if (this.#state === 'gone') return;
    this.#state = 'failed';
    const { name, message, stack } = describeThrown(thrown);
    const failure: FailureMessage = {
      code: 'FUNCTION_INIT_FAILED',
      name,
      message,
      stack,
      cpuUs: 0,
      fatal: true,
    };
    this.#channel.send(encodeJsonFrame(FrameType.ERROR, 0, failure));
    this.#channel.flush();
  }

  #invoke(stream: number, flags: number, payload: Buffer): void {
    if (this.#state !== 'ready' || stream === 0 || this.calls.has(stream)) {
      throw new RangeError(`Call ${stream} came to an instance that is ${this.#state}.`);
    }
    const { meta, body: first } = decodeMeta<InvokeMessage>(payload, flags);
    const body = new RequestBody(first, (flags & FrameFlag.END) !== 0, (bytes) => {
      this.#channel.send(encodeU32Frame(FrameType.CREDIT, stream, bytes));
    });
    const response = new ResponseStream(stream, this.#channel, () => this.#close(call));
    const call: Call = new Call(stream, meta, body, response, this.#cpu.start());
    this.calls.set(stream, call);
    this.current.run(call, this.#serve, this.#handler!, call);
  }

  /** Runs one call to its end; never throws. A handler that answers at once costs no promise. */
  readonly #serve = (handler: Handler, call: Call): void => {
    try {
      const running = handler.serve(call, call.response);
      if (running === undefined) this.#finish(call);
      else void this.#finishLater(call, running);
    } catch (thrown) {
      this.#threw(call, thrown);
    }
  };

  async #finishLater(call: Call, running: Promise<void>): Promise<void> {
    try {
      await running;
    } catch (thrown) {
      this.#threw(call, thrown);
      return;
    }
    this.#finish(call);
  }

  #finish(call: Call): void {
    if (!this.calls.has(call.stream)) return;
    if (call.response.ended) call.response.settle(() => this.#cpu.stop(call.cpuStart));
    else this.#threw(call, new InvalidResponse('The handler finished without a complete response.'));
  }

  #threw(call: Call, thrown: unknown): void {
    if (!this.calls.has(call.stream)) return;
    const { name, message, stack } = describeThrown(thrown);
    const code = InvalidResponse.is(thrown) ? 'RESPONSE_INVALID' : 'FUNCTION_THREW';
    this.#fail(call, { code, name, message, stack, cpuUs: this.#cpu.stop(call.cpuStart), fatal: false });
  }

  #fail(call: Call, failure: FailureMessage): void {
    call.response.abandon();
    this.#channel.send(encodeJsonFrame(FrameType.ERROR, call.stream, failure));
    this.#close(call);
  }

  #close(call: Call): void {
    this.calls.delete(call.stream);
    // Nothing else runs: no other frame to wait for, so hand over at once.
    if (this.calls.size > 0) return;
    this.#channel.flush();
    if (this.#state === 'draining') void this.#leave();
  }

  #drain(): void {
    if (this.#state === 'draining' || this.#state === 'gone') return;
    this.#state = 'draining';
    if (this.calls.size === 0) void this.#leave();
  }

  async #leave(): Promise<void> {
    this.#state = 'gone';
    try {
      await this.#handler?.shutdown?.();
    } catch (thrown) {
      globalThis.console.error(describeThrown(thrown).stack);
    }
    this.#channel.flushBeforeEnd();
    this.#process.exit();
  }
}

function refusal(message: string): FailureMessage {
  return {
    code: 'FUNCTION_INIT_FAILED',
    name: 'AlreadySpecialised',
    message,
    stack: '',
    cpuUs: 0,
    fatal: false,
  };
}

/** For calls that end because another one ended the process. */
const INSTANCE_ENDED: FailureMessage = {
  code: 'FUNCTION_EXITED',
  name: 'InstanceEnded',
  message: 'Another call ended the instance.',
  stack: '',
  cpuUs: 0,
  fatal: true,
};
