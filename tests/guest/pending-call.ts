import {
  decodeMeta,
  encodeChunkFrame,
  encodeFrame,
  encodeU32Frame,
  FrameFlag,
  FrameType,
  STREAM_WINDOW_BYTES,
} from '../../src/contract/frames.ts';
import type { FailureMessage, HeadMessage } from '../../src/contract/guest-messages.ts';
import { within } from './patience.ts';

/** One call as the platform sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly failure: FailureMessage | null;
  /** CPU time that the call settled with, µs; -1 after a failure. */
  readonly cpuUs: number;
  /** Frames of the call's own stream, `HEAD+END+DONE` …; credits left out. */
  readonly frames: readonly string[];
}

/** Where a call puts its frames. */
interface FrameSink {
  send(frame: Buffer): void;
}

/** A call on its way; `answer` settles when the call has. */
export class PendingCall {
  readonly stream: number;
  readonly answer: Promise<Answer>;
  readonly headSeen: Promise<HeadMessage>;
  /** False: response bytes are kept without being acknowledged. */
  consuming = true;
  /** Request bytes that the guest acknowledged. */
  creditedBytes = 0;
  #received = 0;
  #uncredited = 0;
  readonly #sink: FrameSink;
  readonly #parts: Buffer[] = [];
  readonly #frames: string[] = [];
  #head: HeadMessage = { status: 0, headers: [] };
  readonly #resolve: (answer: Answer) => void;
  readonly #sawHead: (head: HeadMessage) => void;

  constructor(stream: number, sink: FrameSink) {
    this.stream = stream;
    this.#sink = sink;
    const answer = Promise.withResolvers<Answer>();
    const head = Promise.withResolvers<HeadMessage>();
    this.answer = within(answer.promise, `an answer to call ${stream}`);
    this.answer.catch(() => undefined);
    this.#resolve = answer.resolve;
    this.headSeen = within(head.promise, `a head for call ${stream}`);
    this.headSeen.catch(() => undefined);
    this.#sawHead = head.resolve;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  chunk(body: Buffer | string, end = false): void {
    this.#sink.send(encodeChunkFrame(end ? FrameFlag.END : 0, this.stream, Buffer.from(body)));
  }

  cancel(): void {
    this.#sink.send(encodeFrame(FrameType.CANCEL, 0, this.stream));
  }

  /** Acknowledges everything that was received. */
  consume(): void {
    if (this.#uncredited === 0) return;
    this.#sink.send(encodeU32Frame(FrameType.CREDIT, this.stream, this.#uncredited));
    this.#uncredited = 0;
  }

  frame(type: number, flags: number, payload: Buffer): void {
    const done = (flags & FrameFlag.DONE) !== 0;
    const flagNames = `${(flags & FrameFlag.END) === 0 ? '' : '+END'}${done ? '+DONE' : ''}`;
    switch (type) {
      case FrameType.CREDIT:
        this.creditedBytes += payload.readUInt32LE(0);
        return;
      case FrameType.HEAD: {
        this.#frames.push(`HEAD${flagNames}`);
        const { meta, body, cpuUs } = decodeMeta<HeadMessage>(payload, flags);
        this.#head = meta;
        this.#sawHead(meta);
        if (body !== null) this.#take(body);
        if (done) this.#settle(cpuUs, null);
        return;
      }
      case FrameType.CHUNK:
        this.#frames.push(`CHUNK${flagNames}`);
        this.#take(done ? payload.subarray(0, payload.length - 4) : payload);
        if (done) this.#settle(payload.readUInt32LE(payload.length - 4), null);
        return;
      case FrameType.DONE:
        this.#frames.push('DONE');
        this.#settle(payload.readUInt32LE(0), null);
        return;
      case FrameType.ERROR:
        this.#frames.push('ERROR');
        this.#settle(-1, JSON.parse(payload.toString()) as FailureMessage);
        return;
      default:
        throw new Error(`unexpected frame ${type}`);
    }
  }

  #take(body: Buffer): void {
    this.#parts.push(body);
    this.#received += body.length;
    this.#uncredited += body.length;
    if (this.#uncredited > STREAM_WINDOW_BYTES) throw new Error('the guest sent more than its window');
    if (this.consuming) this.consume();
  }

  #settle(cpuUs: number, failure: FailureMessage | null): void {
    const { status, headers } = this.#head;
    this.#resolve({ status, headers, body: this.body, failure, cpuUs, frames: this.#frames });
  }
}

/** The value of a header, all of them when repeated. */
export function headerValues(answer: Pick<Answer, 'headers'>, name: string): string[] {
  return answer.headers.filter((_, at) => at % 2 === 1 && answer.headers[at - 1]!.toLowerCase() === name);
}
