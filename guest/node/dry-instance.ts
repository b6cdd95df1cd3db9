import { encodeMetaFrame, FRAME_HEADER_BYTES, FrameFlag, FrameType } from '../../src/contract/frames.ts';
import type { InvokeMessage } from '../../src/contract/guest-messages.ts';
import type { Handler } from './dialect.ts';
import { Instance } from './instance.ts';

/** What every dry call is. */
export const DRY_CALL: InvokeMessage = {
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

/** An instance that is connected to nothing: calls pass through all that a real one passes, and nobody is told. */
export class DryInstance {
  readonly #instance: Instance;

  private constructor(handler: Handler) {
    const ignored = (): void => undefined;
    const channel = { send: ignored, flush: ignored, flushBeforeEnd: ignored };
    const booted = { protocol: 1, runtime: '', pid: 0 } as const;
    this.#instance = new Instance(channel, { booted, load: async () => handler, exit: ignored });
  }

  /** One that is ready for calls. */
  static async of(handler: Handler): Promise<DryInstance> {
    const dry = new DryInstance(handler);
    dry.#instance.frame(FrameType.SPECIALISE, 0, 0, Buffer.from('{}'));
    // A turn of the event loop, in which it becomes ready.
    await turn();
    return dry;
  }

  /** Whether a call has not settled yet. */
  get isBusy(): boolean {
    return this.#instance.calls.size > 0;
  }

  /** Begins a call; each needs a stream of its own. */
  call(stream: number): void {
    const body = Buffer.from('x');
    const frame = encodeMetaFrame(FrameType.INVOKE, FrameFlag.END, stream, JSON.stringify(DRY_CALL), body);
    this.#instance.frame(FrameType.INVOKE, FrameFlag.END, stream, frame.subarray(FRAME_HEADER_BYTES));
  }
}

export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
