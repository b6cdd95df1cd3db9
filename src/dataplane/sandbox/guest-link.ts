import type { Duplex } from 'node:stream';
import {
  decodeMeta,
  encodeFrame,
  encodeJsonFrame,
  encodeMetaFrame,
  FrameFlag,
  FrameReader,
  FrameType,
} from '../../contract/frames.ts';
import type {
  BootedMessage,
  FailureMessage,
  HeadMessage,
  LogMessage,
  SpecialisedMessage,
  SpecialiseMessage,
} from '../../contract/guest-messages.ts';
import { OpenStreams } from '../../contract/open-streams.ts';
import type { CompileCache } from '../../ports/artifacts.ts';
import { CompileCacheReader } from './compile-cache-reader.ts';
import { GuestStream, type StreamEvents } from './guest-stream.ts';
import { isHead, readBooted, readFailure, readLog, readSpecialised } from './incoming-messages.ts';

/** What a guest tells about itself: `booted` at most once, and after `specialise` one of `specialised` and `initFailed`. */
export interface GuestEvents {
  booted(message: BootedMessage): void;
  /** `compileCache`: the one that it was asked to make. */
  specialised(message: SpecialisedMessage, compileCache: CompileCache | null): void;
  initFailed(failure: FailureMessage): void;
  log(messages: readonly LogMessage[]): void;
  /** The guest sent something that the protocol does not allow; the link is dead, kill the sandbox. */
  violated(what: string): void;
}

const WAKE = encodeFrame(FrameType.WAKE, 0, 0);

/**
 * The platform's end of the guest protocol (see contract/frames.ts): turns calls into frames and frames into
 * events. Trusts nothing that comes from the guest: whatever is out of order or out of bounds is a violation.
 */
export class GuestLink {
  readonly #channel: Duplex;
  readonly #events: GuestEvents;
  readonly #streams = new OpenStreams<GuestStream>();
  readonly #reader: FrameReader;
  #nextStream = 1;
  #dead = false;
  #booted = false;
  /** It was told to specialise, and has not said yet what came of it. */
  #specialising = false;
  /** Takes the cache that the guest was asked for, until it is specialised. */
  #cacheReader: CompileCacheReader | null = null;
  /** Frames of several calls share an instance: collect them per loop turn into one write. Null: write through. */
  #batch: Buffer[] | null = null;
  readonly #flushBatch = (): void => {
    const batch = this.#batch!;
    if (batch.length === 0 || this.#dead) return;
    this.#channel.write(batch.length === 1 ? batch[0]! : Buffer.concat(batch));
    batch.length = 0;
  };

  readonly #send = (frame: Buffer): void => {
    if (this.#dead) return;
    const batch = this.#batch;
    if (batch === null) {
      this.#channel.write(frame);
      return;
    }
    if (batch.push(frame) === 1) setImmediate(this.#flushBatch);
  };

  constructor(channel: Duplex, events: GuestEvents) {
    this.#channel = channel;
    this.#events = events;
    this.#reader = new FrameReader((type, flags, stream, payload) =>
      this.#frame(type, flags, stream, payload),
    );
    channel.on('data', (chunk: Buffer) => this.#data(chunk));
    // The sandbox's exit tells why; an error on the socket only repeats that it has gone.
    channel.on('error', () => this.close());
  }

  /** Wakes the guest: a frame that it has to work on follows. */
  wake(): void {
    this.#channel.write(WAKE);
  }

  /** Specialise for a version that serves `perInstance` calls at a time. */
  specialise(message: SpecialiseMessage, perInstance: number): void {
    if (perInstance > 1) this.#batch = [];
    this.#specialising = true;
    if (message.makeCompileCache) this.#cacheReader = new CompileCacheReader();
    this.#channel.write(encodeJsonFrame(FrameType.SPECIALISE, 0, message));
  }

  /** Opens a call. `metaJson` is an `InvokeMessage` as JSON text. */
  open(metaJson: string, body: Buffer | null, end: boolean, events: StreamEvents): GuestStream {
    const stream = new GuestStream(this.#nextStream, events, this.#send);
    this.#nextStream = this.#nextStream === 0xffffffff ? 1 : this.#nextStream + 1;
    this.#streams.set(stream.id, stream);
    const flags = end ? FrameFlag.END : 0;
    this.#send(encodeMetaFrame(FrameType.INVOKE, flags, stream.id, metaJson, body));
    if (body !== null) stream.spend(body.length);
    return stream;
  }

  drain(): void {
    this.#send(encodeFrame(FrameType.DRAIN, 0, 0));
  }

  /** Nothing more is sent or told. */
  close(): void {
    this.#dead = true;
    this.#streams.clear();
  }

  #data(chunk: Buffer): void {
    if (this.#dead) return;
    try {
      this.#reader.push(chunk);
    } catch (thrown) {
      this.#violated(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #violated(what: string): void {
    if (this.#dead) return;
    this.close();
    this.#events.violated(what);
  }

  #frame(type: number, flags: number, id: number, payload: Buffer): void {
    if (this.#dead) return;
    if (id === 0) {
      this.#instanceFrame(type, flags, payload);
      return;
    }
    const stream = this.#streams.get(id);
    // A call that was given up (cancelled, timed out) may still be answered: that answer is of no use.
    if (stream === undefined) {
      if (id >= this.#nextStream) this.#violated(`a frame for call ${id}, which was never made`);
      return;
    }
    this.#callFrame(stream, type, flags, payload);
  }

  #instanceFrame(type: number, flags: number, payload: Buffer): void {
    switch (type) {
      case FrameType.BOOTED:
        if (this.#booted) throw new RangeError('a second boot');
        this.#booted = true;
        this.#events.booted(readBooted(payload));
        break;
      case FrameType.SPECIALISED: {
        this.#specialisingEnds();
        const compileCache = this.#cacheReader?.finish() ?? null;
        this.#cacheReader = null;
        this.#events.specialised(readSpecialised(payload), compileCache);
        break;
      }
      case FrameType.CACHE:
        if (this.#cacheReader === null) throw new RangeError('a compile cache that it was not asked for');
        this.#cacheReader.add(payload, flags);
        break;
      case FrameType.ERROR:
        this.#specialisingEnds();
        this.#events.initFailed(readFailure(payload));
        break;
      case FrameType.LOG:
        this.#events.log(readLog(payload));
        break;
      default:
        throw new RangeError(`a frame of type ${type} about the instance`);
    }
  }

  #specialisingEnds(): void {
    if (!this.#specialising) throw new RangeError('it became a function unasked, or for a second time');
    this.#specialising = false;
  }

  #callFrame(stream: GuestStream, type: number, flags: number, payload: Buffer): void {
    switch (type) {
      case FrameType.HEAD: {
        if (stream.headSeen) throw new RangeError('a second head for one call');
        const { meta, body, cpuUs } = decodeMeta<HeadMessage>(payload, flags);
        if (!isHead(meta)) throw new RangeError('a head without a status or headers');
        stream.headSeen = true;
        this.#body(stream, flags, body, cpuUs, meta);
        break;
      }
      case FrameType.CHUNK: {
        if (!stream.headSeen || stream.endSeen) throw new RangeError('a body part out of order');
        const done = (flags & FrameFlag.DONE) !== 0;
        if (done && payload.length < 4) throw new RangeError('a last part without its CPU time');
        const body = done ? payload.subarray(0, payload.length - 4) : payload;
        this.#body(stream, flags, body, done ? payload.readUInt32LE(payload.length - 4) : 0, null);
        break;
      }
      case FrameType.CREDIT:
        if (payload.length !== 4) throw new RangeError('a credit of a wrong size');
        if (!stream.credited(payload.readUInt32LE(0))) throw new RangeError('credit for what was not sent');
        break;
      case FrameType.ERROR:
        this.#streams.delete(stream.id);
        stream.events.failed(readFailure(payload));
        break;
      case FrameType.DONE:
        if (!stream.endSeen || payload.length !== 4)
          throw new RangeError('a call settled before it was answered');
        this.#streams.delete(stream.id);
        stream.events.settled(payload.readUInt32LE(0));
        break;
      default:
        throw new RangeError(`a frame of type ${type} about a call`);
    }
  }

  #body(
    stream: GuestStream,
    flags: number,
    body: Buffer | null,
    cpuUs: number,
    head: HeadMessage | null,
  ): void {
    const done = (flags & FrameFlag.DONE) !== 0;
    const end = done || (flags & FrameFlag.END) !== 0;
    if (body !== null && !stream.receive(body.length))
      throw new RangeError('more body than the window allows');
    stream.endSeen = end;
    if (done) this.#streams.delete(stream.id);
    if (head !== null) stream.events.head(head, body, end);
    else stream.events.chunk(body!, end);
    if (done) stream.events.settled(cpuUs);
  }

  /** Forget a call that was given up. */
  abandon(stream: GuestStream): void {
    this.#streams.delete(stream.id);
  }
}
